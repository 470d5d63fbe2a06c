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
  /** Reads the slice only. @default false */
  readonly isSlow?: boolean;
  /** It times itself, without its start: prints packets a second, names asked for, and seconds of that. @default false */
  readonly timesItself?: boolean;
}

/**
 * The way of the script that this program follows: a Python function for each packet, which leaves out what is between
 * local addresses, asks this machine's name server who a remote address is, once for each address, and opens the log for a
 * line. What the script asked of ipinfo.io is known at once here. It gives up where name servers keep it waiting for more
 * than a minute, which says nothing of scapy any more.
 */
const SCAPY = `
import ipaddress, socket, sys, time
from datetime import datetime
from scapy.all import IP, sniff
file, packets, asks = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "ask"
names = {}
places = {}
seen = 0
waited = 0
def is_local(address):
    return ipaddress.ip_address(address).is_private
def reverse_name(address):
    global waited
    began = time.perf_counter()
    try:
        return socket.gethostbyaddr(address)[0]
    except OSError:
        return "unknown"
    finally:
        waited += time.perf_counter() - began
        if waited > 60:
            sys.exit("Error: the name servers do not answer")
def handle(packet):
    global seen
    seen += 1
    if IP not in packet:
        return
    source, destination = packet[IP].src, packet[IP].dst
    if is_local(source) and is_local(destination):
        return
    remote = destination if is_local(source) else source
    if remote not in names:
        names[remote] = reverse_name(remote) if asks else "unknown"
    place = places.setdefault(remote, "unknown")
    with open("/dev/null", "a") as log:
        log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {source} -> {destination} {names[remote]} {place} {len(packet)}\\n")
began = time.perf_counter()
sniff(offline=file, prn=handle, store=False, count=packets)
print(seen / (time.perf_counter() - began), len(names), waited)
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
  { ...scapy("ask"), name: "scapy, asking reverse DNS" },
  { ...scapy("do not ask"), name: "scapy, names known" },
];

function scapy(asking: string): Omit<Reader, "name"> {
  return {
    needs: "scapy",
    isSlow: true,
    timesItself: true,
    // Debian's own Python, which has Debian's scapy.
    argv: (file, packets) => ["/usr/bin/python3", "-c", SCAPY, file, `${packets}`, asking],
  };
}

/** What one run gave: packets a second, CPU time a packet, and how many names were asked for and how long, in seconds. */
interface Reading {
  readonly rate: number;
  readonly cpuUs: number;
  readonly asked: number;
  readonly waited: number;
}

async function timeReading(reader: Reader, file: string, packets: number): Promise<Reading> {
  const read = reader.isSlow ? Math.min(SLICE_PACKETS, packets) : packets;
  const { wallSeconds, userSeconds, systemSeconds, stdout } = await timedRun(
    reader.argv(file, read),
    { keepOutput: reader.timesItself },
  );
  const cpuUs = (userSeconds + systemSeconds) * 1e6 / read;
  if (!reader.timesItself) return { rate: read / wallSeconds, cpuUs, asked: 0, waited: 0 };
  const [rate, asked, waited] = stdout.trim().split(" ").map(Number);
  return { rate, cpuUs, asked, waited };
}

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
    const measured = readers.map((reader) => ({ reader, runs: [] as Reading[], failure: "" }));
    for (let run = 0; run < runs; run++) {
      for (const one of measured.filter(({ failure }) => failure === "")) {
        try {
          one.runs.push(await timeReading(one.reader, file, packets));
        } catch (error) {
          if (one.reader.needs === undefined) throw error;
          one.failure = (error as Error).message;
          say(`${one.reader.name}: not measured: ${one.failure}\n`);
        }
      }
    }
    const ours = median(measured[0].runs.map(({ rate }) => rate));
    const rows = measured.filter(({ failure }) => failure === "").map(({ reader, runs }) => {
      const rate = median(runs.map(({ rate }) => rate));
      return [
        reader.isSlow ? `${reader.name} (first ${count(SLICE_PACKETS)} packets)` : reader.name,
        count(rate),
        figure(median(runs.map(({ cpuUs }) => cpuUs))),
        `${figure(ours / rate)} x`,
      ];
    });
    say(markdownTable(["", "packets/s", "CPU us/packet", "wifilogger read is"], rows));
    for (const { runs } of measured.filter(({ runs }) => runs.some(({ waited }) => waited > 0))) {
      const waited = median(runs.map(({ waited }) => waited));
      say(
        `\nscapy asked reverse DNS for ${count(runs[0].asked)} addresses, which took ${
          figure(waited)
        } s (median).`,
      );
    }
  } finally {
    await Deno.remove(file);
  }
}
