/**
 * `read` over real and hostile captures: every line is a record by the schema, nothing is lost or counted twice, and names are right.
 *
 * The sums are held against libpcap itself and tshark, the names against tshark and against nDPI's own regression
 * results. Each capture is read once, for all of these tests.
 */

import { basename } from "@std/path";
import ipaddr from "ipaddr.js";
import { type FlowRecord, isGap, type LogRecord } from "../../record/log_record.ts";
import { assertEquals, assertGreater, assertGreaterOrEqual } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { inParallel } from "../in_parallel.ts";
import { wifilogger } from "../program.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";
import { endsOfRecord } from "./flow_ends.ts";
import { namesByTshark } from "./names_by_tshark.ts";
import {
  expectedNames,
  isNamedAsExpected,
  lacksExpectedNames,
  reasonFor,
} from "./names_expected.ts";
import { nameBySource, namesIn } from "./names_true.ts";
import { libpcapPackets, tsharkFrameBytes } from "./sums_by_others.ts";

const LEAST_SHARE_NAMED = 0.98;

const paths = capturePaths();

/** What `read --include-internal` makes of a capture. */
interface ReadCapture {
  readonly records: readonly LogRecord[];
  /** Frames in the file, of IP and of everything else. */
  readonly frames: number;
}

const readings = new Map<string, Promise<ReadCapture>>();

function readCapture(path: string): Promise<ReadCapture> {
  let reading = readings.get(path);
  if (reading === undefined) readings.set(path, reading = read());
  return reading;

  async function read(): Promise<ReadCapture> {
    const { code, stdout, stderr } = await wifilogger(["read", "--include-internal", path]);
    assertEquals(code, 0, stderr);
    return {
      records: parseRecords(stdout),
      frames: Number(/: ([\d,]+) frames?, /.exec(stderr)?.[1].replaceAll(",", "")),
    };
  }
}

async function flowRecordsOf(path: string): Promise<FlowRecord[]> {
  const { records } = await readCapture(path);
  return records.filter((record) => !isGap(record)) as FlowRecord[];
}

testWhen(
  lacksCaptures(),
  "`read` ends well and writes records by the schema for every capture",
  async () => {
    await inParallel(paths, async (path) => void await readCapture(path));
  },
);

testWhen(
  lacksCaptures() ?? lacks({ commands: ["tcpdump"] }),
  "`read --include-internal` counts as many IP packets as libpcap for every capture",
  async () => {
    await inParallel(paths, async (path) => {
      const { packets, damaged } = await sumsOf(path);
      assertEquals(packets + damaged, await libpcapPackets(path), basename(path));
    });
  },
);

testWhen(
  lacksCaptures() ?? lacks({ commands: ["tshark", "mergecap"] }),
  "`read --include-internal` counts the bytes that the IP headers state for every capture",
  async () => {
    const byFrame = await tsharkFrameBytes(paths);
    let first = 0;
    for (const path of paths) {
      const { frames } = await readCapture(path);
      const stated = byFrame.slice(first, first += frames).reduce((sum, bytes) => sum + bytes, 0);
      const { bytes, damaged } = await sumsOf(path);
      if (damaged === 0) assertEquals(bytes, stated, basename(path));
    }
    assertEquals(first, byFrame.length);
  },
);

async function sumsOf(path: string) {
  const sums = { packets: 0, bytes: 0, damaged: 0 };
  for (const record of (await readCapture(path)).records) {
    if (isGap(record)) {
      sums.damaged += record.wifilogger.gap.count ?? 0;
    } else {
      assertEquals(record.network.packets, record.source.packets + record.destination.packets);
      assertEquals(record.network.bytes, record.source.bytes + record.destination.bytes);
      sums.packets += record.network.packets;
      sums.bytes += record.network.bytes;
    }
  }
  return sums;
}

testWhen(
  lacksCaptures() ?? lacks({ commands: ["tshark"] }),
  "`read` gives no flow a name that tshark does not see for it",
  async () => {
    const wrong: string[] = [];
    let names = 0;
    await inParallel(paths, async (path) => {
      const [records, seen] = await Promise.all([flowRecordsOf(path), namesByTshark(path)]);
      for (const record of records) {
        assertEquals(record.destination.domain, nameBySource(record));
        for (const { name, isTrue } of namesIn(record, seen)) {
          names++;
          if (!isTrue) wrong.push(`${basename(path)}: ${name} in ${JSON.stringify(record)}`);
        }
      }
    });
    console.log(`${names} names in records, ${wrong.length} of them not seen by tshark`);
    assertEquals(wrong, []);
    assertGreater(names, 0);
  },
);

testWhen(
  lacksExpectedNames(),
  "`read` names flows as nDPI does, or the packets say why not",
  async () => {
    const rows = expectedNames();
    const recordsOf = new Map<string, FlowRecord[]>();
    for (const path of new Set(rows.map(({ path }) => path))) {
      const byEnds = Map.groupBy(await flowRecordsOf(path), endsOfRecord);
      for (const [ends, records] of byEnds) recordsOf.set(`${path} ${ends}`, records);
    }
    const named = rows.map((row) => ({
      ...row,
      isNamed: isNamedAsExpected(row, recordsOf.get(`${row.path} ${row.ends}`) ?? []),
    }));
    const otherwise = named.filter(({ isNamed }) => !isNamed);
    for (const row of otherwise) console.log(`${row.text}: ${reasonFor(row) ?? "why?"}`);
    assertEquals(
      otherwise.filter((row) => reasonFor(row) === undefined).map(({ text }) => text),
      [],
    );

    // Most rows have an address where others have a name: they must not hide how many names are missing.
    const withName = named.filter(({ name }) => !ipaddr.isValid(name));
    for (const some of [named, withName]) {
      const share = some.filter(({ isNamed }) => isNamed).length / some.length;
      console.log(`${(share * 100).toFixed(2)} % of ${some.length} flows are named as expected`);
      assertGreaterOrEqual(share, LEAST_SHARE_NAMED);
    }
  },
);
