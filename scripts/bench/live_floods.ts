/** The running logger under floods that aim at what it reads out of packets, rather than at its flow table. */

import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { pcapFile } from "../../tests/capture/pcap_records.ts";
import type { Bench } from "./bench.ts";
import { FLOODS } from "./floods.ts";
import { clientText, withMarkedClient } from "./marked_client.ts";
import { memory } from "./process_usage.ts";
import { count, figure, markdownTable } from "./table.ts";
import { seconds, stop, Wire } from "./wire.ts";

const PER_SECOND = 400_000;
/** Frames after which the marked client begins its conversations anew: ten times a second. */
const ROUND_FRAMES = 40_000;
const FLUSHING = ["--flush-interval", "15s"];
const KINDS = {
  dns: "answers of DNS, of unique names",
  hellos: "first halves of ClientHellos",
  initials: "QUIC Initials",
  fragments: "first fragments",
  dhcp: "DHCP requests of invented devices",
  mdns: "mDNS answers of invented devices",
} as const satisfies Partial<Record<keyof typeof FLOODS, string>>;

/** What was the most at any second. */
interface Most {
  residentBytes: number;
  heldBytes: number;
  liveFlows: number;
  dnsNames: number;
  devices: number;
}

/** Prints a table, and what became of the client beside each. */
export async function benchFloods({ binary, seconds: length, say }: Bench): Promise<void> {
  say(
    `### floods\n\n${count(PER_SECOND)} packets a second asked of the sender, for ${length} s; ` +
      "RAM log on, flushed every 15 s. One run each.\n",
  );
  const rows: string[][] = [];
  const clients: string[] = [];
  for (const [kind, what] of Object.entries(KINDS)) {
    const { row, client } = await run(kind as keyof typeof KINDS, binary, length);
    rows.push([what, ...row]);
    clients.push(`\nBeside ${what}: ${client}.`);
  }
  say(markdownTable(
    ["", "sent/s", "dropped", "sums", "MB resident at most", "of the tables at most", "given up"],
    rows,
  ));
  for (const client of clients) say(client);
}

async function run(kind: keyof typeof KINDS, binary: string, length: number) {
  const frames = withMarkedClient(FLOODS[kind].frame, ROUND_FRAMES);
  using file = pcapFile(frames.map((frame) => ({ frame })));
  await using wire = await Wire.open({ pinned: true });
  const logger = await wire.startLogger(binary, { args: FLUSHING });
  const most = { residentBytes: 0, heldBytes: 0, liveFlows: 0, dnsNames: 0, devices: 0 };
  const sending = wire.send(file.path, { perSecond: PER_SECOND, seconds: length });
  for (let second = 0; second < length; second++) {
    await seconds(1);
    raise(most, memory(logger.pid).resident, await wire.status());
  }
  const sent = await sending;
  const status = await settled(wire);
  await stop(logger);
  const arrived = wire.arrived();
  const text = wire.archiveText();
  const { packets, interfaces: [{ statistics: { droppedByKernel } }] } = status;
  const counted = packetsIn(text);
  const isExact = counted + packets.internalPackets + droppedByKernel === arrived.packets;
  return {
    row: [
      count(sent.packets / sent.seconds),
      `${figure(100 * droppedByKernel / arrived.packets)} %`,
      isExact
        ? "exact"
        : `${count(arrived.packets - counted - packets.internalPackets)} missing, ` +
          `${count(droppedByKernel)} told`,
      figure(most.residentBytes / 1e6),
      tablesText(most),
      givenUpText(status),
    ],
    client: clientText(text, Math.floor(sent.packets / ROUND_FRAMES)),
  };
}

function raise(most: Most, residentBytes: number, status: LoggerStatus): void {
  const now: Most = {
    residentBytes,
    heldBytes: status.inspections.heldBytes,
    liveFlows: status.flows.live,
    dnsNames: status.dnsNames.remembered,
    devices: status.devices.remembered,
  };
  for (const key of Object.keys(now) as (keyof Most)[]) most[key] = Math.max(most[key], now[key]);
}

/** What it says when it has read all that came. */
async function settled(wire: Wire): Promise<LoggerStatus> {
  for (;;) {
    const status = await wire.status();
    const [{ statistics: { received, droppedByKernel } }] = status.interfaces;
    if (status.packets.frames + droppedByKernel >= received) return status;
    await seconds(0.5);
  }
}

function packetsIn(log: string): number {
  let packets = 0;
  for (const line of log.split("\n")) {
    if (line !== "") packets += JSON.parse(line).network?.packets ?? 0;
  }
  return packets;
}

function tablesText({ heldBytes, liveFlows, dnsNames, devices }: Most): string {
  return `${count(liveFlows)} flows, ${count(dnsNames)} names, ${count(devices)} devices, ` +
    `${figure(heldBytes / 1e6)} MB of hellos`;
}

function givenUpText({ flows, dnsNames, devices, inspections }: LoggerStatus): string {
  const counts = {
    "flows merged": flows.merged,
    "answers of DNS": dnsNames.leftOut,
    "names of devices": devices.leftOut,
    "inspections": inspections.refused,
  };
  return Object.entries(counts).filter(([, value]) => value > 0)
    .map(([what, value]) => `${count(value)} ${what}`).join(", ");
}
