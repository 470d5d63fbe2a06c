/** Local hours, counted from the local day's first instant. */

import { localDayAt } from "../../storage/day/calendar_day.ts";

const HOUR_MS = 3600e3;

/** The first instant of the local hour that `epochMs` lies in, both milliseconds since 1970. */
export function hourStart(epochMs: number): number {
  const { startMs } = localDayAt(epochMs);
  return startMs + Math.floor((epochMs - startMs) / HOUR_MS) * HOUR_MS;
}
