/** What is exported, read back: nothing is lost, nothing is counted twice, nothing commands a terminal. */

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
// @ts-types="../../../types/papaparse.d.ts"
import Papa from "papaparse";
import { exportLog } from "../../../cli/commands/export.ts";
import {
  type FlowRecord,
  isGap,
  isMerged,
  type LogRecord,
  type MergedRecord,
} from "../../../record/log_record.ts";
import { parseLine } from "../../../record/logged_line.ts";
import { EveExport } from "../../../report/export/eve_export.ts";
import type { Exporter } from "../../../report/export/exporter.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../../../report/export/open_export.ts";
import { ParquetExport, ROW_GROUP } from "../../../report/export/parquet_export.ts";
import { ZeekExport, zeekUid } from "../../../report/export/zeek_export.ts";
import { timestampUs } from "../../../record/timestamp.ts";
import { assert, assertEquals } from "../../assert.ts";
import { lineOf, madeUpRecords, openMadeUpLog, Summing, type Sums, sumsOf } from "./made_up_log.ts";
import { parseZeekTsv } from "./zeek_tsv.ts";

/** The types of the fields that are written, as Suricata's `etc/schema.json` has them; no others are allowed. */
const integer = { type: "integer", minimum: 0 };
const text = { type: "string" };
const eveTime = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+0000$",
};
const only = (properties: Record<string, object>) => ({
  type: "object",
  properties,
  additionalProperties: false,
});
const isEve = new Ajv2020().compile({
  ...only({
    timestamp: eveTime,
    flow_id: { ...integer, maximum: Number.MAX_SAFE_INTEGER },
    in_iface: text,
    event_type: { const: "flow" },
    src_ip: text,
    src_port: integer,
    dest_ip: text,
    dest_port: integer,
    proto: text,
    app_proto: text,
    community_id: text,
    flow: {
      ...only({
        pkts_toserver: integer,
        pkts_toclient: integer,
        bytes_toserver: integer,
        bytes_toclient: integer,
        start: eveTime,
        end: eveTime,
        age: integer,
        state: { enum: ["new", "established", "closed"] },
        reason: { enum: ["timeout", "forced", "shutdown", "unknown"] },
        alerted: { type: "boolean" },
      }),
      required: [
        "pkts_toserver",
        "pkts_toclient",
        "bytes_toserver",
        "bytes_toclient",
        "start",
        "end",
      ],
    },
    tls: only({ sni: text }),
    http: only({ hostname: text }),
    metadata: only({ flowints: { type: "object", additionalProperties: integer } }),
  }),
  required: ["timestamp", "flow_id", "event_type", "proto", "flow"],
});

// deno-lint-ignore no-explicit-any
const jsonLines = (output: string): any[] => {
  const lines = output.split("\n");
  assertEquals(lines.pop(), "");
  return lines.map((line) => JSON.parse(line));
};
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** What an export comes to, by a reader of its format. */
const READERS: Record<ExportFormat, (bytes: Uint8Array) => Sums | Promise<Sums>> = {
  jsonl: (bytes) => sumsOf(jsonLines(decode(bytes))),
  csv: (bytes) => {
    const { data: [names, ...rows], errors } = Papa.parse(decode(bytes).replace(/\r\n$/, ""));
    assertEquals(errors, []);
    return rowSums(rows.map((row) => {
      assertEquals(row.length, names.length);
      return Object.fromEntries(row.map((cell, i) => [names[i], cell === "" ? undefined : cell]));
    }));
  },
  parquet: async (bytes) => rowSums(await parquetRows(bytes)),
  zeek: (bytes) => zeekSums(parseZeekTsv(decode(bytes))),
  "zeek-json": (bytes) => zeekSums(jsonLines(decode(bytes))),
  eve: (bytes) => {
    const sums = new Summing();
    for (const event of jsonLines(decode(bytes))) {
      assert(isEve(event) as boolean, JSON.stringify([event, isEve.errors]));
      const { flow, flow_id: flowId, metadata } = event;
      sums.add(
        ...[
          flow.bytes_toserver,
          flow.pkts_toserver,
          flow.bytes_toclient,
          flow.pkts_toclient,
        ] as const,
        flowId,
        metadata?.flowints["wifilogger.merged_flows"],
      );
    }
    return sums.sums();
  },
};

function parquetRows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

function rowSums(rows: readonly Record<string, unknown>[]): Sums {
  const sums = new Summing();
  for (const row of rows) {
    if (row.record === "gap") continue;
    sums.add(
      ...[
        row.source_bytes,
        row.source_packets,
        row.destination_bytes,
        row.destination_packets,
      ] as const,
      row.flow_id,
      row.merged_flows ?? undefined,
    );
  }
  return sums.sums();
}

function zeekSums(rows: readonly Record<string, unknown>[]): Sums {
  const sums = new Summing();
  for (const row of rows) {
    sums.add(
      ...[row.orig_ip_bytes, row.orig_pkts, row.resp_ip_bytes, row.resp_pkts] as const,
      row.uid,
      row.merged_flows,
    );
  }
  return sums.sums();
}

function isOfFlows(record: LogRecord): record is FlowRecord | MergedRecord {
  return !isGap(record);
}

/** What the command writes, and says. */
async function exported(records: readonly LogRecord[], format: ExportFormat) {
  await using log = await openMadeUpLog(records);
  const path = `${log.home}/export`;
  const said: string[] = [];
  const sayError = console.error;
  console.error = (text: string) => said.push(text);
  try {
    const code = await exportLog([
      ...["--format", format, "--output", path],
      ...["--ram-log", log.ramLogPath, "--archive-dir", log.archiveDir],
    ]);
    assertEquals(code, 0, said.join("\n"));
    return { bytes: await Deno.readFile(path), said: said.join("\n") };
  } finally {
    console.error = sayError;
  }
}

/** What an exporter writes. */
function written(
  records: readonly LogRecord[],
  open: (write: (b: Uint8Array) => void) => Exporter,
) {
  const parts: Uint8Array[] = [];
  const exporter = open((bytes) => parts.push(bytes.slice()));
  for (const record of records) exporter.add(record, lineOf(record));
  exporter.finish();
  return { text: decode(new Uint8Array(parts.flatMap((part) => [...part]))), exporter };
}

for (const format of EXPORT_FORMATS) {
  Deno.test(`\`export --format ${format}\` has the sums of the log`, async () => {
    const property = fc.asyncProperty(madeUpRecords, async (records) => {
      const { bytes, said } = await exported(records, format);
      assertEquals(await READERS[format](bytes), sumsOf(records));
      const gaps = records.filter(isGap).length;
      const hasGaps = ["jsonl", "csv", "parquet"].includes(format);
      assertEquals(
        /(\d+) gap records? left out/.exec(said)?.[1],
        hasGaps || gaps === 0 ? undefined : `${gaps}`,
      );
    });
    await fc.assert(property, { numRuns: 40 });
  });
}

Deno.test("a flow that is pushed out goes on in another line, and sums stay", () => {
  const opens = [
    { open: (w: (b: Uint8Array) => void) => new ZeekExport(w, "tsv", 1), read: READERS.zeek },
    { open: (w: (b: Uint8Array) => void) => new EveExport(w, 1), read: READERS.eve },
  ];
  let pushedOut = 0;
  fc.assert(fc.property(madeUpRecords, (records) => {
    for (const { open, read } of opens) {
      const { text, exporter } = written(records, open);
      assertEquals(read(new TextEncoder().encode(text)) as Sums, sumsOf(records));
      pushedOut += exporter.mergeCounts!.pushedOut;
    }
  }));
  assert(pushedOut > 0);
});

Deno.test("Zeek's lines say of each flow what the log says, and leave unset what it does not", () => {
  fc.assert(fc.property(madeUpRecords, (records) => {
    const rows = parseZeekTsv(written(records, (write) => new ZeekExport(write, "tsv")).text);
    const json = jsonLines(written(records, (write) => new ZeekExport(write, "json")).text);
    const ofFlows = Map.groupBy(
      records.filter(isOfFlows),
      (record) => zeekUid(record.wifilogger.flow_id),
    );
    assertEquals(rows.length, ofFlows.size);
    assertEquals(json, rows.map((row) => JSON.parse(JSON.stringify(row))));
    for (const row of rows) {
      const ofFlow = ofFlows.get(row.uid as string)!;
      const [first] = ofFlow;
      const { direction } = first.network;
      const starts = ofFlow.map(({ event }) => event.start).sort();
      assertEquals(timestampUs(Math.round((row.ts as number) * 1e6)), starts[0]);
      assertEquals(row["id.orig_h"], first.source.ip);
      assertEquals(row["id.resp_p"], first.destination.port);
      assertEquals(row.local_orig, direction === "outbound" || direction === "internal");
      assertEquals(row.local_resp, direction === "inbound" || direction === "internal");
      const hasName = first.wifilogger.name_source !== "none";
      assertEquals(row.resp_name, hasName ? first.destination.domain : undefined);
      assertEquals(row.community_id, isMerged(first) ? undefined : first.network.community_id);
      for (const name of ["orig_bytes", "resp_bytes", "history", "missed_bytes"]) {
        assertEquals(row[name], undefined);
      }
      if (first.network.transport === "tcp") assertEquals(row.conn_state, undefined);
    }
  }));
});

Deno.test("Parquet keeps each value of a record in its type", async () => {
  await fc.assert(
    fc.asyncProperty(madeUpRecords, async (records) => {
      const rows = await parquetRows((await exported(records, "parquet")).bytes);
      assertEquals(rows.length, records.length);
      for (const [i, record] of records.entries()) {
        assertEquals((rows[i].timestamp as Date).getTime(), Date.parse(record["@timestamp"]));
        assertEquals(rows[i].clock, record.wifilogger.clock);
        if (isGap(record)) assertEquals(rows[i].gap_reason, record.wifilogger.gap.reason);
        else {
          assertEquals(rows[i].destination_domain, record.destination.domain);
          assertEquals(rows[i].source_bytes, BigInt(record.source.bytes));
          assertEquals(
            rows[i].destination_geo_location_lat ?? undefined,
            record.destination.geo?.location?.lat,
          );
        }
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("Parquet is written in row groups that are bounded, and read back whole", () => {
  const rows = ROW_GROUP * 2 + 1;
  const [record] = fc.sample(madeUpRecords, { numRuns: 1, seed: 7 })[0];
  const parts: Uint8Array[] = [];
  const exporter = new ParquetExport((bytes) => parts.push(bytes.slice()));
  for (let i = 0; i < rows; i++) {
    exporter.add(record);
    assertEquals(parts.length, Math.floor((i + 1) / ROW_GROUP), "nothing is kept back");
  }
  exporter.finish();
  const file = new Uint8Array(parts.flatMap((part) => [...part])).buffer;
  const { row_groups: groups } = parquetMetadata(file);
  assertEquals(groups.map(({ num_rows }) => Number(num_rows)), [ROW_GROUP, ROW_GROUP, 1]);
});

Deno.test("a line that was made by hand stops no export", async () => {
  const byHand = parseLine(JSON.stringify({
    "@timestamp": "2026-11-20T12:00:00Z",
    event: { start: "once", duration: "long" },
    network: { bytes: "many", protocol: 7 },
    source: { ip: "x", bytes: 1, port: "http", geo: null },
    destination: { ip: "y", bytes: 2, domain: "z", geo: { location: "here" } },
    tls: 5,
    wifilogger: {},
  }))!;
  for (const format of EXPORT_FORMATS) {
    const { bytes } = await exported([byHand], format);
    assert(bytes.length > 0, format);
  }
  assertEquals(
    (await parquetRows((await exported([byHand], "parquet")).bytes))[0].source_bytes,
    1n,
  );
});

Deno.test("no text of an export commands a terminal, and no cell a spreadsheet", async () => {
  const unsafe =
    // deno-lint-ignore no-control-regex
    /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
  const property = fc.asyncProperty(madeUpRecords, async (records) => {
    for (const format of EXPORT_FORMATS.filter((format) => format !== "parquet")) {
      const output = decode((await exported(records, format)).bytes);
      assert(!unsafe.test(output), format);
      if (format !== "zeek") assert(!output.includes("\t"), format);
      if (format !== "csv") assert(!output.includes("\r"), format);
      if (format === "jsonl") {
        // Escaped or not, it is the same record.
        assertEquals(jsonLines(output), records.map((record) => JSON.parse(lineOf(record))));
      }
      if (format === "csv") {
        const domain = Papa.parse(output).data[0].indexOf("destination_domain");
        for (const row of Papa.parse(output).data) {
          assert(!/^\s*[=+\-@]/.test(row[domain] ?? ""), row[domain]);
        }
      }
    }
  });
  await fc.assert(property, { numRuns: 30 });
});
