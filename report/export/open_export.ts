/** The formats that a log is exported to. */

import type { Exporter } from "./exporter.ts";
import type { Write } from "./text_sink.ts";

/** Their names, as they are asked for. */
export const EXPORT_FORMATS = ["jsonl", "csv", "zeek", "zeek-json", "eve", "parquet"] as const;

/** One of the formats. */
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** Opens what writes a format; only that part of the program is loaded. */
export async function openExport(format: ExportFormat, write: Write): Promise<Exporter> {
  switch (format) {
    case "jsonl":
      return new (await import("./jsonl_export.ts")).JsonlExport(write);
    case "csv":
      return new (await import("./csv_export.ts")).CsvExport(write);
    case "zeek":
      return new (await import("./zeek_export.ts")).ZeekExport(write, "tsv");
    case "zeek-json":
      return new (await import("./zeek_export.ts")).ZeekExport(write, "json");
    case "eve":
      return new (await import("./eve_export.ts")).EveExport(write);
    case "parquet":
      return new (await import("./parquet_export.ts")).ParquetExport(write);
  }
}
