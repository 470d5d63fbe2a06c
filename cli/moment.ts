/** Moments as people write them on the command line. */

import { parseDuration } from "../service/settings/duration.ts";
import { localDayAt } from "../storage/day/calendar_day.ts";

const FORMS = "2026-11-22, 2026-11-22T18:30, today, yesterday, or 2h for two hours ago";

/** What a moment is read against. */
export interface MomentOptions {
  /** The present, milliseconds since 1970. */
  readonly nowMs: number;
  /** Whether a day stands for its end rather than for its beginning. */
  readonly isEnd: boolean;
}

/**
 * Milliseconds since 1970 of a written moment: a local day, a local time (`2026-11-22T18:30`, seconds may follow), one
 * with its offset or `Z`, `today`, `yesterday`, or a duration before now.
 *
 * @throws {RangeError} what may be written, when it is none
 */
export function parseMoment(text: string, { nowMs, isEnd }: MomentOptions): number {
  const dayBounds = (epochMs: number) => {
    const { startMs, endMs } = localDayAt(epochMs);
    return isEnd ? endMs : startMs;
  };
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return nowMs - durationMs;
  if (text === "today") return dayBounds(nowMs);
  if (text === "yesterday") return dayBounds(localDayAt(nowMs).startMs - 1);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/i
    .exec(text);
  if (match === null || !isDate(match[1])) throw new RangeError(`Write it as ${FORMS}`);
  const [, day, time, offset] = match;
  // Midnight may be left out of a day; noon never is.
  if (time === undefined) return dayBounds(Date.parse(`${day}T12:00:00`));
  const epochMs = Date.parse(`${day}T${time}${offset?.toUpperCase() ?? ""}`);
  if (Number.isNaN(epochMs)) throw new RangeError(`Write it as ${FORMS}`);
  return epochMs;
}

/** Whether there is such a day: `Date` takes 31 February for a day in March. */
function isDate(day: string): boolean {
  const epochMs = Date.parse(day);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}
