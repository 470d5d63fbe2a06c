/** What is sent of a line of the log: its record with the site's name, and an identity where it has none. */

import { isGap } from "../record/log_record.ts";
import { parseLine } from "../record/logged_line.ts";
import { localDayAt } from "../storage/day/calendar_day.ts";
import type { OutgoingRecord, SentRecord } from "./outputs/output.ts";

/** The record of a line; `undefined` when the line is none of the logger's. */
export function outgoing(line: string, site: string): OutgoingRecord | undefined {
  const record = parseLine(line);
  if (record === undefined) return undefined;
  const observer = { name: site, ...record.observer };
  if (!isGap(record)) return written({ ...record, observer });
  const { reason } = record.wifilogger.gap;
  const where = record.observer?.ingress.interface.name ?? "all";
  const flow_id = `gap-${reason}-${record.event.start}-${where}`;
  return written({ ...record, observer, wifilogger: { ...record.wifilogger, flow_id, part: 0 } });
}

/** A gap in what is sent, of a day, `YYYY-MM-DD`, that the archive dropped before its records were sent. */
export function droppedDay(day: string, site: string): OutgoingRecord {
  // Midnight may be left out of a day; noon never is.
  const { startMs, endMs } = localDayAt(Date.parse(`${day}T12:00:00`));
  return gap({ startMs, endMs, site, flow_id: `gap-retention-${day}`, reason: "retention" });
}

/** A gap in what is sent, of records that the receiver does not take. */
export function refusedRecords(records: readonly OutgoingRecord[], site: string): OutgoingRecord {
  const [{ record: first }, { record: last }] = [records[0], records[records.length - 1]];
  const { flow_id, part } = first.wifilogger;
  return gap({
    startMs: Date.parse(first["@timestamp"]),
    endMs: Date.parse(last["@timestamp"]),
    site,
    flow_id: `gap-refused-${flow_id}-${part}`,
    reason: "refused",
    count: records.length,
  });
}

interface GapFields {
  readonly startMs: number;
  readonly endMs: number;
  readonly site: string;
  readonly flow_id: string;
  readonly reason: "retention" | "refused";
  readonly count?: number;
}

function gap({ startMs, endMs, site, flow_id, reason, count }: GapFields): OutgoingRecord {
  const [start, end] = [startMs, endMs].map((ms) => new Date(ms).toISOString());
  return written({
    "@timestamp": end,
    event: { action: "gap", start, end, duration: Math.max(0, endMs - startMs) * 1e6 },
    observer: { name: site },
    wifilogger: { v: 1, flow_id, part: 0, gap: { reason, count } },
  });
}

function written(record: SentRecord): OutgoingRecord {
  return { line: JSON.stringify(record), record };
}
