/** Which local calendar day each record of the RAM log belongs to. */

import { type LocalDay, localDayAt } from "./calendar_day.ts";
import { recordTime } from "./record_time.ts";

const NEWLINE = 0x0a;

/** Neighbouring lines of the same local calendar day. */
export interface DayRun {
  /** `YYYY-MM-DD`. */
  day: string;
  /** The lines with their newlines; a view into the block they were split from. */
  bytes: Uint8Array;
  /** How many lines. */
  records: number;
}

/**
 * Splits a block of whole lines (each ending in `\n`) into runs of lines of the same local calendar day,
 * in the order they stand. A line without a valid `@timestamp` belongs to `undatedDay`. The runs' bytes,
 * one after the other, are the block.
 */
export function* splitByDay(block: Uint8Array, undatedDay: string): Generator<DayRun, void> {
  let known: LocalDay = { name: "", startMs: 0, endMs: 0 }; // working it out per line costs 0.3 us
  let runDay = "";
  let runStart = 0;
  let records = 0;
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(NEWLINE, start) + 1;
    const timeMs = recordTime(block.subarray(start, end - 1));
    if (timeMs < known.startMs || timeMs >= known.endMs) known = localDayAt(timeMs);
    const day = Number.isNaN(timeMs) ? undatedDay : known.name;
    if (day !== runDay && records > 0) {
      yield { day: runDay, bytes: block.subarray(runStart, start), records };
      runStart = start;
      records = 0;
    }
    runDay = day;
    records++;
    start = end;
  }
  if (records > 0) yield { day: runDay, bytes: block.subarray(runStart), records };
}
