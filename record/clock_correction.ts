/** Records that were made before the clock was set, corrected while they are still in RAM. */

import { timestampMs, timestampUs } from "./timestamp.ts";

/** What the clock is known to be by now. */
export interface KnownClock {
  /** An instant (microseconds since 1970) as the present clock would have told it. */
  present(epochUs: number): number;
  readonly isSynced: boolean;
}

/**
 * A line whose times are those of the clock as it is known by now, without its newline; `undefined` where there is
 * nothing to correct: the line was made by a clock that was set, or is no record.
 */
export function correctedLine(line: string, clock: KnownClock): string | undefined {
  if (!line.includes('"unsynced"')) return undefined;
  const record = parse(line);
  if (record?.wifilogger?.clock !== "unsynced" || record.event === undefined) return undefined;
  const startUs = presentOf(record.event.start, clock);
  const endUs = presentOf(record.event.end, clock);
  if (startUs === undefined || endUs === undefined) return undefined;
  record["@timestamp"] = timestampMs(endUs);
  record.event.start = timestampUs(startUs);
  record.event.end = timestampUs(endUs);
  record.event.duration = (endUs - startUs) * 1e3;
  if (clock.isSynced) record.wifilogger.clock = "synced";
  return JSON.stringify(record);
}

interface Correctable {
  "@timestamp": string;
  event?: { start: string; end: string; duration: number };
  wifilogger?: { clock?: string };
}

function parse(line: string): Correctable | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** From `2026-11-22T12:00:00.000123Z`, which `Date.parse()` would round. */
function presentOf(timestamp: unknown, clock: KnownClock): number | undefined {
  const match = /^(.{23})(\d{3})Z$/.exec(String(timestamp));
  if (match === null) return undefined;
  const epochUs = Date.parse(`${match[1]}Z`) * 1e3 + Number(match[2]);
  return Number.isNaN(epochUs) ? undefined : Math.round(clock.present(epochUs));
}
