/**
 * What the pages' server takes, on a year of a made-up household: from its start to the first answer, questions of a week
 * and of the year, paging and searching in the log; and what it holds while it is used, and afterwards.
 */

import { join } from "@std/path";
import { sleep, systemClock } from "../../system/clock.ts";
import { makeArchive } from "../made_up_log/household_archive.ts";
import type { Bench } from "./bench.ts";
import { cpuSeconds, memory, mostResident } from "./process_usage.ts";
import { figure, markdownTable, median } from "./table.ts";

const DAYS = 365;
const RECORDS = 8_000;
/** After this nothing of a question is left to be done. */
const AFTERWARDS_MS = 10_000;
const OVERVIEW = "overview?parts=timeline,device,site,country";
const YEAR = `${OVERVIEW}&since=${DAYS}d`;
/** Asked of a second process: the first one has made the sums of months. */
const ASKED: readonly (readonly [what: string, path: string])[] = [
  ["the last seven days, an overview", OVERVIEW],
  ["a year, an overview", YEAR],
  ["a year, one device's overview", `${YEAR}&device=xbox`],
  ["a page of the log, 100 records", "records?limit=100"],
  ["a site that is not in the log, searched for", "records?site=nonesuch.example&gaps=off"],
  ["every device", "devices"],
  ["what is new, of a week", "news"],
];

/** Serves a made-up year, asks, and prints what it took. */
export async function benchWeb({ binary, runs, say }: Bench): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "wifilogger_bench_" });
  try {
    const archive = join(home, "logs");
    await makeArchive(archive, { nowMs: systemClock.wallMs(), days: DAYS, records: RECORDS });
    const rows: string[][] = [];
    {
      await using first = await startServer(binary, home, archive);
      const [seconds, cpu] = [await first.ask(YEAR), first.cpu()];
      rows.push(["a year for the first time", figure(seconds), "", figure(cpu), first.most()]);
      await first.ask("devices"); // and the ledger of firsts
      // The sums of months are made once nobody waits.
      await sleep(AFTERWARDS_MS);
    }
    await using server = await startServer(binary, home, archive);
    for (const [what, path] of ASKED) {
      const before = server.cpu();
      const seconds: number[] = [];
      for (let run = 0; run < runs; run++) seconds.push(await server.ask(path));
      const cpu = (server.cpu() - before) / runs;
      rows.push([what, figure(seconds[0]), figure(median(seconds)), figure(cpu), server.most()]);
    }
    await sleep(AFTERWARDS_MS);
    rows.push(["afterwards, resident now", "", "", "", server.now()]);
    say("## The pages' server\n");
    say(`From its start to the first answer: ${figure(server.startSeconds)} s.\n`);
    const head = ["what", "first, s", "median, s", "CPU s", "resident at most, MB"];
    say(markdownTable(head, rows));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function startServer(binary: string, home: string, archive: string) {
  const env = {
    HOME: home,
    WIFILOGGER_ARCHIVE_DIR: archive,
    WIFILOGGER_RAM_LOG: join(home, "none/today.log"),
    WIFILOGGER_CONTROL_SOCKET: join(home, "none.sock"),
    WIFILOGGER_WEB_LISTEN: "127.0.0.1:0",
  };
  const name = `bench-${crypto.randomUUID().slice(0, 8)}`;
  const made = await new Deno.Command(binary, {
    args: ["web", "token", "add", name],
    env,
    stderr: "null",
  }).output();
  const token = new TextDecoder().decode(made.stdout).trim();
  const startedAt = performance.now();
  const child = new Deno.Command(binary, {
    args: ["web"],
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
