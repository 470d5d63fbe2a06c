/** The times of which the log says that something is missing. */

import type { GapReason, GapRecord } from "../../record/log_record.ts";

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
 * flows that go on are spread. The gap of records that were lost tells when they were to be written.
 */
const UNWRITTEN_MS = 60_000 + 48_000;

/** Those of some gaps. */
export function windowsOf(gaps: readonly GapRecord[]): Window[] {
  return gaps.map(({ event, wifilogger: { gap: { reason, count } } }) => {
    const startMs = Date.parse(event.start) - (reason === "ram_full" ? UNWRITTEN_MS : FUZZ_MS);
    return { reason, startMs, endMs: Date.parse(event.end) + FUZZ_MS, count };
  });
}

/** Whether a packet of that time may be missing. */
export function isIn(windows: readonly Window[], atMs: number): boolean {
  return windows.some(({ startMs, endMs }) => startMs <= atMs && atMs <= endMs);
}
