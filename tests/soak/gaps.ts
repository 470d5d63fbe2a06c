/** The times of which the log says that something is missing. */

import type { GapReason, GapRecord } from "../../record/log_record.ts";
import type { Life } from "./service.ts";

/** Packets of these times may be missing; milliseconds since 1970. */
export interface Window {
  readonly reason: GapReason;
  readonly startMs: number;
  readonly endMs: number;
  /** How many, where the log says so: packets, or of `ram_full` records. */
  readonly count: number | undefined;
}

/** Between the sender's clock and the kernel's. */
const FUZZ_MS = 100;
/**
 * A line comes at the latest so long after the packets that it tells of: the active timeout, and the time by which lines of
 * flows that go on are spread. What a logger had not written when it was killed is of this time.
 */
export const UNWRITTEN_MS = 60_000 + 48_000;

/** Those of some gaps. A `restart` tells of all since the life before. */
export function windowsOf(gaps: readonly GapRecord[], lives: readonly Life[]): Window[] {
  return gaps.map(({ event, wifilogger: { gap: { reason, count } } }) => {
    const endMs = Date.parse(event.end) + FUZZ_MS;
    const startMs = reason === "restart"
      ? sinceWhen(endMs, lives)
      : Date.parse(event.start) - (reason === "ram_full" ? UNWRITTEN_MS : FUZZ_MS);
    return { reason, startMs, endMs, count };
  });
}

function sinceWhen(restartMs: number, lives: readonly Life[]): number {
  const index = lives.findLastIndex(({ startMs }) => startMs < restartMs);
  const before = lives[index - 1];
  if (before === undefined) return -Infinity;
  return before.endMs - (before.wasKilled ? UNWRITTEN_MS : FUZZ_MS);
}

/** Whether a packet of that time may be missing. */
export function isIn(windows: readonly Window[], atMs: number): boolean {
  return windows.some(({ startMs, endMs }) => startMs <= atMs && atMs <= endMs);
}
