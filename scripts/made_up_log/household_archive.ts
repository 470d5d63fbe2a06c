/**
 * An archive of the made-up household, as a logger would have left it: of days long ago their summaries, of the last week
 * compressed days with summaries, yesterday and today plain. What is there already stays, so that a folder that is kept
 * needs a day's work a day.
 */

import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import { LineFacts } from "../../report/facts/line_facts.ts";
import { SummaryBuilder } from "../../report/summary/day_summary.ts";
import { makeSummary, summaryDir } from "../../report/summary/summaries.ts";
import { encodeSummary } from "../../report/summary/summary_file.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { householdDay } from "./household_day.ts";

export interface ArchivePlan {
  /** The present, milliseconds since 1970: today ends with it. */
  readonly nowMs: number;
  /** Days before today. */
  readonly days: number;
  /** Records of a whole day. */
  readonly records: number;
}

/** Days whose records are kept. */
const RAW_DAYS = 7;
/** Days before today that are not compressed yet. */
const PLAIN_DAYS = 1;
/** Lines that are read at once. */
const BLOCK = 300;

/** Fills the folder; says how far it is, from 0 to 1, after each day. */
export async function makeArchive(
  folder: string,
  { nowMs, days, records }: ArchivePlan,
  progress: (share: number) => void = () => {},
): Promise<void> {
  const summaries = summaryDir(folder);
  await Deno.mkdir(summaries, { recursive: true });
  for (let ago = days; ago >= 0; ago--) {
    const now = new Date(nowMs);
    const startMs = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).getTime();
    const day = localDay(startMs);
    const plain = join(folder, `${day}.log`);
    const summary = join(summaries, `${day}.summary`);
    const isPlain = ago <= PLAIN_DAYS;
    if (!isPlain && await isThere(summary)) {
      if (ago > RAW_DAYS) await removed(`${plain}.gz`);
      continue;
    }
    // The seed is the day's own: the same day has the same records whenever it is made.
    const seed = Math.round(startMs / (24 * 3600e3));
    const lines: string[] = [];
    for (const record of householdDay({ startMs, records, seed })) {
      if (Date.parse(record["@timestamp"]) <= nowMs) lines.push(JSON.stringify(record) + "\n");
    }
    if (isPlain) await Deno.writeTextFile(plain, lines.join(""));
    else if (ago > RAW_DAYS) await writeSummaryOnly(summary, day, lines);
    else {
      await removed(plain);
      const gzip = gzipSync(lines.join(""));
      await Deno.writeFile(`${plain}.gz`, gzip);
      const archived = { day, plainBytes: undefined, gzipBytes: gzip.length, modifiedMs: 0 };
      await makeSummary(summaries, folder, archived, { note() {} });
    }
    progress(1 - ago / (days + 1));
  }
}

async function writeSummaryOnly(path: string, day: string, lines: readonly string[]) {
  const encoder = new TextEncoder();
  const builder = new SummaryBuilder();
  const facts = new LineFacts(
    builder.vocabulary,
    { sinceMs: -Infinity, untilMs: Infinity },
    builder,
  );
  for (let i = 0; i < lines.length; i += BLOCK) {
    facts.read(encoder.encode(lines.slice(i, i + BLOCK).join("")));
  }
  await Deno.writeFile(path, await encodeSummary(day, {}, builder.finish()));
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function removed(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
