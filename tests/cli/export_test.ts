/** `wifilogger export` as its user runs it. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM, wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { parseRecords } from "../record_schema.ts";

function flowLine(time: string, part: number, endReason: string, name: string): string {
  const microseconds = time.replace("Z", ".000000Z");
  return JSON.stringify({
    "@timestamp": time.replace("Z", ".000Z"),
    event: { start: microseconds, end: microseconds, duration: 0 },
    network: {
      type: "ipv4",
      transport: "tcp",
      direction: "outbound",
      community_id: "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz4=",
      bytes: 300,
      packets: 3,
    },
    source: { ip: "192.168.1.20", port: 40000, bytes: 100, packets: 2, domain: "laptop" },
    destination: { ip: "93.184.216.34", port: 443, bytes: 200, packets: 1, domain: name },
    wifilogger: {
      v: 1,
      flow_id: "hob-1",
      part,
      end_reason: endReason,
      name_source: "dns",
      clock: "synced",
    },
  }) + "\n";
}

const GAP = JSON.stringify({
  "@timestamp": "2026-11-21T12:00:00.000Z",
  event: {
    action: "gap",
    start: "2026-11-21T12:00:00.000000Z",
    end: "2026-11-21T12:00:00.000000Z",
    duration: 0,
  },
  wifilogger: { v: 1, gap: { reason: "kernel_drop", count: 7 }, clock: "synced" },
}) + "\n";
const FIRST = flowLine("2026-11-21T23:59:00Z", 0, "active", "example.org");
const SECOND = flowLine("2026-11-22T00:00:00Z", 1, "fin", "example.org");
parseRecords(GAP + FIRST + SECOND); // they are as the schema says

async function openLog() {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const archiveDir = join(home, "wifi_logger/logs");
  await Deno.mkdir(archiveDir, { recursive: true });
  await Deno.writeTextFile(join(archiveDir, "2026-11-21.log"), GAP + FIRST);
  const ramLogPath = join(home, "today.log");
  await Deno.writeTextFile(ramLogPath, SECOND);
  const env = { HOME: home, TZ: "UTC", WIFILOGGER_RAM_LOG: ramLogPath };
  return {
    home,
    archiveDir,
    env,
    export: (...args: string[]) => wifilogger(["export", ...args], { env }),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

Deno.test("`export` writes the log's own lines by default, those that are wanted", async () => {
  await using log = await openLog();
  const all = await log.export();
  assertEquals([all.code, all.stdout, all.stderr], [0, GAP + FIRST + SECOND, ""]);
  const some = await log.export("--until", "2026-11-21", "--name", "example.com");
  assertEquals([some.code, some.stdout], [0, GAP]);
  const none = await log.export("--since", "2026-11-23", "--format", "zeek-json");
  assertEquals([none.code, none.stdout], [0, ""]);
  assertEquals(none.stderr, "wifilogger: there is no such record in the log\n");
});

Deno.test("`export --format zeek-json` has one line for a flow, and says what it left out", async () => {
  await using log = await openLog();
  const { code, stdout, stderr } = await log.export("--format", "zeek-json");
  const { uid, orig_ip_bytes, duration } = JSON.parse(stdout);
  assertEquals([code, uid, orig_ip_bytes, duration], [0, "ChobX1", 200, 60]);
  assertStringIncludes(stderr, "no place for gaps: 1 gap record left out");
  const firstDay = await log.export("--format", "eve", "--until", "2026-11-21");
  assertStringIncludes(firstDay.stderr, "1 flow did not end within these records");
  const secondDay = await log.export("--format", "eve", "--since", "2026-11-22");
  assertStringIncludes(secondDay.stderr, "1 flow began before these records");
  assertEquals(JSON.parse(secondDay.stdout).flow.bytes_toclient, 200);
});

Deno.test("`export --output` puts a whole file in place, for its owner only, or leaves what was there", async () => {
  await using log = await openLog();
  const path = join(log.home, "week.csv");
  await Deno.writeTextFile(path, "before");
  const done = await log.export("--format", "csv", "--output", path);
  assertEquals([done.code, done.stdout, done.stderr], [0, "", ""]);
  assertEquals((await Deno.readTextFile(path)).split("\r\n").length, 5);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);

  const folder = await log.export("--output", join(log.home, "none/week.csv"));
  assertEquals(folder.code, 1);
  assertStringIncludes(folder.stderr, "cannot write ");
  await Deno.writeTextFile(join(log.archiveDir, "2026-11-19.log.gz"), "this is no gzip");
  const damaged = await log.export("--output", path);
  assertEquals([damaged.code, await Deno.readTextFile(path)], [1, GAP + FIRST + SECOND]);
  assertStringIncludes(damaged.stderr, "2026-11-19.log.gz: ");
  const names = [...Deno.readDirSync(log.home)].map(({ name }) => name).sort();
  assertEquals(names, ["today.log", "week.csv", "wifi_logger"]);

  const device = await log.export("--output", "/dev/null");
  assertEquals([device.code, (await Deno.stat("/dev/null")).isFile], [1, false]);
});

Deno.test("`export` says which formats there are", async () => {
  await using log = await openLog();
  const { code, stderr } = await log.export("--format", "xml");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Write one of: jsonl, csv, zeek, zeek-json, eve, parquet");
});

testWhen(
  lacks({ commands: ["script"] }),
  "`export --format parquet` refuses a terminal, and fills a pipe",
  async () => {
    await using log = await openLog();
    const command = [...PROGRAM, "export", "--format", "parquet"].join(" ");
    const { code, stdout } = await new Deno.Command("script", {
      args: ["-qec", command, "/dev/null"],
      env: log.env,
      stdin: "null",
    }).output();
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stdout), "parquet is not for a terminal");
    const piped = await log.export("--format", "parquet");
    assertEquals([piped.code, piped.stdout.slice(0, 4), piped.stdout.slice(-4)], [
      0,
      "PAR1",
      "PAR1",
    ]);
    assert(piped.stdout.includes("example.org"));
  },
);
