/**
 * The local calendar day: what an archive file is named for, and when the next one begins.
 *
 * Local means the process's time zone (`TZ`, else the system's). All instants are milliseconds since
 * the Unix epoch. A day may last 23 or 25 hours, and may begin at 01:00 where the clock goes forward
 * at midnight.
 */

/** Of days in UTC, which are all as long. */
const DAY_MS = 24 * 3600e3;

/** A local calendar day and the instants it covers: `startMs <= t < endMs`. */
export interface LocalDay {
  /** `YYYY-MM-DD`. */
  name: string;
  /** The day's first instant, epoch milliseconds. */
  startMs: number;
  /** The first instant of the next day, epoch milliseconds. */
  endMs: number;
}

/** The local calendar day that `epochMs` falls on, with its bounds. */
export function localDayAt(epochMs: number): LocalDay {
  const date = new Date(epochMs);
  const year = String(date.getFullYear()).padStart(4, "0");
  const month = String(date.getMonth() + 1).padStart(2, "0");
  const dayOfMonth = String(date.getDate()).padStart(2, "0");
  return {
    name: `${year}-${month}-${dayOfMonth}`,
    startMs: new Date(epochMs).setHours(0, 0, 0, 0),
    endMs: new Date(epochMs).setHours(24, 0, 0, 0),
  };
}

/** The local calendar day that `epochMs` falls on, as `YYYY-MM-DD`. */
export function localDay(epochMs: number): string {
  return localDayAt(epochMs).name;
}

/** The calendar day so many days before another, both `YYYY-MM-DD`. */
export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}

/** Milliseconds from `epochMs` to the beginning of the next local calendar day; more than 0. */
export function msUntilNextLocalMidnight(epochMs: number): number {
  return localDayAt(epochMs).endMs - epochMs;
}
