/** The running logger on a cable that is flooded, and softflowd on the same one. */

import { localDay } from "../../storage/day/calendar_day.ts";
import { lacks } from "../../tests/skip.ts";
import { pcapFile } from "../../tests/capture/pcap_records.ts";
import type { Frame } from "../../tests/capture/frame_builder.ts";
import type { Bench } from "./bench.ts";
import { householdLines } from "../made_up_log/household_day.ts";
import { FLOODS } from "./floods.ts";
import { flowFrames, madeUpFlows, withScan } from "./made_up_flows.ts";
import { clientText, withMarkedClient } from "./marked_client.ts";
import { cpuSeconds, memory } from "./process_usage.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { INTERFACE, seconds, stop, Wire } from "./wire.ts";

const PER_SECOND = 400_000;
const FLOWS = 5_000;
/** Frames after which a flood's marked client begins its conversations anew: ten times a second. */
const ROUND_FRAMES = 40_000;
/** Floods in which every packet is a new flow. */
const NEW_FLOWS = {
  tuples: "one host over 320,000 five-tuples, each packet another",
  sources: "SYNs from invented sources, each packet another flow",
  macs: "datagrams of invented devices, each packet another flow and MAC address",
  ipv6: "SYNs between invented IPv6 addresses, each packet another flow",
} as const;
/** Runs of each of these at most. */
const FLOOD_RUNS = 3;
/** The first run of each shows that nothing is lost for so long; the others, for the median, are shorter. */
const OTHERS_SHARE = 1 / 3;
/** Before CPU time is counted: the compiler has done its work by then, and a scan has filled the flow table. */
const WARM_UP_SECONDS = 5;
/** Several times a run, rather than each quarter of an hour. */
const FLUSHING = ["--flush-interval", "15s"];
const BUSY_PI_PER_SECOND = 10_000;
const WINDOWS = 5;
const WINDOW_SECONDS = 6;
/** A day of a busy household, closed under ten times a busy Pi's rate. */
const CLOSED_DAY_RECORDS = 200_000;
const CLOSING_PER_SECOND = 100_000;

/** What one run gave. */
interface Run {
  readonly sentPerSecond: number;
  /** Of a second of the core that it has. */
  readonly cpuShare: number;
  /** Of packets that it was given. */
  readonly cpuUsPerPacket: number;
  /** Packets that came to the interface, those of them that were counted, and those that the kernel dropped. */
  readonly arrived: number;
  readonly counted: number;
  readonly dropped: number;
}

/** What a run of the logger gave besides. */
interface LoggerRun extends Run {
  readonly bytesArrived: number;
  readonly bytesCounted: number;
  readonly lines: number;
  readonly logBytes: number;
  /** Flows that overflow lines stand for. */
  readonly merged: number;
  /** The most that was resident, sampled each second after the warm-up, bytes. */
  readonly residentBytes: number;
  /** What the log has of the marked client, beside a flood. */
  readonly client?: string;
}

/** Prints the tables. */
export async function benchLive(bench: Bench): Promise<void> {
  const { say } = bench;
  say("### live");
  const steady = flowFrames(madeUpFlows(FLOWS));
  const streams: [string, Frame[]][] = [
    [`${count(FLOWS)} flows`, steady],
    [`a new flow for every tenth packet`, withScan(steady)],
  ];
  for (const [name, frames] of streams) {
    using file = pcapFile(frames.map((frame) => ({ frame })));
    await benchStream(name, file.path, bench);
  }
  for (const kind of Object.keys(NEW_FLOWS) as (keyof typeof NEW_FLOWS)[]) {
    const frames = withMarkedClient(FLOODS[kind].frame, ROUND_FRAMES);
    using file = pcapFile(frames.map((frame) => ({ frame })));
    await benchStream(
      `${NEW_FLOWS[kind]}, and a client beside it`,
      file.path,
      { ...bench, runs: Math.min(bench.runs, FLOOD_RUNS) },
      { hasClient: true },
    );
  }
  await benchBusyPi(steady, bench);
  await benchDayClose(steady, bench);
}

async function benchStream(
  name: string,
  file: string,
  { binary, runs, seconds: first, say }: Bench,
  { hasClient = false } = {},
) {
  const others = Math.ceil(first * OTHERS_SHARE);
  const noSoftflowd = lacks({ commands: ["softflowd"] });
  const ours: LoggerRun[] = [];
  const theirs: Run[] = [];
  for (let run = 0; run < runs; run++) {
    const length = run === 0 ? first : others;
    ours.push(await runLogger(binary, file, length, hasClient));
    if (noSoftflowd === null) theirs.push(await runSoftflowd(file, length));
  }
  const [longest] = ours;
  say(
    `\n${name}, 54 to 64 bytes a packet, ${
      count(PER_SECOND)
    } a second asked of the sender; RAM log on, ` +
      `flushed every 15 s. Medians of ${runs} runs in turn, the first of ${first} s, ` +
      `the others of ${others} s.\n`,
  );
  const row = (who: string, of: readonly Run[]) => [
    who,
    count(median(of.map(({ sentPerSecond }) => sentPerSecond))),
    `${figure(100 * sum(of, "dropped") / sum(of, "arrived"))} %`,
    `${figure(100 * median(of.map(({ cpuShare }) => cpuShare)))} %`,
    figure(median(of.map(({ cpuUsPerPacket }) => cpuUsPerPacket))),
  ];
  say(markdownTable(
    ["", "sent/s", "dropped", "of a core", "CPU us/packet seen"],
    [
      row("wifilogger", ours),
      ...noSoftflowd === null ? [row("softflowd -m 65536", theirs)] : [],
    ],
  ));
  if (noSoftflowd === null) {
    const ratio = median(ours.map(({ cpuUsPerPacket }) => cpuUsPerPacket)) /
      median(theirs.map(({ cpuUsPerPacket }) => cpuUsPerPacket));
    say(`\nCPU time a packet seen: ${figure(ratio)} of softflowd's.`);
  } else say(`\nsoftflowd: not measured: ${noSoftflowd}`);
  say(
    `\nThe run of ${first} s: ${count(longest.arrived)} packets and ${
      count(longest.bytesArrived)
    } bytes arrived, ${count(longest.counted)} and ${
      count(longest.bytesCounted)
    } are in the log, ` +
      `${count(longest.dropped)} were dropped; ${count(longest.lines)} lines, ${
        figure(longest.logBytes / 1e6)
      } MB, ${count(longest.merged)} flows merged. ` +
      `Sums exact in ${ours.filter(isExact).length} of ${runs} runs. ` +
      `Resident at most ${figure(Math.max(...ours.map((run) => run.residentBytes)) / 1e6)} MB.`,
  );
  for (const { client } of ours) if (client !== undefined) say(`\nThe client: ${client}.`);
}

function isExact(run: LoggerRun): boolean {
  return run.counted + run.dropped === run.arrived &&
    (run.dropped > 0 || run.bytesCounted === run.bytesArrived);
}

function sum<Key extends string>(of: readonly Record<Key, number>[], key: Key): number {
  return of.reduce((total, { [key]: value }) => total + value, 0);
}

/** Sends while `pid` reads. */
async function flood(wire: Wire, pid: number, file: string, length: number) {
  const sending = wire.send(file, { perSecond: PER_SECOND, seconds: length });
  await seconds(WARM_UP_SECONDS);
  const before = { cpu: cpuSeconds(pid), packets: wire.arrived().packets, ms: performance.now() };
  let residentBytes = 0;
  for (let second = 0; second < length - WARM_UP_SECONDS - 1; second++) {
    await seconds(1);
    residentBytes = Math.max(residentBytes, memory(pid).resident);
  }
  const cpu = cpuSeconds(pid) - before.cpu;
  const packets = wire.arrived().packets - before.packets;
  const wall = (performance.now() - before.ms) / 1e3;
  const sent = await sending;
  return { cpu, packets, wall, sentPerSecond: sent.packets / sent.seconds, sent, residentBytes };
}

async function runLogger(
  binary: string,
  file: string,
  length: number,
  hasClient: boolean,
): Promise<LoggerRun> {
  await using wire = await Wire.open({ pinned: true });
  const logger = await wire.startLogger(binary, { args: FLUSHING });
  const { cpu, packets, wall, sentPerSecond, sent, residentBytes } = await flood(
    wire,
    logger.pid,
    file,
    length,
  );
  await stop(logger);
  const arrived = wire.arrived();
  const text = wire.archiveText();
  const log = readLog(text);
  const rounds = Math.floor(sent.packets / ROUND_FRAMES);
  const seen = 1 - log.dropped / arrived.packets;
  return {
    sentPerSecond,
    cpuShare: cpu / wall,
    cpuUsPerPacket: cpu * 1e6 / (packets * seen),
    arrived: arrived.packets,
    bytesArrived: arrived.bytes,
    residentBytes,
    ...(hasClient ? { client: clientText(text, rounds) } : {}),
    ...log,
  };
}

function readLog(text: string) {
  const log = { counted: 0, bytesCounted: 0, dropped: 0, merged: 0, lines: 0 };
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { network, wifilogger } = JSON.parse(line);
    log.lines++;
    log.counted += network?.packets ?? 0;
    log.bytesCounted += network?.bytes ?? 0;
    log.merged += wifilogger.merged_flows ?? 0;
    if (wifilogger.gap?.reason === "kernel_drop") log.dropped += wifilogger.gap.count;
  }
  return { ...log, logBytes: text.length };
}

async function runSoftflowd(file: string, length: number): Promise<Run> {
  await using wire = await Wire.open({ pinned: true });
  const softflowd = wire.start([
    ...["softflowd", "-d", "-6", "-m", "65536", "-i", INTERFACE],
    ...["-c", "/run/softflowd.ctl", "-p", "/run/softflowd.pid"],
  ]);
  await softflowd.said("starting data collection");
  await seconds(1);
  const { cpu, packets, wall, sentPerSecond } = await flood(wire, softflowd.pid, file, length);
  await seconds(1);
  const ask = ["softflowctl", "-c", "/run/softflowd.ctl", "statistics"];
  const said = (await wire.start(ask).ended).stdout.join("\n");
  await stop(softflowd);
  const counter = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(said)![1]);
  const arrived = wire.arrived().packets;
  const counted = counter("Packets processed");
  return {
    sentPerSecond,
    cpuShare: cpu / wall,
    cpuUsPerPacket: cpu * 1e6 / (packets * counted / arrived),
    arrived,
    counted,
    dropped: arrived - counted,
  };
}

/** A busy Pi's rate, in windows of some seconds. */
async function benchBusyPi(frames: readonly Frame[], { binary, say }: Bench): Promise<void> {
  using file = pcapFile(frames.map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const logger = await wire.startLogger(binary, { args: FLUSHING });
  const length = 2 * WARM_UP_SECONDS + WINDOWS * WINDOW_SECONDS;
  const sending = wire.send(file.path, { perSecond: BUSY_PI_PER_SECOND, seconds: length + 1 });
  await seconds(2 * WARM_UP_SECONDS);
  const shares: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const before = { cpu: cpuSeconds(logger.pid), ms: performance.now() };
    await seconds(WINDOW_SECONDS);
    const wall = (performance.now() - before.ms) / 1e3;
    shares.push((cpuSeconds(logger.pid) - before.cpu) / wall);
  }
  const sent = await sending;
  await stop(logger);
  const log = readLog(wire.archiveText());
  say(
    `\n${count(sent.packets / sent.seconds)} packets a second over ${count(FLOWS)} flows: ` +
      `${
        figure(100 * median(shares))
      } % of a core (median of ${WINDOWS} windows of ${WINDOW_SECONDS} s), ` +
      `${count(wire.arrived().packets - log.counted)} packets not in the log.`,
  );
}

/** A day that is over is compressed and summed while packets come. */
async function benchDayClose(frames: readonly Frame[], { binary, say }: Bench): Promise<void> {
  using file = pcapFile(frames.map((frame) => ({ frame })));
  await using wire = await Wire.open();
  const now = new Date();
  const startMs = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 3).getTime();
  const day = localDay(startMs);
  wire.layDay(day, householdLines({ startMs, records: CLOSED_DAY_RECORDS, seed: 1 }));
  const logger = await wire.startLogger(binary, { args: ["--flush-interval", "10s"] });
  const beganMs = performance.now();
  const closing = logger.said(`summed ${day}`).then(() => performance.now() - beganMs);
  const sending = wire.send(file.path, { perSecond: CLOSING_PER_SECOND, seconds: 45 });
  const closedMs = await closing;
  const sent = await sending;
  await stop(logger);
  const log = readLog(wire.archiveText());
  say(
    `\n${count(sent.packets / sent.seconds)} packets a second while a day of ` +
      `${count(CLOSED_DAY_RECORDS)} records is compressed and summed (done after ` +
      `${figure(closedMs / 1e3)} s, with flushes every 10 s): ` +
      `${count(wire.arrived().packets)} arrived, ${count(log.counted)} are in the log, ` +
      `${count(log.dropped)} were dropped.`,
  );
}
