/**
 * Sums of whole months, made of their days' summaries and kept for who asks about years: a file of the same form, in which
 * every row is of the month's first hour. A month has some thirty thousand rows, and its days together ten times as many.
 * Gaps keep their hours. A file is believed as long as the month has the same days, with the same sources. To make one takes
 * longer than to read its days: so the first question is answered from the days, and the file is made afterwards.
 */

import { join } from "@std/path";
import { crc32 } from "node:zlib";
import { folderByArchive } from "../../storage/archive/archive.ts";
import { shareArchive } from "../../storage/archive/archive_lock.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { freeBytes } from "../../system/free_bytes.ts";
import { emptyFact } from "../facts/fact.ts";
import type { Span } from "../facts/line_facts.ts";
import { SummaryBuilder } from "./day_summary.ts";
import { openSummary, readHead, type SummaryFile } from "./summaries.ts";
import {
  decodeHead,
  decodeSummary,
  encodeSummary,
  type OpenSummary,
  sameSource,
  type SummarySource,
} from "./summary_file.ts";
import { readOwnBytes } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** As the archive's: its group may read it. */
const FILE_MODE = 0o640;
const EVER = { sinceMs: -Infinity, untilMs: Infinity };
/** Rows of a month; beyond them those of the fewest bytes are summed as "other", as in days. */
const BOUNDS = { maxRows: 60_000, maxHeldRows: 80_000 };

const NAME = /^\d{4}-\d\d\.summary$/;

/** Where the months of an archive are. */
export function monthsDir(archiveDir: string): string {
  return folderByArchive(archiveDir, "web");
}

/** The files in the folder, whether they are true or not. */
export async function listMonths(folder: string): Promise<string[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.filter((name) => NAME.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A month whose days are all summed. */
export interface SummedMonth {
  /** `YYYY-MM` */
  readonly month: string;
  readonly days: readonly SummaryFile[];
}

/** The calendar months that lie in the span as a whole, of the days that are given, the oldest first. */
export function wholeMonths(
  days: readonly SummaryFile[],
  { sinceMs, untilMs }: Span,
): SummedMonth[] {
  return [...Map.groupBy(days, ({ day }) => day.slice(0, 7))]
    .filter(([month]) => {
      const [startMs, endMs] = monthBounds(month);
      return startMs >= sinceMs && endMs <= untilMs;
    })
    .map(([month, days]) => ({ month, days }));
}

/** The months of an archive; one object for all who ask. */
export class KeptMonths {
  readonly #folder: string;
  readonly #archiveDir: string;
  readonly #missing = new Map<string, SummedMonth>();
  #making: Promise<void> | undefined;
  #isWritable = true;

  constructor(archiveDir: string, folder = monthsDir(archiveDir)) {
    this.#archiveDir = archiveDir;
    this.#folder = folder;
  }

  /** A month's sums; `undefined` where they are not there or not true any more: then `makeMissing()` makes them. */
  async open(summed: SummedMonth): Promise<OpenSummary | undefined> {
    const kept = await readIfTrue(this.#pathOf(summed), summed.days);
    if (kept === undefined && this.#isWritable) this.#missing.set(summed.month, summed);
    return kept;
  }

  /**
   * Makes the months that `open()` has missed, one after the other; never rejects.
   *
   * @param idle is waited for before each day that is read, so that others go first
   */
  async makeMissing(idle: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await (this.#making ??= this.#makeAll(idle).finally(() => this.#making = undefined));
  }

  async #makeAll(idle: () => Promise<void>): Promise<void> {
    for (const [month, summed] of this.#missing) {
      this.#missing.delete(month);
      try {
        await this.#make(summed, idle);
      } catch {
        // A day has gone meanwhile, or is damaged, which its own reading tells.
      }
    }
  }

  async #make(summed: SummedMonth, idle: () => Promise<void>): Promise<void> {
    const source = await sourceOf(summed.days);
    const made = await sumMonth(summed, source, idle);
    // What was taken out of the archive meanwhile may not be laid there again.
    using _shared = await shareArchive(this.#archiveDir);
    if (!sameSource(await sourceOf(summed.days), source)) return;
    try {
      await makeOwnFolder(this.#folder);
      await writeFileAtomic(this.#pathOf(summed), made, { mode: FILE_MODE });
    } catch {
      // This user may not write there: questions are answered from the days.
      this.#isWritable = false;
      this.#missing.clear();
    }
  }

  #pathOf({ month }: SummedMonth): string {
    return join(this.#folder, `${month}.summary`);
  }
}

async function readIfTrue(
  path: string,
  days: readonly SummaryFile[],
): Promise<OpenSummary | undefined> {
  try {
    const file = await readOwnBytes(path);
    const isTrue = sameSource(decodeHead(file)?.source, await sourceOf(days));
    const kept = isTrue ? decodeSummary(file) : undefined;
    freeBytes(file);
    return kept;
  } catch {
    return undefined; // it is not there, or damaged, and made anew
  }
}

/** What a month was made from: the bytes of its days' summaries, and a CRC-32 of what their first lines say. */
async function sourceOf(days: readonly SummaryFile[]): Promise<SummarySource> {
  let crc = 0;
  let bytes = 0;
  for (const { path, day, bytes: ofDay } of days) {
    const head = await readHead(join(path, ".."), day);
    crc = crc32(JSON.stringify([day, head?.source, head?.rows, head?.records]), crc);
    bytes += ofDay;
  }
  return { gzipBytes: bytes, gzipCrc: crc };
}

async function sumMonth(
  { month, days }: SummedMonth,
  source: SummarySource,
  idle: () => Promise<void>,
): Promise<Uint8Array> {
  const builder = new SummaryBuilder(BOUNDS);
  const [hourMs] = monthBounds(month);
  const fact = emptyFact();
  const folded = { rows: 0, bytes: 0 };
  let records = 0;
  for (const { path } of days) {
    await idle();
    using summary = await openSummary(path);
    const { head } = summary;
    summary.readRows(builder.vocabulary, EVER, {
      fact: (ofDay) => builder.fact(Object.assign(fact, ofDay, { hourMs })),
      gap: (gap) => builder.gap(gap),
      foreign: () => {},
    });
    builder.foreign(head.foreign);
    folded.rows += head.folded.rows;
    folded.bytes += head.folded.bytes;
    records += head.records;
  }
  const summary = builder.finish();
  folded.rows += summary.folded.rows;
  folded.bytes += summary.folded.bytes;
  return await encodeSummary(month, source, { ...summary, records, folded });
}

/** Milliseconds since 1970, in local time. */
function monthBounds(month: string): [startMs: number, endMs: number] {
  const [year, number] = month.split("-").map(Number);
  return [new Date(year, number - 1, 1).getTime(), new Date(year, number, 1).getTime()];
}
