/** When a database is to be fetched again. A timer asks once a day, at no fixed hour. */

import type { FetchedDatabase } from "../places/fetched_databases.ts";
import type { DatabaseState } from "./renewal_state.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
/** IPinfo's, which is made anew daily: weekly, less half a day for the timer's leeway. */
const WEEK_MS = 6.5 * DAY_MS;
/** The first pause after a failure; each next one is twice as long. */
const FIRST_PAUSE_MS = 300e3;
const MAX_PAUSE_MS = 12 * HOUR_MS;

/** Whether one that is there is to be fetched again. */
export function isDue(
  { maker }: FetchedDatabase,
  { checkedMs, month }: DatabaseState,
  nowMs: number,
): boolean {
  if (checkedMs === undefined || checkedMs > nowMs + DAY_MS) return true; // by a clock that was wrong
  if (maker === "ipinfo") return nowMs - checkedMs >= WEEK_MS;
  return month !== monthOf(nowMs) && nowMs - checkedMs >= HOUR_MS;
}

/** How long to wait after so many failures in a row, drawn from the upper half of what is longest. */
export function pauseMs(failures: number, random: () => number): number {
  const longestMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return longestMs * (1 + random()) / 2;
}

/** Such as `2026-11`, in UTC; `later` months on. */
export function monthOf(ms: number, later = 0): string {
  const date = new Date(ms);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1)).toISOString()
    .slice(0, 7);
}
