/**
 * The forwarder's own HTTP output, `columns=flat`, into a real ClickHouse server: Debian's, 18.16, which lacks the types
 * and codecs of contrib/fleet's table, so that the table is made with the same columns in older types. Part of
 * `scripts/dev.sh test:fleet`.
 */

import { join } from "@std/path";
import { eventually } from "../../scripts/household/eventually.ts";
import { householdLines } from "../../scripts/made_up_log/household_day.ts";
import { assert, assertEquals } from "../assert.ts";
import { debianPackage } from "../debian_package.ts";
import { PROGRAM } from "../program.ts";
import { testWhen } from "../skip.ts";
import { statementsOf } from "./current_clickhouse.ts";
import { Process } from "./process.ts";

const server = await debianPackage("clickhouse-server");
const missing = "missing" in server ? server.missing : null;
const RECORDS = 20_000;

/** A server on a port of its own, with its files in `folder`. */
async function startServer(folder: string) {
  const { root, env } = server as Exclude<typeof server, { missing: string }>;
  const [http, tcp] = [freePort(), freePort()];
  await Deno.writeTextFile(
    join(folder, "config.xml"),
    `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><users_config>users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
</yandex>`,
  );
  await Deno.writeTextFile(
    join(folder, "users.xml"),
    `<yandex>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users><pi>
    <password>p@ss</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota>
  </pi></users>
</yandex>`,
  );
  const start = () =>
    new Process([
      join(root, "usr/sbin/clickhouse-server"),
      `--config-file=${join(folder, "config.xml")}`,
    ], { env: { ...env }, cwd: folder, log: join(folder, "log") });
  let process = start();
  const at = `127.0.0.1:${http}`;
  const ask = async (sql: string): Promise<string> => {
    const response = await fetch(`http://${at}/?user=pi&password=p%40ss`, {
      method: "POST",
      body: sql,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text.trim();
  };
  const answers = () =>
    eventually("an answer", () => ask("SELECT 1").then(() => true, () => false));
  await answers();
  return {
    at,
    ask,
    async killAndStart() {
      await process.kill();
      process = start();
      await answers();
    },
    [Symbol.asyncDispose]: () => process.kill(),
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The table of contrib/fleet in words that a ClickHouse of 2018 knows: its columns, its key, its engine. */
function olderTable(): string {
  const sql = Deno.readTextFileSync(
    new URL("../../contrib/fleet/clickhouse/tables.sql", import.meta.url),
  );
  return statementsOf(sql).find((one) => one.includes("TABLE IF NOT EXISTS wifilogger.flows"))!
    .replace(/ CODEC\([^)]*\)(?=,| DEFAULT|\n)|\n? +INDEX .*|TTL .*\n?|SETTINGS .*/g, "")
    .replace(/CODEC\(Delta, ZSTD\)/g, "")
    .replace(/LowCardinality\(String\)/g, "String")
    // Times as they are written; the day that partitions go by comes from them.
    .replace(/DateTime64\(\d, 'UTC'\)/g, "String")
    .replace("toDate(timestamp)", "toDate(substring(timestamp, 1, 10))")
    .replace(/,\s*\)\nENGINE/, "\n)\nENGINE");
}

testWhen(
  missing,
  `a real ClickHouse gets ${RECORDS} records of the real program, each once, though both are killed`,
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
    try {
      await using clickhouse = await startServer(folder);
      await clickhouse.ask("CREATE DATABASE wifilogger");
      await clickhouse.ask(olderTable());
      const lines = [
        ...householdLines({ startMs: Date.UTC(2026, 10, 20), records: RECORDS, seed: 1 }),
      ];
      await Deno.mkdir(join(folder, "logs"));
      await Deno.writeTextFile(join(folder, "logs/2026-11-20.log"), lines.join(""));
      const query = encodeURIComponent("INSERT INTO wifilogger.flows FORMAT JSONEachRow");
      const forward = () =>
        new Process([...PROGRAM, "forward"], {
          env: {
            HOME: folder,
            TZ: "UTC",
            WIFILOGGER_SITE: "home",
            WIFILOGGER_ARCHIVE_DIR: join(folder, "logs"),
            WIFILOGGER_RAM_LOG: join(folder, "today.log"),
            WIFILOGGER_FORWARD_DIR: join(folder, "forward"),
            WIFILOGGER_FORWARD: `http://pi:p%40ss@${clickhouse.at}/?query=${query}&columns=flat`,
          },
          log: join(folder, "forwarder.log"),
        });
      const rows = () => clickhouse.ask("SELECT count() FROM wifilogger.flows").then(Number);
      {
        await using _ = forward();
        await eventually("the first rows", async () => await rows() > 0);
      }
      {
        await using _ = forward();
        await clickhouse.killAndStart();
        const once = "SELECT uniqExact(wifilogger_flow_id, wifilogger_part) FROM wifilogger.flows";
        await eventually(
          "all rows",
          async () => Number(await clickhouse.ask(once)) >= lines.length,
        );
      }
      const records = lines.map((line) => JSON.parse(line));
      const sumOf = (end: "source" | "destination") =>
        records.reduce((sum, record) => sum + record[end].bytes, 0);
      const sums = await clickhouse.ask(
        "SELECT count(), sum(source_bytes), sum(destination_bytes), uniqExact(destination_domain), " +
          "any(observer_name) FROM wifilogger.flows FINAL",
      );
      const names = new Set(records.map(({ destination }) => destination.domain)).size;
      assertEquals(
        sums.split("\t"),
        [lines.length, sumOf("source"), sumOf("destination"), names, "home"].map(String),
      );
      const said = await Deno.readTextFile(join(folder, "forwarder.log"));
      assert(!said.includes("p@ss"), "the password is shown");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
