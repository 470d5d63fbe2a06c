/**
 * The fleet's tables, roll-ups and queries, as contrib/fleet has them, in the current ClickHouse. What they say is held
 * against what the product itself says of the same log. Part of `scripts/dev.sh test:fleet`.
 */

import fc from "fast-check";
import { assert, assertEquals } from "../assert.ts";
import { flatColumns } from "../../forward/http/flat_columns.ts";
import { droppedDay, outgoing } from "../../forward/outgoing.ts";
import type { SentRecord } from "../../forward/outputs/output.ts";
import { madeUpRecords } from "../report/export/made_up_log.ts";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { testWhen } from "../skip.ts";
import { type CurrentClickHouse, currentClickHouse, statementsOf } from "./current_clickhouse.ts";

const open = await currentClickHouse();
const missing = typeof open === "function" ? null : open.missing;

const fileOf = (name: string) =>
  Deno.readTextFileSync(new URL(`../../contrib/fleet/clickhouse/${name}`, import.meta.url));

function openFleet(): CurrentClickHouse {
  const clickhouse = (open as () => CurrentClickHouse)();
  clickhouse.run(fileOf("tables.sql"));
  clickhouse.run(fileOf("rollups.sql"));
  return clickhouse;
}

/** Puts records in as they come from NATS, a text of JSON each. */
function arrive(clickhouse: CurrentClickHouse, records: readonly SentRecord[]): void {
  const rows = records.map((record) => JSON.stringify({ record: JSON.stringify(record) }));
  clickhouse.run(`INSERT INTO wifilogger.arriving FORMAT JSONEachRow ${rows.join("\n")}`);
}

/** Makes the roll-ups anew now. */
function refresh(clickhouse: CurrentClickHouse): void {
  for (const view of ["sum_site_hours", "sum_name_days"]) {
    clickhouse.run(`SYSTEM REFRESH VIEW wifilogger.${view}`);
    clickhouse.run(`SYSTEM WAIT VIEW wifilogger.${view}`);
  }
}

/** A site's records of a day that is `daysAgo`. */
function day(site: string, seed: number, { records = 3000, daysAgo = 1 } = {}): SentRecord[] {
  const startMs = Math.floor(Date.now() / 86400e3) * 86400e3 - daysAgo * 86400e3;
  return [...householdLines({ startMs, records, seed })].map((line) =>
    outgoing(line, site)!.record
  );
}

interface Sums {
  up: number;
  down: number;
  packets: number;
  flows: number;
}

/** What records sum to, by the rules of `wifilogger report`. */
function sumsOf(records: readonly SentRecord[], keyOf: (record: SentRecord) => string) {
  const sums: Record<string, Sums> = {};
  for (const record of records) {
    if ("action" in record.event) continue;
    // deno-lint-ignore no-explicit-any
    const { network, source, destination, wifilogger } = record as any;
    const [near, far] = network.direction === "inbound"
      ? [destination, source]
      : [source, destination];
    const sum = sums[keyOf(record)] ??= { up: 0, down: 0, packets: 0, flows: 0 };
    sum.up += near.bytes;
    sum.down += far.bytes;
    sum.packets += network.packets;
    sum.flows += wifilogger.merged_flows ?? (wifilogger.part === 0 ? 1 : 0);
  }
  return sums;
}

function siteSums(clickhouse: CurrentClickHouse, table: string) {
  const rows = clickhouse.rows(
    `SELECT site, sum(up_bytes) AS up, sum(down_bytes) AS down, sum(packets) AS packets, ` +
      `sum(flows) AS flows FROM wifilogger.${table} FINAL GROUP BY site ORDER BY site`,
  );
  return Object.fromEntries(
    rows.map(({ site, ...sums }) => [
      site,
      Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number(sum)])),
    ]),
  );
}

const bySite = (record: SentRecord) => record.observer.name;

testWhen(missing, "roll-ups are right when records come twice, late, and after a refresh", () => {
  using clickhouse = openFleet();
  const home = day("home", 1);
  const office = day("office", 2);
  arrive(clickhouse, home.slice(0, 2000));
  arrive(clickhouse, office);
  refresh(clickhouse);
  // After a restart the forwarder sends some again; a view that adds what is inserted would count them twice.
  arrive(clickhouse, home.slice(1500));
  arrive(clickhouse, office.slice(-100));
  refresh(clickhouse);
  refresh(clickhouse);
  // A site that was cut off sends a day of last week.
  const late = day("home", 3, { daysAgo: 8 });
  arrive(clickhouse, late);
  arrive(clickhouse, late);
  refresh(clickhouse);
  const all = [...home, ...office, ...late];
  const expected = sumsOf(all, bySite);
  assertEquals(siteSums(clickhouse, "site_hours"), expected);
  assertEquals(siteSums(clickhouse, "name_days"), expected);
  const [{ rows, once }] = clickhouse.rows(
    "SELECT (SELECT count() FROM wifilogger.flows FINAL) AS once, count() AS rows FROM wifilogger.flows",
  );
  assertEquals(Number(once), all.length);
  assert(Number(rows) > all.length, "no copy was there to be left out");
});

testWhen(missing, "merged flows, gaps and odd names arrive as they are in the log", () => {
  using clickhouse = openFleet();
  const records = fc.sample(madeUpRecords, 40).flat().map((record) =>
    outgoing(JSON.stringify(record), "home")!.record
  );
  arrive(clickhouse, records);
  const once = [
    ...new Map(
      records.map((one) => [`${one.wifilogger.flow_id} ${one.wifilogger.part}`, one]),
    ).values(),
  ];
  const rows = clickhouse.rows("SELECT * FROM wifilogger.flows FINAL");
  assertEquals(rows.length, once.length);
  const stored = new Map(
    rows.map((row) => [`${row.wifilogger_flow_id} ${row.wifilogger_part}`, row]),
  );
  for (const record of once) {
    const { flow_id, part } = record.wifilogger;
    const row = stored.get(`${flow_id} ${part}`)!;
    for (const [column, value] of Object.entries(flatColumns(record))) {
      assert(column in row, `there is no column ${column}`);
      const got = row[column];
      const isTime = column === "timestamp" || column === "event_start" || column === "event_end";
      if (isTime) {
        assertEquals(Date.parse(`${got}`.replace(" ", "T") + "Z"), Date.parse(`${value}`));
      } else if (typeof value === "string") assertEquals(got, value, column);
      else assertEquals(Number(got), Number(value), column);
    }
  }
});

testWhen(missing, "what the HTTP output sends with flat columns makes the same rows", () => {
  using clickhouse = openFleet();
  const records = fc.sample(madeUpRecords, 20).flat();
  const sent = (site: string) => records.map((one) => outgoing(JSON.stringify(one), site)!.record);
  arrive(clickhouse, sent("nested"));
  const rows = sent("flat").map((record) => JSON.stringify(flatColumns(record)));
  // The settings are those of the URL in docs/fleet.md.
  clickhouse.run(
    "INSERT INTO wifilogger.flows SETTINGS date_time_input_format = 'best_effort' " +
      `FORMAT JSONEachRow ${rows.join("\n")}`,
  );
  const stored = (site: string) =>
    clickhouse.rows(
      "SELECT * EXCEPT (observer_name, received_at) FROM wifilogger.flows FINAL " +
        `WHERE observer_name = '${site}' ORDER BY wifilogger_flow_id, wifilogger_part`,
    );
  assert(stored("flat").length > 0);
  assertEquals(stored("flat"), stored("nested"));
});

testWhen(missing, "what comes from NATS is taken under its own site's name alone", () => {
  using clickhouse = openFleet();
  const [table, view] = fileOf("nats.sql").split("CREATE MATERIALIZED VIEW");
  // The engine is one of the server, which chdb leaves out; it gives each message its subject.
  assert(/ENGINE = NATS/.test(table));
  clickhouse.run(
    "CREATE TABLE wifilogger.nats_records (record String, _subject LowCardinality(String)) ENGINE = Null",
  );
  clickhouse.run(`CREATE MATERIALIZED VIEW${view}`);
  const rows = ["home", "office"].flatMap((site) =>
    day("home", 1, { records: 30 }).map((record) =>
      JSON.stringify({
        record: JSON.stringify(record),
        _subject: `$MQTT.msgs.wifilogger.${site}.records`,
      })
    )
  );
  clickhouse.run(`INSERT INTO wifilogger.nats_records FORMAT JSONEachRow ${rows.join("\n")}`);
  const [{ count }] = clickhouse.rows("SELECT count() AS count FROM wifilogger.flows");
  assertEquals(Number(count), rows.length / 2);
});

testWhen(
  missing,
  "what the fleet meets for the first time is said once, with where and when",
  () => {
    using clickhouse = openFleet();
    const old = day("home", 1, { daysAgo: 3 });
    const named = (record: SentRecord, domain: string, site: string): SentRecord => {
      const { destination, ...rest } = record as Exclude<SentRecord, { event: { action: "gap" } }>;
      const renamed = {
        ...rest,
        observer: { name: site },
        destination: { ...destination, domain },
      };
      return renamed as SentRecord;
    };
    const nowMs = Date.now();
    const at = (record: SentRecord, agoMs: number) => ({
      ...record,
      "@timestamp": new Date(nowMs - agoMs).toISOString(),
    });
    const [a, b, c] = day("home", 5, { records: 50 });
    const seenBefore = named(old[0], "old.example", "home");
    arrive(clickhouse, [
      ...old,
      seenBefore,
      at(named(a, "old.example", "office"), 60e3),
      at(named(b, "new.example", "office"), 120e3),
      at(named(c, "new.example", "home"), 60e3),
    ]);
    refresh(clickhouse);
    const found = clickhouse.rows(fileOf("queries/first_seen.sql"));
    assertEquals(found.map(({ name, first_site, sites }) => [name, first_site, Number(sites)]), [
      ["new.example", "office", 2],
    ]);
  },
);

const QUERIES = ["first_seen", "silent_sites", "gaps", "top_sites"];

testWhen(missing, "every query of contrib/fleet and of its dashboard gets an answer", () => {
  using clickhouse = openFleet();
  const gap = droppedDay("2026-11-20", "home").record;
  const now = new Date().toISOString();
  arrive(clickhouse, [...day("home", 1), { ...gap, "@timestamp": now }]);
  // Received long ago, as of a site that has fallen silent.
  clickhouse.run(
    "INSERT INTO wifilogger.flows (timestamp, observer_name, wifilogger_flow_id, received_at) " +
      "VALUES (now() - INTERVAL 1 DAY, 'silent', 'x', now() - INTERVAL 1 DAY)",
  );
  refresh(clickhouse);
  for (const name of QUERIES) {
    const [statement] = statementsOf(fileOf(`queries/${name}.sql`));
    assert(clickhouse.rows(statement).length > 0, name);
  }
  const { panels, templating } = JSON.parse(fileOf("../grafana.json"));
  assert(clickhouse.rows(templating.list[1].query).length > 0);
  for (const { title, targets: [{ rawSql }] } of panels) {
    // As Grafana's plugin for ClickHouse writes them out.
    const sql = rawSql
      .replace(/\$__timeFilter\((\w+)\)/g, "$1 >= now() - INTERVAL 7 DAY AND $1 <= now()")
      .replace(/\$__dateFilter\((\w+)\)/g, "$1 >= today() - 7 AND $1 <= today()")
      .replace("${site:singlequote}", "'home','silent'");
    assert(!/\$/.test(sql), sql);
    assert(clickhouse.rows(sql).length > 0, title);
  }
});
