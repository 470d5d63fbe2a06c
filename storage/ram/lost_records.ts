/** What is lost when records have to be dropped because neither the RAM nor the card has room. */

import { recordTime } from "../day/record_time.ts";

/** Records that were dropped. */
export interface LostRecords {
  /** How many, those included that a dropped gap record had already reported. */
  count: number;
  /** How many of these a dropped gap record had already reported. */
  alreadyReported: number;
  /** How many gap records were dropped. */
  gapRecords: number;
  /** The earliest and the latest `@timestamp` of them, epoch milliseconds. */
  startMs: number;
  endMs: number;
}

const NEWLINE = 0x0a;

/** Counts the lines of a text that is about to be dropped; `nowMs` stands in where no line has a readable time. */
export function countLost(bytes: Uint8Array, nowMs: number): LostRecords {
  const lost = { count: 0, alreadyReported: 0, gapRecords: 0, startMs: Infinity, endMs: -Infinity };
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    const reported = reportedByLine(line);
    const timeMs = recordTime(line);
    const { startMs, endMs } = reported ?? { startMs: timeMs, endMs: timeMs };
    if (!Number.isNaN(startMs + endMs)) {
      lost.startMs = Math.min(lost.startMs, startMs);
      lost.endMs = Math.max(lost.endMs, endMs);
    }
    lost.count += reported?.count ?? 1;
    lost.alreadyReported += reported?.count ?? 0;
    lost.gapRecords += reported === undefined ? 0 : 1;
    start = end + 1;
  }
  if (lost.startMs > lost.endMs) lost.startMs = lost.endMs = nowMs;
  return lost;
}

/** Both losses as one. */
export function addLost(one: LostRecords | undefined, other: LostRecords): LostRecords {
  if (one === undefined) return other;
  return {
    count: one.count + other.count,
    alreadyReported: one.alreadyReported + other.alreadyReported,
    gapRecords: one.gapRecords + other.gapRecords,
    startMs: Math.min(one.startMs, other.startMs),
    endMs: Math.max(one.endMs, other.endMs),
  };
}

/** A gap record stands for the records that it reports, and is not counted itself. */
function reportedByLine(
  line: Uint8Array,
): { count: number; startMs: number; endMs: number } | undefined {
  const text = new TextDecoder().decode(line);
  if (!text.includes('"ram_full"')) return undefined;
  try {
    const { event, wifilogger: { gap: { count } } } = JSON.parse(text);
    if (!Number.isSafeInteger(count)) return undefined;
    return { count, startMs: Date.parse(event.start), endMs: Date.parse(event.end) };
  } catch {
    return undefined;
  }
}
