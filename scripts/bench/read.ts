/** `wifilogger read` beside its peers, on one file of mixed real traffic. */

import { capturePaths, lacksCaptures } from "../../tests/captures.ts";
import { lacks } from "../../tests/skip.ts";
import { writeMixedCapture } from "./mixed_capture.ts";
import type { Bench } from "./bench.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { timedRun } from "./timed_run.ts";

/** At least so many are read. */
export const PACKETS = 1_000_000;
/** What a slow one gets: the beginning of the file, in which all captures are mixed already. */
const SLICE_PACKETS = 50_000;

/** A program that reads a capture file. */
interface Reader {
  readonly name: string;
  /** What it needs that may be absent. */
  readonly needs?: string;
  readonly argv: (file: string, packets: number) => readonly string[];
  /** Reads the slice only. @default {false} */
  readonly isSlow?: boolean;
  /** It times itself, without its start, and prints packets a second. @default {false} */
  readonly printsRate?: boolean;
}

/**
 * The way of the script that this program follows: a Python function for each packet, which leaves out what is between
 * local addresses, knows names and places by dictionary (here they are always known), and opens the log for a line.
 */
const SCAPY = `
import ipaddress, sys, time
from datetime import datetime
from scapy.all import IP, sniff
names = {}
places = {}
seen = 0
def is_local(address):
    return ipaddress.ip_address(address).is_private
def handle(packet):
    global seen
    seen += 1
    if IP not in packet:
        return
    source, destination = packet[IP].src, packet[IP].dst
    if is_local(source) and is_local(destination):
        return
    remote = destination if is_local(source) else source
    name = names.setdefault(remote, "unknown")
    place = places.setdefault(remote, "unknown")
    with open("/dev/null", "a") as log:
        log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {source} -> {destination} {name} {place} {len(packet)}\\n")
started = time.perf_counter()
sniff(offline=sys.argv[1], prn=handle, store=False, count=int(sys.argv[2]))
print(seen / (time.perf_counter() - started))
`;

const PEERS: readonly Reader[] = [
  { name: "ndpiReader -q", needs: "ndpiReader", argv: (file) => ["ndpiReader", "-q", "-i", file] },
  {
    name: "softflowd (no names)",
    needs: "softflowd",
    argv: (file) => [
      // It removes the file that -p names when it ends.
      ...["softflowd", "-d", "-6", "-m", "65536", "-c", "none", "-p", `${file}.pid`],
      ...["-r", file],
    ],
  },
  { name: "tcpdump -nn", needs: "tcpdump", argv: (file) => ["tcpdump", "-nn", "-r", file] },
  { name: "tshark -n", needs: "tshark", argv: (file) => ["tshark", "-n", "-r", file] },
  {
    name: "scapy",
    needs: "scapy",
    isSlow: true,
    printsRate: true,
    // Debian's own Python, which has Debian's scapy.
    argv: (file, packets) => ["/usr/bin/python3", "-c", SCAPY, file, `${packets}`],
  },
];

/** Prints the table. */
export async function benchRead({ binary, runs, say }: Bench): Promise<void> {
  const missing = lacksCaptures();
  if (missing !== null) return say(`read: not measured: ${missing}`);
  const file = await Deno.makeTempFile({ prefix: "wifilogger_bench_", suffix: ".pcap" });
  try {
    const { captures, repetitions, packets, wireBytes } = writeMixedCapture({
      captures: capturePaths(),
      output: file,
      packets: PACKETS,
    });
    say(
      `### read\n\n${captures} captures of real and hostile traffic, mixed and played ${repetitions} times: ` +
        `${count(packets)} packets, ${count(wireBytes / 1e6)} MB on the wire. ` +
        `Medians of ${runs} runs, one after the other in turn.\n`,
    );
    const readers: Reader[] = [
      { name: "wifilogger read", argv: (path) => [binary, "read", path] },
      {
        name: "wifilogger read --include-internal",
        argv: (path) => [binary, "read", "--include-internal", path],
      },
      ...PEERS.filter(({ name, needs = "" }) => {
        const why = lacks({ commands: [needs] });
        if (needs !== "" && why !== null) say(`${name}: not measured: ${why}\n`);
        return needs === "" || why === null;
      }),
    ];
    const taken = readers.map(() => ({ rates: [] as number[], cpuUs: [] as number[] }));
    for (let run = 0; run < runs; run++) {
      for (const [i, reader] of readers.entries()) {
        const read = reader.isSlow ? Math.min(SLICE_PACKETS, packets) : packets;
        const { wallSeconds, userSeconds, systemSeconds, stdout } = await timedRun(
          reader.argv(file, read),
          { keepOutput: reader.printsRate },
        );
        taken[i].rates.push(reader.printsRate ? Number(stdout) : read / wallSeconds);
        taken[i].cpuUs.push((userSeconds + systemSeconds) * 1e6 / read);
      }
    }
    const ours = median(taken[0].rates);
    say(markdownTable(
      ["", "packets/s", "CPU us/packet", "wifilogger read is"],
      readers.map(({ name, isSlow }, i) => [
        isSlow ? `${name} (first ${count(SLICE_PACKETS)} packets)` : name,
        count(median(taken[i].rates)),
        figure(median(taken[i].cpuUs)),
        `${figure(ours / median(taken[i].rates))} x`,
      ]),
    ));
  } finally {
    await Deno.remove(file);
  }
}
