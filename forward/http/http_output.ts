/** Records as lines of JSON, posted in batches, to whatever takes them: ClickHouse, Vector, Fluent Bit. */

import type { OutputUrl } from "../../service/settings/output_url.ts";
import type { OutgoingRecord, Output } from "../outputs/output.ts";
import { flatColumns } from "./flat_columns.ts";
import { HttpClient } from "./http_client.ts";

/** Opens an output over HTTP; nothing is asked before the first batch. */
export function httpOutput(url: OutputUrl): Output {
  const client = new HttpClient(url, "application/x-ndjson");
  const lineOf = url.options.columns === "flat"
    ? ({ record }: OutgoingRecord) => JSON.stringify(flatColumns(record))
    : ({ line }: OutgoingRecord) => line;
  return {
    name: url.name,
    batchRecords: 2000,
    batchChars: 2_000_000,
    send: (batch, stop) => client.post(batch.map((one) => lineOf(one) + "\n").join(""), stop),
    close: () => Promise.resolve(client.close()),
  };
}
