/** How the cost of a packet grows with flows, with names and with records: `read` over made-up traffic. */

import { ethernet, type Frame } from "../../tests/capture/frame_builder.ts";
import { clientHello, tlsRecord } from "../../tests/capture/tls/build_client_hello.ts";
import type { Bench } from "./bench.ts";
import { CaptureFile } from "./capture_file.ts";
import { flowFrames, madeUpFlows } from "./made_up_flows.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { timedRun } from "./timed_run.ts";

const PACKETS = 500_000;
/** In the time of the capture. */
const PACKETS_PER_SECOND = 10_000;
const START_US = Date.UTC(2026) * 1e3;
const FEW_FLOWS = 1_000;

/** Traffic of which one thing is varied. */
interface Traffic {
  readonly name: string;
  /** Flows that go on all the time. */
  readonly flows: number;
  /** The share of packets that begin a new flow, 0 to 1. @default 0 */
  readonly newShare?: number;
  /** What such a packet is. */
  readonly newFrame?: Frame;
}

const NEW_FLOW = ethernet({ source: "02:00:00:00:01:fe" })
  .ipv4({ source: "192.168.2.0", destination: "20.0.0.0" });
const NEW_UDP = NEW_FLOW.udp({ sourcePort: 40_000, destinationPort: 4500 }).payload("x".repeat(22));
const NEW_TLS = NEW_FLOW.tcp({ sourcePort: 40_000, destinationPort: 443 })
  .payload(tlsRecord(22, clientHello({ serverName: "www.some-service.example.com", length: 517 })));

const TRAFFIC: readonly Traffic[] = [
  ...[1_000, 10_000, 65_000].map((flows) => ({ name: `${count(flows)} flows`, flows })),
  ...[0.001, 0.01, 0.1, 0.5].map((newShare) => ({
    name: `a new flow every ${count(1 / newShare)} packets`,
    flows: FEW_FLOWS,
    newShare,
    newFrame: NEW_UDP,
  })),
  ...[0.001, 0.01, 0.1, 0.5].map((newShare) => ({
    name: `the same every ${count(1 / newShare)} packets, with a TLS hello of 517 bytes`,
    flows: FEW_FLOWS,
    newShare,
    newFrame: NEW_TLS,
  })),
];

/** Prints the table. */
export async function benchCost({ binary, runs, say }: Bench): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
  try {
    const rows: string[][] = [];
    for (const traffic of TRAFFIC) {
      const file = `${folder}/traffic.pcap`;
      writeTraffic(file, traffic);
      try {
        rows.push([traffic.name, ...await measure(traffic, file, { binary, runs })]);
      } catch (error) {
        say(`${traffic.name}: not measured: ${(error as Error).message}\n`);
      }
    }
    say(
      `### cost as work grows\n\n\`read\` over ${count(PACKETS)} small packets of ${
        count(FEW_FLOWS)
      } flows where nothing else is said. Medians of ${runs} runs.\n`,
    );
    say(markdownTable(["", "packets/s", "CPU us/packet", "records/s", "names/s"], rows));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The cells of a row: packets a second, CPU time, records and names a second. */
async function measure(
  { newFrame, newShare = 0 }: Traffic,
  file: string,
  { binary, runs }: Pick<Bench, "binary" | "runs">,
): Promise<string[]> {
  const rates: number[] = [];
  const cpuUs: number[] = [];
  let records = 0;
  for (let run = 0; run < runs; run++) {
    const { wallSeconds, userSeconds, systemSeconds, stderr } = await timedRun(
      [binary, "read", file],
    );
    records = Number(/in (\d+) records?/.exec(stderr)![1]);
    rates.push(PACKETS / wallSeconds);
    cpuUs.push((userSeconds + systemSeconds) * 1e6 / PACKETS);
  }
  const rate = median(rates);
  return [
    count(rate),
    figure(median(cpuUs)),
    count(records * rate / PACKETS),
    newFrame === NEW_TLS ? count(newShare * rate) : "0",
  ];
}

function writeTraffic(path: string, { flows, newShare = 0, newFrame }: Traffic): void {
  const frames = flowFrames(madeUpFlows(flows)).map(({ bytes }) => bytes);
  using file = new CaptureFile(path);
  let begun = 0;
  for (let packet = 0; packet < PACKETS; packet++) {
    const timeUs = START_US + packet * 1e6 / PACKETS_PER_SECOND;
    if (newFrame === undefined || (packet + 1) * newShare < begun + 1) {
      file.write(frames[packet % frames.length], timeUs);
    } else {
      makeNew(file.write(newFrame.bytes, timeUs), begun++);
    }
  }
}

/** The frame becomes one of a new flow: of one of 250 devices to another place. */
function makeNew(frame: Uint8Array, flow: number): void {
  const source = 14 + 12;
  const destination = 14 + 16;
  frame[source + 3] = 1 + flow % 250;
  frame.set([20 + flow % 60, flow & 0xff, flow >> 8 & 0xff, flow >> 16], destination);
}
