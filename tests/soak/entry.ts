/** What is kept of a record to know it again: that it arrived. */

import { isGap, type LogRecord } from "../../record/log_record.ts";

/**
 * A word for each record. Of records without a flow several may have the same one. Times are left out: a clock that is set
 * changes them in records that wait in RAM and may have been sent by then.
 */
export function entryOf(record: LogRecord): string {
  if (isGap(record)) {
    const { reason, count } = record.wifilogger.gap;
    return `${reason} ${count ?? ""}`;
  }
  const { network, source, wifilogger } = record;
  const flow = "flow_id" in wifilogger ? `${wifilogger.flow_id} ${wifilogger.part}` : source.ip;
  return `${flow} ${network.transport} ${network.packets} ${network.bytes}`;
}
