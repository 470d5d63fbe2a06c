/**
 * What a site costs ClickHouse: prints bytes on disk a record and a site's day, and the seconds of a core that it takes to put
 * records in, to make roll-ups anew and to answer a question, by the current engine. Part of `scripts/dev.sh test:fleet`.
 */

import { assertEquals } from "../assert.ts";
import { outgoing } from "../../forward/outgoing.ts";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { testWhen } from "../skip.ts";
import { currentClickHouse } from "./current_clickhouse.ts";
import { takenBy } from "./process.ts";
import { RECORDS_PER_DAY } from "./simulated_site.ts";

const open = await currentClickHouse();
const cpuSeconds = () => takenBy(Deno.pid).cpuSeconds;
const SITES = 4;
const INSERTED = 20_000;
const fileOf = (name: string) =>
  Deno.readTextFileSync(new URL(`../../contrib/fleet/clickhouse/${name}`, import.meta.url));

testWhen(typeof open === "function" ? null : open.missing, "what a site's day costs", () => {
  using clickhouse = (open as Exclude<typeof open, { missing: string }>)();
  clickhouse.run(fileOf("tables.sql"));
  clickhouse.run(fileOf("rollups.sql"));
  const startMs = (Math.floor(Date.now() / 86400e3) - 1) * 86400e3;
  let [count, seconds] = [0, 0];
  const insert = (rows: readonly string[]) => {
    const began = cpuSeconds();
    clickhouse.run(`INSERT INTO wifilogger.arriving FORMAT JSONEachRow ${rows.join("\n")}`);
    seconds += cpuSeconds() - began;
    count += rows.length;
  };
  for (let site = 0; site < SITES; site++) {
    let rows: string[] = [];
    for (const line of householdLines({ startMs, records: RECORDS_PER_DAY, seed: site })) {
      rows.push(JSON.stringify({ record: outgoing(line, `site-${site}`)!.line }));
      if (rows.length < INSERTED) continue;
      insert(rows);
      rows = [];
    }
    insert(rows);
  }
  const secondsOf = (run: () => void) => {
    const began = cpuSeconds();
    run();
    return Math.round((cpuSeconds() - began) * 100) / 100;
  };
  const refreshed = Object.fromEntries(
    ["sum_site_hours", "sum_name_days"].map((view) => [
      view,
      secondsOf(() => {
        clickhouse.run(`SYSTEM REFRESH VIEW wifilogger.${view}`);
        clickhouse.run(`SYSTEM WAIT VIEW wifilogger.${view}`);
      }),
    ]),
  );
  const question = secondsOf(() => {
    const [{ bytes }] = clickhouse.rows(
      "SELECT sum(network_bytes) AS bytes FROM wifilogger.flows FINAL WHERE observer_name = 'site-1'",
    );
    assertEquals(Number(bytes) > 0, true);
  });
  for (const table of ["flows", "site_hours", "name_days"]) {
    clickhouse.run(`OPTIMIZE TABLE wifilogger.${table} FINAL`);
  }
  const tables = clickhouse.rows(
    "SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts " +
      "WHERE database = 'wifilogger' AND active GROUP BY table ORDER BY table",
  ).map(({ table, rows, bytes }) => ({
    table,
    rowsPerSiteDay: Math.round(Number(rows) / SITES),
    bytesPerRow: Math.round(Number(bytes) / Number(rows)),
    bytesPerSiteDay: Math.round(Number(bytes) / SITES),
  }));
  console.log({
    insertedPerCpuSecond: Math.round(count / seconds),
    refreshCpuSeconds: refreshed,
    questionCpuSeconds: question,
    tables,
  });
});
