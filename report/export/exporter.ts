/** What turns records into a file of some format. */

import type { LogRecord } from "../../record/log_record.ts";
import type { MergeCounts } from "./flow_merger.ts";

/** Takes records in the order of the log, and writes what it makes of them as it goes. */
export interface Exporter {
  /** Takes a record, and its line without its end. */
  add(record: LogRecord, line: string): void;
  /** Writes what is left; nothing may be added behind that. */
  finish(): void;
  /** Gaps that the format has no place for. */
  readonly gapsLeftOut: number;
  /** Of formats that have one line for a flow. */
  readonly mergeCounts?: MergeCounts;
}
