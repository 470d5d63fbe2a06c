/**
 * What questions to the log take: a year of a made-up household's days from their summaries, seven raw days beside jq and
 * DuckDB, the summing of one day, and a today of 500,000 records. The household is that of `made_up_log/`.
 */

import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { localDay } from "../../storage/day/calendar_day.ts";
import { makeSummary, summaryDir } from "../../report/summary/summaries.ts";
import { LineFacts } from "../../report/facts/line_facts.ts";
import { type DaySummary, SummaryBuilder } from "../../report/summary/day_summary.ts";
import { encodeSummary } from "../../report/summary/summary_file.ts";
import { householdLines } from "../made_up_log/household_day.ts";
import type { Bench } from "./bench.ts";
import { compareForms } from "./summary_forms.ts";
import { count, figure, markdownTable, median } from "./table.ts";
import { timedRun } from "./timed_run.ts";

const YEAR_DAYS = 365;
const YEAR_RECORDS = 50_000;
const WEEK_RECORDS = 62_920;
const TODAY_RECORDS = 500_000;
/** Days whose summaries are written in every form. */
const FORM_DAYS = 10;
const DUCKDB = "npm:@duckdb/node-api@1.5.6-r.1";

/** Makes the days, asks, and prints what it took. */
export async function benchReport({ binary, runs, say }: Bench): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
  try {
    const year = join(home, "year");
    const summing = await makeYear(year);
    const week = await makeDays(join(home, "week"), 7, WEEK_RECORDS);
    const today = await makeDays(join(home, "today"), 1, TODAY_RECORDS);
    const asked = async (folder: string, ...args: string[]) => {
      const flags = ["--archive-dir", folder, "--ram-log", join(home, "none/today.log")];
      const argv = [binary, "report", ...flags, "--no-compare", "--format", "json", ...args];
      return await measured(argv, runs);
    };
    const rows: [what: string, Measured][] = [
      [
        "a year by site, from summaries",
        await asked(year, "--since", `${YEAR_DAYS + 2}d`, "--by", "site"),
      ],
      [
        "a year by day, one device",
        await asked(year, "--since", `${YEAR_DAYS + 2}d`, "--by", "day", "--device", "xbox"),
      ],
      ["seven raw days by device", await asked(week, "--since", "9d", "--by", "device")],
      ["seven raw days by site", await asked(week, "--since", "9d", "--by", "site")],
      ["today, 500,000 records, by site", await asked(today, "--since", "2d", "--by", "site")],
      ["the seven days, jq", await measured(jqArgv(week), 1)],
      ...await duckdbRows(week, home, runs),
    ];
    say("## Questions\n");
    say(
      markdownTable(
        ["what", "s", "CPU s", "most resident, MB"],
        rows.map(([what, { wall, cpu, megabytes }]) => [
          what,
          figure(wall),
          figure(cpu),
          megabytes === undefined ? "" : count(megabytes),
        ]),
      ) + "\n",
    );
    say(
      `Summing a day of ${count(YEAR_RECORDS)} records: ${figure(median(summing.seconds))} s; ` +
        `its summary has ${count(median(summing.rows))} rows and ` +
        `${figure(median(summing.bytes) / 1e3)} kB.\n`,
    );
    say(
      markdownTable(
        ["a day's summary as", "kB", "written in ms", "summed by name in ms"],
        (await compareForms(home, summing.forForms)).map((
          { form, bytes, writeSeconds, sumSeconds },
        ) => [form, figure(bytes / 1e3), figure(writeSeconds * 1e3), figure(sumSeconds * 1e3)]),
      ),
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes?: number;
}

/** The median of some runs; memory as GNU time tells it. */
async function measured(argv: readonly string[], runs: number): Promise<Measured> {
  const taken: Measured[] = [];
  const memory = await Deno.makeTempFile({ prefix: "wifilogger_bench_" });
  try {
    for (let i = 0; i < runs; i++) {
      const withMemory = ["/usr/bin/time", "-q", "-o", memory, "-f", "%M", ...argv];
      const { wallSeconds, userSeconds, systemSeconds } = await timedRun(withMemory);
      const megabytes = Number(await Deno.readTextFile(memory)) * 1024 / 1e6;
      taken.push({ wall: wallSeconds, cpu: userSeconds + systemSeconds, megabytes });
    }
  } finally {
    await Deno.remove(memory);
  }
  const middle = (of: (one: Measured) => number) => median(taken.map(of));
  return {
    wall: middle(({ wall }) => wall),
    cpu: middle(({ cpu }) => cpu),
    megabytes: middle(({ megabytes }) => megabytes!),
  };
}

/** The first instant of the day so many days ago. */
function dayStart(daysAgo: number): number {
  const date = new Date();
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime();
}

/** Raw days that end with yesterday, or with today when it is one. */
async function makeDays(folder: string, days: number, records: number): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for (let i = 0; i < days; i++) {
    const startMs = dayStart(days === 1 ? 0 : days - i);
    const lines = [...householdLines({ startMs, records, seed: i })];
    await Deno.writeTextFile(join(folder, `${localDay(startMs)}.log`), lines.join(""));
  }
  return folder;
}

/** A year of summaries; of the first day the records, too, which `makeSummary()` reads as the logger does. */
async function makeYear(folder: string) {
  const made = {
    seconds: [] as number[],
    rows: [] as number[],
    bytes: [] as number[],
    forForms: new Map<string, DaySummary>(),
  };
  const summaries = summaryDir(folder);
  await Deno.mkdir(summaries, { recursive: true });
  const encoder = new TextEncoder();
  for (let i = 0; i < YEAR_DAYS; i++) {
    const startMs = dayStart(YEAR_DAYS + 1 - i);
    const day = localDay(startMs);
    const blocks: Uint8Array[] = [];
    let lines: string[] = [];
    for (const line of householdLines({ startMs, records: YEAR_RECORDS, seed: i })) {
      lines.push(line);
      if (lines.length === 300) {
        blocks.push(encoder.encode(lines.join("")));
        lines = [];
      }
    }
    blocks.push(encoder.encode(lines.join("")));
    if (i < 5) {
      const gzip = gzipSync(await new Blob(blocks as BlobPart[]).arrayBuffer());
      await Deno.writeFile(join(folder, `${day}.log.gz`), gzip);
      const startedAt = performance.now();
      const archived = { day, plainBytes: undefined, gzipBytes: gzip.length, modifiedMs: 0 };
      await makeSummary(summaries, folder, archived, { note() {} });
      made.seconds.push((performance.now() - startedAt) / 1e3);
      await Deno.remove(join(folder, `${day}.log.gz`));
      made.bytes.push((await Deno.stat(join(summaries, `${day}.summary`))).size);
      continue;
    }
    const builder = new SummaryBuilder();
    const facts = new LineFacts(
      builder.vocabulary,
      { sinceMs: -Infinity, untilMs: Infinity },
      builder,
    );
    for (const block of blocks) facts.read(block);
    const summary = builder.finish();
    made.rows.push(summary.rows.length);
    if (made.forForms.size < FORM_DAYS) made.forForms.set(day, summary);
    await Deno.writeFile(join(summaries, `${day}.summary`), await encodeSummary(day, {}, summary));
  }
  return made;
}

/** Sums by device, as somebody would ask jq. */
function jqArgv(folder: string): string[] {
  const program = 'reduce inputs as $r ({}; .[$r.source.domain // $r.source.ip // "-"] += ' +
    "($r.network.bytes // 0))";
  return ["bash", "-c", `cat ${folder}/*.log | jq -n '${program}'`];
}

const DUCKDB_QUESTION = "select coalesce(source.domain, source.ip) as device, " +
  "sum(network.bytes) as bytes from read_json('LOG', format = 'newline_delimited'COLUMNS) " +
  "group by 1 order by 2 desc";
const DUCKDB_COLUMNS = ", columns = {source: 'STRUCT(ip VARCHAR, \"domain\" VARCHAR)', " +
  "network: 'STRUCT(bytes BIGINT)'}";

/** The same asked of DuckDB, in a process of its own: as it finds the columns out, and told the three that it needs. */
async function duckdbRows(
  folder: string,
  home: string,
  runs: number,
): Promise<[string, Measured][]> {
  const rows: [string, Measured][] = [];
  for (const [what, columns] of [["", ""], [", told the columns", DUCKDB_COLUMNS]]) {
    const question = DUCKDB_QUESTION.replace("LOG", `${folder}/*.log`).replace("COLUMNS", columns);
    const script = join(home, "duckdb.ts");
    await Deno.writeTextFile(
      script,
      `const { DuckDBInstance } = await import(${JSON.stringify(DUCKDB)});
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const rows = await connection.runAndReadAll(${JSON.stringify(question)});
if (rows.getRows().length < 5) throw new Error("DuckDB found too little");
`,
    );
    const argv = [Deno.execPath(), "run", "--no-lock", "-A", script];
    try {
      await timedRun(argv); // fetches it
    } catch (error) {
      console.error(`skipped: DuckDB: ${(error as Error).message}`);
      return [];
    }
    rows.push([`the seven days, DuckDB 1.5.6${what}`, await measured(argv, runs)]);
  }
  return rows;
}
