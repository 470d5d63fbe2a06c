/**
 * `read` over real and hostile captures: every line is a record by the schema, and nothing is lost or counted twice.
 *
 * The sums are held against libpcap itself: tcpdump compiles a filter for IP packets, on plain, VLAN-tagged and PPPoE
 * frames, and tshark gives the lengths that the outermost IP headers state.
 */

import { basename } from "@std/path";
import { type FlowRecord, isGap } from "../../record/log_record.ts";
import { assertEquals } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { wifilogger } from "../program.ts";
import { inParallel } from "../in_parallel.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";

const paths = capturePaths();

testWhen(
  lacksCaptures(),
  "`read` ends well and writes records by the schema for every capture",
  async () => {
    await inParallel(paths, async (path) => {
      const { code, stdout } = await readAll(path);
      assertEquals(code, 0, basename(path));
      parseRecords(stdout);
    });
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
  lacksCaptures() ?? lacks({ commands: ["tshark"] }),
  "`read --include-internal` counts the bytes that the IP headers state for every capture",
  async () => {
    await inParallel(paths, async (path) => {
      const { bytes, damaged } = await sumsOf(path);
      if (damaged === 0) assertEquals(bytes, await tsharkBytes(path), basename(path));
    });
  },
);

const outputs = new Map<string, ReturnType<typeof wifilogger>>();

function readAll(path: string): ReturnType<typeof wifilogger> {
  let output = outputs.get(path);
  if (output === undefined) {
    outputs.set(path, output = wifilogger(["read", "--include-internal", path]));
  }
  return output;
}

async function sumsOf(path: string) {
  const sums = { packets: 0, bytes: 0, damaged: 0 };
  for (const record of parseRecords((await readAll(path)).stdout)) {
    if (isGap(record)) {
      sums.damaged += record.wifilogger.gap.count ?? 0;
    } else {
      assertEquals(record.network.packets, record.source.packets + record.destination.packets);
      assertEquals(record.network.bytes, record.source.bytes + record.destination.bytes);
      sums.packets += (record as FlowRecord).network.packets;
      sums.bytes += record.network.bytes;
    }
  }
  return sums;
}

const IP = "(ip or ip6)";
/** IP behind each kind of link header; on links without EtherTypes libpcap knows only the first. */
const ETHERNET_FILTERS = [IP, `vlan and ${IP}`, `vlan and vlan and ${IP}`, `pppoes and ${IP}`];

async function libpcapPackets(path: string): Promise<number> {
  const { stderr } = await output("tcpdump", ["-r", path, "-c", "1", "-nn"]);
  const filters = stderr.includes("EN10MB") ? ETHERNET_FILTERS : [IP];
  let packets = 0;
  for (const filter of filters) {
    const { stdout } = await output("tcpdump", ["-r", path, "--count", filter]);
    packets += Number(/^(\d+) packets?$/m.exec(stdout)?.[1]);
  }
  return packets;
}

/** What a frame's protocols begin with when IP comes right behind a link header that libpcap knows the inside of. */
const IP_BEHIND_LINK =
  /^(?:eth:ethertype|sll:ethertype|null|raw)(?::vlan:ethertype)*(?::pppoes:ppp)?:(ip|ipv6)\b/;

/** Of tunnelled packets only the outermost header counts, which is the first that tshark names. */
async function tsharkBytes(path: string): Promise<number> {
  const fields = ["frame.protocols", "ip.len", "ipv6.plen"].flatMap((field) => ["-e", field]);
  const { stdout } = await output("tshark", [
    ...["-r", path, "-T", "fields", "-E", "occurrence=f", "-n"],
    // Each frame for itself; a length of 0 it takes for segmentation offload, as the program does.
    ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "ip.tso_support:TRUE"],
    ...fields,
  ]);
  let bytes = 0;
  for (const line of stdout.split("\n")) {
    const [protocols, ipv4Length, ipv6PayloadLength] = line.split("\t");
    const outermost = IP_BEHIND_LINK.exec(protocols)?.[1];
    if (outermost === "ip") bytes += Number(ipv4Length);
    if (outermost === "ipv6") bytes += 40 + Number(ipv6PayloadLength);
  }
  return bytes;
}

async function output(program: string, args: string[]) {
  const { stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
