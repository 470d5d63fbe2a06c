/** `wifilogger report` on a real archive: what a person and what a program gets. */

import { parquetReadObjects } from "hyparquet";
import { join } from "@std/path";
import { localDay } from "../../storage/day/calendar_day.ts";
import { householdDay, householdLines } from "../../scripts/made_up_log/household_day.ts";
import { bytesText } from "../../web/page/text/figures.ts";
import { buildPage } from "../../scripts/page/build.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { PROGRAM, wifilogger } from "../program.ts";

const TODAY = new Date().setHours(0, 0, 0, 0);
const DAY = {
  startMs: new Date(TODAY).setDate(new Date(TODAY).getDate() - 1),
  records: 600,
  seed: 4,
};

async function openHome() {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const logs = join(home, "wifi_logger/logs");
  await Deno.mkdir(logs, { recursive: true });
  const hostile = JSON.parse([...householdLines({ ...DAY, records: 48 })][0]);
  hostile.destination.domain = "=cmd|'<script>\u001b[2J\u202e.example";
  hostile.network.direction = "outbound";
  const path = join(logs, `${localDay(DAY.startMs)}.log`);
  await Deno.writeTextFile(
    path,
    [...householdLines(DAY)].join("") + JSON.stringify(hostile) + "\n",
  );
  const env = { HOME: home, WIFILOGGER_RAM_LOG: join(home, "ram/today.log"), LANG: "C.UTF-8" };
  return {
    env,
    report: (...args: string[]) => wifilogger(["report", ...args], { env }),
    bytes: [...householdDay(DAY)].reduce((sum, { network }) => sum + network.bytes, 0) +
      hostile.source.bytes + hostile.destination.bytes,
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

Deno.test("`report` shows a table of devices with shares, bars and the period before", async () => {
  await using home = await openHome();
  const { code, stdout, stderr } = await home.report();
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^device +total +share +down +up +change$/m);
  assertMatch(stdout, /^living-room-tv +[\d.]+ [kMG]B +\d+ % .*NEW|new +█+/m);
  assertStringIncludes(stdout, "names known by: ");
  assertStringIncludes(stdout, "the period before is not whole");
  for (const line of stdout.split("\n")) assert([...line].length <= 80, line);
});

Deno.test("`report --format json` is the form that programs rely on, and exact", async () => {
  await using home = await openHome();
  const { stdout } = await home.report("--by", "site,day", "--format", "json");
  const answer = JSON.parse(stdout);
  assertEquals(answer.by, ["site", "day"]);
  assertEquals(new Date(answer.since).toISOString(), answer.since);
  assertEquals(answer.total.bytes, home.bytes);
  const sum = (field: string) =>
    answer.rows.reduce((sum: number, row: Record<string, number>) => sum + row[field], 0);
  for (const field of ["bytes", "up_bytes", "down_bytes", "packets", "flows"]) {
    assertEquals(sum(field), answer.total[field], field);
  }
  assertEquals(answer.rows[0].before_bytes, 0);
});

Deno.test("`report --format html` is one file with what the table says, and fetches nothing", async () => {
  await buildPage();
  await using home = await openHome();
  const { code, stdout, stderr } = await home.report("--by", "device", "--format", "html");
  assertEquals([code, stderr], [0, ""]);
  const { stdout: json } = await home.report("--by", "device", "--format", "json");
  const { rows, total } = JSON.parse(json);
  assertStringIncludes(stdout, `<dt>Total</dt><dd><span>${bytesText(total.bytes)}</span></dd>`);
  const body = stdout.slice(stdout.indexOf("By device</h2>"));
  for (const { device, bytes } of rows) {
    assertMatch(body, new RegExp(`${device}</span>.{0,200}<td>${bytesText(bytes)}</td>`));
  }
  assertEquals(/<script|<link|<img|<a |@import|url\(/.test(stdout), false);
});

Deno.test("`report` makes hostile names harmless in every format", async () => {
  await buildPage();
  await using home = await openHome();
  for (const format of ["table", "csv", "markdown", "html"]) {
    const { stdout } = await home.report("--by", "name", "--name", "example", "--format", format);
    assertStringIncludes(stdout, "u001b", format);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/.test(stdout), false, format);
    if (format === "html" || format === "markdown") assertEquals(stdout.includes("<script"), false);
    if (format === "csv") assertMatch(stdout, /^"?'=cmd/m);
  }
});

Deno.test("`report --format parquet` has the rows of the CSV", async () => {
  await using home = await openHome();
  const [program, ...first] = PROGRAM;
  const { stdout } = await new Deno.Command(program, {
    args: [...first, "report", "--by", "country", "--format", "parquet"],
    env: home.env,
  }).output();
  const rows = await parquetReadObjects({ file: stdout.buffer as ArrayBuffer });
  const { stdout: csv } = await home.report("--by", "country", "--format", "csv");
  assertEquals(rows.length, csv.trim().split("\r\n").length - 1);
  assertEquals(rows.reduce((sum, { bytes }) => sum + Number(bytes), 0), home.bytes);
});

Deno.test("`report` says what is wrong with a question", async () => {
  await using home = await openHome();
  const cases: [args: string[], says: string][] = [
    [["--by", "colour"], "--by=colour is not possible. Write one of: device, name, site"],
    [["--lines", "no"], "--lines=no is no number of rows"],
    [["--until", "2001"], "is before the period. Give --since, too"],
    [["--port", "99999"], "--port=99999 is no port"],
  ];
  for (const [args, says] of cases) {
    const { code, stderr } = await home.report(...args);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, says);
  }
});
