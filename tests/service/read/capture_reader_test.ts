import { assertEquals, assertLess, assertRejects, assertStringIncludes } from "../../assert.ts";
import { lacksLibpcap } from "../../capture/source/lacks_libpcap.ts";
import { ethernet } from "../../capture/frame_builder.ts";
import { type Captured, pcapFile, START_US } from "../../capture/pcap_records.ts";
import { parseRecord } from "../../record_schema.ts";
import { testWhen } from "../../skip.ts";
import { CaptureError } from "../../../system/capture_error.ts";
import { CaptureReader } from "../../../service/read/capture_reader.ts";
import { RecordLines } from "../../../service/read/record_lines.ts";
import { type FlowRecord, isGap, type LogRecord } from "../../../record/log_record.ts";

const MISSING = lacksLibpcap();
const CLIENT = "192.168.1.20";

function udp(destination: string, sourcePort = 5000) {
  return ethernet().ipv4({ source: CLIENT, destination }).udp({ sourcePort, destinationPort: 9 });
}

/** What a reader makes of files, one after the other. */
async function read(
  paths: readonly string[],
  options: { includeInternal?: boolean; localNetworks?: readonly string[] } = {},
) {
  const records: LogRecord[] = [];
  const portions: number[] = [];
  const reader = new CaptureReader({
    localNetworks: options.localNetworks ?? [],
    includeInternal: options.includeInternal ?? false,
    records: await RecordLines.open({
      geoDbPaths: [],
      onLines: (lines) => {
        portions.push(lines.length);
        records.push(...lines.map(parseRecord));
      },
    }),
  });
  const results = [];
  for (const path of paths) results.push(await reader.read(path));
  const flows = records.filter((record): record is FlowRecord => !isGap(record));
  return { records, flows, results, portions };
}

testWhen(
  MISSING,
  "`CaptureReader.read()` gives the records of a file and what was in it",
  async () => {
    using file = pcapFile([
      { frame: udp("9.9.9.9") },
      { frame: udp("9.9.9.9"), timeUs: START_US + 1 },
      { frame: udp("192.168.1.1") },
      { frame: ethernet({ etherType: 0x0806 }).payload(new Uint8Array(28)) },
    ]);
    const { flows, results } = await read([file.path]);
    assertEquals(flows.map(({ destination }) => destination.ip), ["9.9.9.9"]);
    assertEquals(flows[0].destination.geo?.country_iso_code, "US");
    assertEquals(flows[0].network.packets, 2);
    assertEquals(flows[0].wifilogger.end_reason, "shutdown");
    assertEquals(flows[0].wifilogger.clock, undefined);

    const [{ counters, flows: flowsSeen, records, damage }] = results;
    assertEquals([flowsSeen, records, damage], [1, 1, undefined]);
    assertEquals([counters.frames, counters.notIp, counters.internalPackets], [4, 1, 1]);
  },
);

testWhen(
  MISSING,
  "`CaptureReader.read()` gives the flows that the end of a file ends in portions",
  async () => {
    using file = pcapFile(Array.from({ length: 1000 }, (_, i) => ({ frame: udp("9.9.9.9", i) })));
    const { flows, portions } = await read([file.path]);
    assertEquals(flows.length, 1000);
    assertLess(Math.max(...portions), 200);
  },
);

testWhen(MISSING, "`CaptureReader.read()` logs what is internal when it is told to", async () => {
  using file = pcapFile([{ frame: udp("192.168.1.1") }]);
  assertEquals((await read([file.path])).flows, []);
  const { flows } = await read([file.path], { includeInternal: true });
  assertEquals(flows.map(({ network }) => network.direction), ["internal"]);
});

testWhen(MISSING, "`CaptureReader.read()` takes further networks for local", async () => {
  using file = pcapFile([{ frame: udp("9.9.9.9") }]);
  assertEquals((await read([file.path], { localNetworks: ["9.9.9.0/24"] })).flows, []);
});

testWhen(
  MISSING,
  "`CaptureReader.read()` of a file longer than a batch loses nothing",
  async () => {
    const captured: Captured[] = Array.from({ length: 3000 }, (_, i) => ({
      frame: udp("9.9.9.9", 1024 + i),
      timeUs: START_US + i * 1000,
    }));
    using file = pcapFile(captured, { snaplen: 1500 });
    const { flows, results } = await read([file.path]);
    assertEquals(new Set(flows.map(({ source }) => source.port)).size, 3000);
    assertEquals(results[0].records, 3000);
  },
);

testWhen(
  MISSING,
  "`CaptureReader.read()` gives what comes before a damage, and the damage",
  async () => {
    using file = pcapFile([{ frame: udp("9.9.9.9") }, { frame: udp("8.8.8.8") }], { cutBytes: 3 });
    const { flows, results } = await read([file.path]);
    assertEquals(flows.map(({ destination }) => destination.ip), ["9.9.9.9"]);
    assertStringIncludes(results[0].damage!.message, file.path);
  },
);

testWhen(
  MISSING,
  "`CaptureReader.read()` tells of damaged IP packets in a gap record",
  async () => {
    using file = pcapFile([{ frame: udp("9.9.9.9"), snaplen: 20 }, { frame: udp("9.9.9.9") }]);
    const gaps = (await read([file.path])).records.filter(isGap);
    assertEquals(gaps.map(({ wifilogger }) => wifilogger.gap), [{
      reason: "undecodable",
      count: 1,
    }]);
  },
);

testWhen(
  MISSING,
  "`CaptureReader.read()` refuses a link type that it does not read, and names it",
  async () => {
    const IEEE802_11 = 105;
    using file = pcapFile([], { linkType: IEEE802_11 });
    const error = await assertRejects(() => read([file.path]), CaptureError, "IEEE802_11");
    assertEquals(error.kind, "unsupported");
    assertStringIncludes(error.message, file.path);
  },
);
