/** Holds what was logged against the sender's ledger: every difference is to be explained by a gap. */

import { type Archived, type LoggedFlow, noFlow } from "./archived.ts";
import { isIn, type Window } from "./gaps.ts";
import type { SentFlow, SentPacket } from "./ledger_line.ts";

/** Something that no gap explains. */
export interface Difference {
  readonly key: string;
  readonly what: string;
  /** When the packets that it is about were sent, milliseconds since 1970. */
  readonly atMs: number;
  readonly packets: number;
}

/** What became of the household's packets. */
export interface Verdict {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly logged: number;
  /** Flows that were named, of those whose name passed while the logger listened. */
  readonly named: number;
  readonly toBeNamed: number;
  /** Flows that are whole: every packet and byte. */
  readonly whole: number;
  /** Packets that are in lines for several flows. */
  readonly merged: number;
  /** Packets that may be in lines that a flood shares: nothing else tells of them. */
  readonly inShared: number;
  /** Of packets that are missing and were sent in a gap: how many, by gap. */
  readonly lost: ReadonlyMap<Window, number>;
  readonly unexplained: readonly Difference[];
}

/** Between the sender's clock and the kernel's. */
const FUZZ_MS = 20;

/** Compares the ledger with the log. */
export function verdictOf(
  sent: readonly SentFlow[],
  archived: Archived,
  windows: readonly Window[],
): Verdict {
  const lost = new Map<Window, number>();
  const unexplained: Difference[] = [];
  const shortBy = new Map<string, Difference[]>();
  const keys = new Set<string>();
  let [packets, bytes, logged, named, toBeNamed, whole] = [0, 0, 0, 0, 0, 0];
  for (const flow of sent) {
    keys.add(flow.key);
    const log = archived.flows.get(flow.key) ?? noFlow();
    const all = sumOf(flow.packets);
    const certain = sumOf(flow.packets.filter(([atMs]) => !isIn(windows, atMs)));
    packets += flow.packets.length;
    bytes += all.upBytes + all.downBytes;
    logged += log.upPackets + log.downPackets;
    if (isSame(all, log)) whole++;
    const [key, firstMs] = [flow.key, flow.packets[0][0]];
    for (const way of ["upPackets", "downPackets", "upBytes", "downBytes"] as const) {
      const what = `${way}: ${all[way]} sent, ${certain[way]} of them in no gap, ${
        log[way]
      } logged`;
      if (log[way] > all[way]) {
        unexplained.push({ key, what, atMs: firstMs, packets: log[way] - all[way] });
      } else if (log[way] < certain[way]) {
        const missing = uncovered(flow.packets, log).find(([atMs]) => !isIn(windows, atMs));
        const atMs = missing?.[0] ?? firstMs;
        const device = key.split(" ").slice(0, 2).join(" ");
        const short = { key, what, atMs, packets: certain[way] - log[way] };
        if (way.endsWith("Packets")) shortBy.set(device, [...shortBy.get(device) ?? [], short]);
        else if (log.upPackets + log.downPackets === flow.packets.length) unexplained.push(short);
      }
    }
    for (const window of missingIn(flow.packets, log, windows)) {
      lost.set(window, (lost.get(window) ?? 0) + 1);
    }
    if (flow.namedMs === undefined || isIn(windows, flow.namedMs)) continue;
    if (log.upPackets + log.downPackets === 0) continue; // told of above
    toBeNamed++;
    if (log.names.has(flow.name!)) named++;
    else {
      const what = `it is called ${[...log.names].join(", ")}, not ${flow.name}`;
      unexplained.push({ key, what, atMs: flow.namedMs, packets: 0 });
    }
  }
  // What is missing of a device's flows may stand in its lines for several flows.
  const rest: Difference[] = [];
  for (const [device, differences] of shortBy) {
    if (packetsIn(differences) > (archived.merged.get(device) ?? 0)) rest.push(...differences);
  }
  const isShared = ({ atMs }: Difference) =>
    archived.shared.some(({ startMs, endMs }) =>
      startMs - FUZZ_MS <= atMs && atMs <= endMs + FUZZ_MS
    );
  const inShared = packetsIn(rest.filter(isShared));
  unexplained.push(...rest.filter((difference) => !isShared(difference)));
  for (const [key, log] of archived.flows) {
    if (keys.has(key)) continue;
    const count = log.upPackets + log.downPackets;
    const what = `${count} packets logged, of a flow that was not sent`;
    unexplained.push({ key, what, atMs: log.intervals[0][0], packets: count });
  }
  const merged = [...archived.merged.values()].reduce((sum, one) => sum + one, 0);
  const flows = sent.length;
  return {
    flows,
    packets,
    bytes,
    logged,
    named,
    toBeNamed,
    whole,
    merged,
    inShared,
    lost,
    unexplained,
  };
}

function packetsIn(differences: readonly Difference[]): number {
  return differences.reduce((sum, { packets }) => sum + packets, 0);
}

/**
 * The gaps that explain packets of a flow which are missing, one for each: those of packets that are in no line's interval,
 * then those of others, which may be any of the packets that were sent in a gap.
 */
function missingIn(
  packets: readonly SentPacket[],
  log: LoggedFlow,
  windows: readonly Window[],
): Window[] {
  const count = packets.length - log.upPackets - log.downPackets;
  if (count <= 0) return [];
  const outside = uncovered(packets, log);
  const inside = packets.filter((packet) => !outside.includes(packet));
  return [...outside, ...inside].flatMap(([atMs]) =>
    windows.find(({ startMs, endMs }) => startMs <= atMs && atMs <= endMs) ?? []
  ).slice(0, count);
}

/** The packets that are in no line's interval. */
function uncovered(packets: readonly SentPacket[], { intervals }: LoggedFlow): SentPacket[] {
  return packets.filter(([atMs]) =>
    !intervals.some(([startMs, endMs]) => startMs - FUZZ_MS <= atMs && atMs <= endMs + FUZZ_MS)
  );
}

function sumOf(packets: readonly SentPacket[]) {
  const sum = { upPackets: 0, downPackets: 0, upBytes: 0, downBytes: 0 };
  for (const [, isUp, bytes] of packets) {
    sum[isUp ? "upPackets" : "downPackets"]++;
    sum[isUp ? "upBytes" : "downBytes"] += bytes;
  }
  return sum;
}

function isSame(sum: ReturnType<typeof sumOf>, log: LoggedFlow): boolean {
  return (Object.keys(sum) as (keyof typeof sum)[]).every((key) => sum[key] === log[key]);
}
