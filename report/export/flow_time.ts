/** The times of a record, in microseconds. */

import type { LogRecord } from "../../record/log_record.ts";

/** When the first and the last packet of a record passed, microseconds since 1970. */
export function intervalUs(record: LogRecord): { startUs: number; endUs: number } {
  const { start, end } = record.event;
  return { startUs: timeUs(start, record), endUs: timeUs(end, record) };
}

/** A line that was made by hand may lack its interval: it has its `@timestamp` in any case. */
function timeUs(text: unknown, record: LogRecord): number {
  const match = /^(.{19})(?:\.(\d{1,6})\d*)?Z$/.exec(String(text));
  const secondMs = match === null ? NaN : Date.parse(match[1] + "Z");
  if (match === null || Number.isNaN(secondMs)) return Date.parse(record["@timestamp"]) * 1e3;
  return secondMs * 1e3 + Number((match[2] ?? "").padEnd(6, "0"));
}

/** `1795651200.123456`, as Zeek writes times and intervals. */
export function secondsText(us: number): string {
  const sign = us < 0 ? "-" : "";
  const digits = String(Math.abs(us)).padStart(7, "0");
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
