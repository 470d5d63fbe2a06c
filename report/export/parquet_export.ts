/**
 * The flat columns as Parquet. A row group is written as soon as it is full, so that memory holds one of them, and of
 * each that was written its entry in the footer: 4 kB of the file for every 4,096 records.
 */

import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import type { LogRecord } from "../../record/log_record.ts";
import type { Exporter } from "./exporter.ts";
import { type ColumnType, FLAT_COLUMNS, type Value } from "./flat_columns.ts";
import type { Write } from "./text_sink.ts";

/** Records in a row group: with 16,384 the small heap of the compiled program was collected all the time. */
export const ROW_GROUP = 4096;

const ELEMENTS: Record<ColumnType, Omit<SchemaElement, "name">> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MICROS", repetition_type: "OPTIONAL" },
  integer: { type: "INT64", repetition_type: "OPTIONAL" },
  number: { type: "DOUBLE", repetition_type: "OPTIONAL" },
  boolean: { type: "BOOLEAN", repetition_type: "OPTIONAL" },
};

const SCHEMA: SchemaElement[] = [
  { name: "root", num_children: FLAT_COLUMNS.length },
  ...FLAT_COLUMNS.map(({ name, type }) => ({ name, ...ELEMENTS[type] })),
];

/** Writes the flat columns; gaps are rows too. Text is as the log has it, controls included. */
export class ParquetExport implements Exporter {
  readonly gapsLeftOut = 0;
  readonly #bytes = new ByteWriter();
  readonly #parquet: ParquetWriter;
  readonly #write: Write;
  #columns = emptyColumns();
  #rows = 0;

  constructor(write: Write) {
    this.#write = write;
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: SCHEMA,
      createdBy: "wifilogger",
    });
  }

  add(record: LogRecord): void {
    FLAT_COLUMNS.forEach(({ value }, i) => {
      this.#columns[i].push(value(record));
    });
    if (++this.#rows === ROW_GROUP) this.#writeGroup();
  }

  finish(): void {
    this.#writeGroup();
    this.#parquet.finish();
    this.#flush();
  }

  #writeGroup(): void {
    if (this.#rows === 0) return;
    this.#parquet.write({
      columnData: FLAT_COLUMNS.map(({ name, type }, i) => ({
        name,
        encoding: encodingOf(name, type),
        data: this.#columns[i].map((value) => stored(type, value)),
      })),
      rowGroupSize: ROW_GROUP,
    });
    this.#columns = emptyColumns();
    this.#rows = 0;
    this.#flush();
  }

  #flush(): void {
    this.#write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** Looking for values that repeat is in vain here; times that follow one another are small beside the one before. */
function encodingOf(name: string, type: ColumnType): "DELTA_BINARY_PACKED" | "PLAIN" | undefined {
  if (type === "time") return "DELTA_BINARY_PACKED";
  return name === "flow_id" || name === "network_community_id" ? "PLAIN" : undefined;
}

function emptyColumns(): Value[][] {
  return FLAT_COLUMNS.map(() => []);
}

/** 64-bit integers are bigints to the writer. What has not the column's type, in a line made by hand, is not there. */
function stored(type: ColumnType, value: Value): Value | bigint | null {
  if (type === "text") return typeof value === "string" ? value : null;
  if (type === "boolean") return typeof value === "boolean" ? value : null;
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  return type === "number" ? value : BigInt(Math.trunc(value));
}
