/** Moments and periods as people write them. */

import { localDayAt } from "../../storage/day/calendar_day.ts";

const FORMS = "2h for two hours ago, 7d, today, yesterday, this-week, last-week, this-month, " +
  "last-month, 2026, 2026-11, 2026-11-22 or 2026-11-22T18:30";

/** What a moment is read against. */
export interface MomentOptions {
  /** The present, milliseconds since 1970. */
  readonly nowMs: number;
  /** Whether a period stands for its end rather than for its beginning. */
  readonly isEnd: boolean;
  /** The day of the month on which a month begins, 1 to 28. @default 1 */
  readonly billingDay?: number;
}

const UNIT_MS: Record<string, number> = {
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 24 * 3600e3,
  w: 7 * 24 * 3600e3,
};

/**
 * Milliseconds since 1970 of a written moment: a local day, month or year, a local time (`2026-11-22T18:30`, seconds may
 * follow), one with its offset or `Z`, a word for a day, a week (from Monday on) or a month, or a duration before now.
 * A month begins on the billing day.
 *
 * @throws {RangeError} what may be written, when it is none
 */
export function parseMoment(text: string, options: MomentOptions): number {
  const { nowMs, isEnd, billingDay = 1 } = options;
  const ago = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text);
  if (ago !== null) return nowMs - Math.round(Number(ago[1]) * UNIT_MS[ago[2]]);
  const period = namedPeriod(text, nowMs, billingDay) ?? writtenPeriod(text, billingDay);
  if (period !== undefined) return period[isEnd ? 1 : 0].getTime();
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/i
    .exec(text);
  if (match !== null && isDate(match[1])) {
    const epochMs = Date.parse(`${match[1]}T${match[2]}${match[3]?.toUpperCase() ?? ""}`);
    if (!Number.isNaN(epochMs)) return epochMs;
  }
  throw new RangeError(`Write it as ${FORMS}`);
}

/** The beginning of a period, and that of what follows. */
type Bounds = [start: Date, end: Date];

function namedPeriod(text: string, nowMs: number, billingDay: number): Bounds | undefined {
  const now = new Date(nowMs);
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  // In JavaScript a week begins on Sunday, 0.
  const monday = day - (now.getDay() + 6) % 7;
  const billingMonth = day < billingDay ? month - 1 : month;
  switch (text) {
    case "today":
      return dayBounds(nowMs);
    case "yesterday":
      return dayBounds(localDayAt(nowMs).startMs - 1);
    case "this-week":
      return [new Date(year, month, monday), new Date(year, month, monday + 7)];
    case "last-week":
      return [new Date(year, month, monday - 7), new Date(year, month, monday)];
    case "this-month":
      return monthBounds(year, billingMonth, billingDay);
    case "last-month":
      return monthBounds(year, billingMonth - 1, billingDay);
    default:
      return undefined;
  }
}

/** `2026`, `2026-11`, `2026-11-22` */
function writtenPeriod(text: string, billingDay: number): Bounds | undefined {
  const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  if (month === undefined) {
    return [new Date(Number(year), 0, billingDay), new Date(Number(year) + 1, 0, billingDay)];
  }
  if (!isDate(`${year}-${month}-${day ?? "01"}`)) return undefined;
  if (day === undefined) return monthBounds(Number(year), Number(month) - 1, billingDay);
  // Midnight may be left out of a day; noon never is.
  return dayBounds(Date.parse(`${text}T12:00:00`));
}

function monthBounds(year: number, month: number, billingDay: number): Bounds {
  return [new Date(year, month, billingDay), new Date(year, month + 1, billingDay)];
}

function dayBounds(epochMs: number): Bounds {
  const { startMs, endMs } = localDayAt(epochMs);
  return [new Date(startMs), new Date(endMs)];
}

/** Whether there is such a day: `Date` takes 31 February for a day in March. */
function isDate(day: string): boolean {
  const epochMs = Date.parse(day);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}
