/**
 * DuckDB reads what is exported, and the days of the archive as they lie: `scripts/dev.sh test:export`. DuckDB is
 * fetched for this alone (100 MB), and no part of the other tests.
 */

import fc from "fast-check";
import { exportLog } from "../../../cli/commands/export.ts";
import { isGap, type LogRecord } from "../../../record/log_record.ts";
import { assert, assertEquals } from "../../assert.ts";
import { testWhen } from "../../skip.ts";
import { madeUpRecords, openMadeUpLog, Summing, type Sums, sumsOf } from "./made_up_log.ts";

const DUCKDB = "npm:@duckdb/node-api@1.5.6-r.1";

/** The part of DuckDB's interface that is used here. */
interface Connection {
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
}

async function connect(): Promise<Connection | string> {
  try {
    const { DuckDBInstance } = await import(DUCKDB);
    return await (await DuckDBInstance.create(":memory:")).connect();
  } catch (error) {
    return `${DUCKDB} cannot be had here: ${error}`;
  }
}

const connection = await connect();
const missing = typeof connection === "string" ? connection : null;

async function rowsOf(sql: string): Promise<unknown[][]> {
  return (await (connection as Connection).runAndReadAll(sql)).getRows();
}

async function exportTo(path: string, log: { ramLogPath: string; archiveDir: string }) {
  const code = await exportLog([
    ...["--format", "parquet", "--output", path],
    ...["--ram-log", log.ramLogPath, "--archive-dir", log.archiveDir],
  ]);
  assertEquals(code, 0);
}

function summed(rows: unknown[][]): Sums {
  const sums = new Summing();
  for (const [sb, sp, db, dp, flowId, merged] of rows) {
    sums.add(sb, sp, db, dp, flowId, merged ?? undefined);
  }
  return sums.sums();
}

testWhen(missing, "DuckDB reads the Parquet of an export: its sums, times and gaps", async () => {
  const property = fc.asyncProperty(madeUpRecords, async (records) => {
    await using log = await openMadeUpLog(records);
    const path = `${log.home}/log.parquet`;
    await exportTo(path, log);
    const rows = await rowsOf(
      "select source_bytes, source_packets, destination_bytes, destination_packets, flow_id, " +
        `merged_flows from '${path}' where record <> 'gap'`,
    );
    assertEquals(summed(rows), sumsOf(records));
    const [[gaps, newestMs]] = await rowsOf(
      `select count(*) filter (record = 'gap'), epoch_ms(max("timestamp")) from '${path}'`,
    );
    assertEquals(Number(gaps), records.filter(isGap).length);
    assertEquals(Number(newestMs), newestOf(records));
  });
  await fc.assert(property, { numRuns: 30 });
});

testWhen(
  missing,
  "DuckDB reads the days of the archive, compressed in several members",
  async () => {
    let membersRead = 0;
    const property = fc.asyncProperty(madeUpRecords, async (records) => {
      await using log = await openMadeUpLog(records);
      const compressed = [...Deno.readDirSync(log.archiveDir)].filter(({ name }) =>
        name.endsWith(".gz")
      );
      for (const { name } of compressed) {
        const day = name.slice(0, 10);
        const [[bytes, count]] = await rowsOf(
          "select coalesce(sum(network.bytes), 0), count(*) from read_json(" +
            `'${log.archiveDir}/${name}', format = 'newline_delimited', compression = 'gzip', columns = ` +
            `{network: 'STRUCT(bytes BIGINT)', "@timestamp": 'VARCHAR'})`,
        );
        const ofDay = records.filter((record) => localDayOf(record) === day);
        const sum = ofDay.reduce(
          (sum, record) => sum + (isGap(record) ? 0 : record.network.bytes),
          0,
        );
        assertEquals([Number(bytes), Number(count)], [sum, ofDay.length]);
        membersRead += ofDay.length > 1 ? 1 : 0;
      }
    });
    await fc.assert(property, { numRuns: 30 });
    assert(membersRead > 0);
  },
);

function newestOf(records: readonly LogRecord[]): number {
  return Math.max(...records.map((record) => Date.parse(record["@timestamp"])));
}

function localDayOf(record: LogRecord): string {
  return new Date(record["@timestamp"]).toLocaleDateString("sv-SE");
}
