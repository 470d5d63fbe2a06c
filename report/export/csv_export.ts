/** Rows of text, RFC 4180. */

import { csvText } from "../../record/csv_text.ts";
import type { LogRecord } from "../../record/log_record.ts";
import { timestampMs, timestampUs } from "../../record/timestamp.ts";
import type { Exporter } from "./exporter.ts";
import { type Column, FLAT_COLUMNS, type Value } from "./flat_columns.ts";
import { escapeText } from "../../record/escape_text.ts";
import { TextSink, type Write } from "./text_sink.ts";

/** Rows that are made into text at once. */
const BATCH = 256;

/** Writes the flat columns, their names first; gaps are rows too. A cell that a spreadsheet would run begins with `'`. */
export class CsvExport implements Exporter {
  readonly gapsLeftOut = 0;
  readonly #sink: TextSink;
  #rows: (string | number | boolean | undefined)[][] = [];

  constructor(write: Write) {
    this.#sink = new TextSink(write);
    this.#rows.push(FLAT_COLUMNS.map(({ name }) => name));
  }

  add(record: LogRecord): void {
    this.#rows.push(FLAT_COLUMNS.map((column) => cell(column, column.value(record))));
    if (this.#rows.length >= BATCH) this.#writeRows();
  }

  finish(): void {
    this.#writeRows();
    this.#sink.flush();
  }

  #writeRows(): void {
    if (this.#rows.length === 0) return;
    this.#sink.add(csvText(this.#rows));
    this.#rows = [];
  }
}

function cell({ name, type }: Column, value: Value): Value {
  if (type === "time") {
    return name === "timestamp" ? timestampMs(value as number) : timestampUs(value as number);
  }
  return typeof value === "string" ? escapeText(value) : value;
}
