/** An answer's rows as a Parquet file: the columns of its CSV. */

import { parquetWriteBuffer } from "hyparquet-writer";
import type { Answer } from "../question/answer.ts";
import { rowTable } from "./answer_json.ts";

/** The bytes of the file. */
export function answerParquet(answer: Answer): Uint8Array {
  const { columns, rows } = rowTable(answer);
  const sums = new Set(["bytes", "up_bytes", "down_bytes", "packets", "flows", "before_bytes"]);
  return new Uint8Array(parquetWriteBuffer({
    columnData: columns.map((name, i) => {
      const values = rows.map((row) => row[i]);
      if (name === "is_new") return { name, data: values, type: "BOOLEAN" as const };
      if (sums.has(name)) {
        return {
          name,
          data: values.map((value) => BigInt(value as number)),
          type: "INT64" as const,
        };
      }
      // A port may be absent, or "other".
      const texts = values.map((value) => value === null ? null : String(value));
      return { name, data: texts, type: "STRING" as const };
    }),
  }));
}
