/**
 * What the pages' server takes: from its start to the first answer, questions of a week of raw records and of a year of
 * summaries, paging and searching in the log; and what it holds while it is used, and afterwards.
 */

import { join } from "@std/path";
import { sleep } from "../../system/clock.ts";
import type { Bench } from "./bench.ts";
import { cpuSeconds, memory, mostResident } from "./process_usage.ts";
import { makeDays, makeYear, WEEK_RECORDS, YEAR_DAYS } from "./report.ts";
import { figure, markdownTable, median } from "./table.ts";

/** After this nothing of a question is left to be done. */
const AFTERWARDS_MS = 10_000;
const OVERVIEW = "overview?parts=timeline,device,site,country";
const PARTS: readonly (readonly [what: string, path: string, of: "week" | "year"])[] = [
  ["seven raw days, an overview", `${OVERVIEW}&since=9d&compare=off`, "week"],
  ["seven raw days, one device's overview", `${OVERVIEW}&since=9d&compare=off&device=xbox`, "week"],
  ["a page of the log, 100 records", "records?limit=100", "week"],
  ["a site that is not in it, searched for", "records?site=nonesuch.example&gaps=off", "week"],
  ["every device", "devices", "week"],
  ["a year, an overview", `${OVERVIEW}&since=${YEAR_DAYS + 2}d&compare=off`, "year"],
  [
    "a year, one device's overview",
    `${OVERVIEW}&since=${YEAR_DAYS + 2}d&compare=off&device=xbox`,
    "year",
  ],
];

/** Serves made-up days, asks, and prints what it took. */
export async function benchWeb({ binary, runs, say }: Bench): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
  try {
    await makeYear(join(home, "year"));
    await makeDays(join(home, "week"), 7, WEEK_RECORDS);
    const starts: number[] = [];
    const rows: string[][] = [];
    for (const  of of["week", "year"] as const) {
      await using server = await startServer(binary, home, of);
      starts.push(server.startSeconds);
      for (const [what, path] of PARTS.filter((part) => part[2] === of)) {
        const before = server.cpu();
        const seconds: number[] = [];
        for (let run = 0; run < runs; run++) seconds.push(await server.ask(path));
        const cpu = (server.cpu() - before) / runs;
        rows.push([what, figure(seconds[0]), figure(median(seconds)), figure(cpu), server.most()]);
      }
      await sleep(AFTERWARDS_MS);
      rows.push([`afterwards, asked for ${of}s`, "", "", "", server.now()]);
    }
    say("## The pages' server\n");
    say(`From its start to the first answer: ${figure(median(starts))} s.\n`);
    const head = ["what", "first, s", "median, s", "CPU s", "resident, at most, MB"];
    say(markdownTable(head, rows));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function startServer(binary: string, home: string, folder: string) {
  const env = {
    HOME: home,
    WIFILOGGER_ARCHIVE_DIR: join(home, folder),
    WIFILOGGER_RAM_LOG: join(home, "none/today.log"),
  };
  const flags = ["--web-listen", "127.0.0.1:0", "--control-socket", join(home, "none.sock")];
  const token = new TextDecoder().decode(
    (await new Deno.Command(binary, {
      args: ["web", "token", "add", folder],
      env,
      stderr: "null",
    }).output()).stdout,
  ).trim();
  const startedAt = performance.now();
  const child = new Deno.Command(binary, {
    args: ["web", ...flags],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the server did not start: ${said}`);
    said += value;
  }
  const url = /http:\S+/.exec(said)![0];
  const ask = async (path: string) => {
    const askedAt = performance.now();
    const response = await fetch(`${url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return (performance.now() - askedAt) / 1e3;
  };
  await ask("session");
  const startSeconds = (performance.now() - startedAt) / 1e3;
  const megabytes = (bytes: number) => figure(bytes / 1e6);
  return {
    startSeconds,
    ask,
    cpu: () => cpuSeconds(child.pid),
    most: () => megabytes(mostResident(child.pid)),
    now: () => megabytes(memory(child.pid).resident),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}
