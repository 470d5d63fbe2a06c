/** The log's own lines. */

import type { LogRecord } from "../../record/log_record.ts";
import type { Exporter } from "./exporter.ts";
import { safeJson } from "./safe_text.ts";
import { TextSink, type Write } from "./text_sink.ts";

/** Writes lines as they stand in the log; what a terminal could obey is written as JSON's own escapes. */
export class JsonlExport implements Exporter {
  readonly gapsLeftOut = 0;
  readonly #sink: TextSink;

  constructor(write: Write) {
    this.#sink = new TextSink(write);
  }

  add(_record: LogRecord, line: string): void {
    this.#sink.add(safeJson(line) + "\n");
  }

  finish(): void {
    this.#sink.flush();
  }
}
