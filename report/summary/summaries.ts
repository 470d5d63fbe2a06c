/** The folder of summaries: which days have one, whether it is still true, making one, and dropping old ones. */

import { join } from "@std/path";
import { folderByArchive } from "../../storage/archive/archive.ts";
import { type ArchiveDay, gzipPath, listDays } from "../../storage/archive/archive_days.ts";
import { dayFilesBlocks, openDay } from "../../storage/archive/archive_reader.ts";
import { isTooOld, type Retention } from "../../storage/archive/retention.ts";
import { daysBefore } from "../../storage/day/calendar_day.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import type { CardWrites } from "../../storage/card/card_writes.ts";
import { LineFacts } from "../facts/line_facts.ts";
import { type DaySummary, SummaryBuilder } from "./day_summary.ts";
import {
  decodeHead,
  decodeSummary,
  encodeSummary,
  type OpenSummary,
  sameSource,
  type SummaryHead,
  type SummarySource,
} from "./summary_file.ts";
import { ForeignFileError, openOwn, readOwnBytes } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";
import { freeBytes } from "../../system/free_bytes.ts";

const SUFFIX = ".summary";
const NAME = /^(\d{4}-\d\d-\d\d)\.summary$/;
/** A first line is shorter. */
const MAX_HEAD_BYTES = 1024;
/** As the archive's: its group may read it. */
const FILE_MODE = 0o640;

/** Where the summaries of an archive are. */
export function summaryDir(archiveDir: string): string {
  return folderByArchive(archiveDir, "summaries");
}

/** A summary that lies in the folder. */
export interface SummaryFile {
  readonly day: string;
  readonly path: string;
  readonly bytes: number;
}

/** Those in a folder, the oldest day first; none when it is missing. */
export async function listSummaries(folder: string): Promise<SummaryFile[]> {
  const found: SummaryFile[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const day = NAME.exec(name)?.[1];
      if (day === undefined) continue;
      const path = join(folder, name);
      const { isFile, size } = await Deno.lstat(path);
      if (isFile) found.push({ day, path, bytes: size });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort((a, b) => a.day < b.day ? -1 : 1);
}

/** Of a day's summary, whose it is; `undefined` where there is none that can be read. */
export async function readHead(folder: string, day: string): Promise<SummaryHead | undefined> {
  try {
    using file = await openOwn(join(folder, day + SUFFIX));
    const bytes = new Uint8Array(MAX_HEAD_BYTES);
    const length = await file.read(bytes) ?? 0;
    return decodeHead(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof ForeignFileError) {
      return undefined;
    }
    throw error;
  }
}

/** @throws {Error} which file is damaged, and what to do */
export async function openSummary(path: string): Promise<OpenSummary> {
  const file = await readOwnBytes(path);
  try {
    return decodeSummary(file);
  } catch (cause) {
    throw new Error(
      `reading the summary ${path}: ${(cause as Error).message}. Remove it: it is made anew`,
      { cause },
    );
  } finally {
    freeBytes(file);
  }
}

/** Whether a day's summary is there and says what the day's files hold now. */
export async function isWhole(
  folder: string,
  archiveDir: string,
  day: ArchiveDay,
): Promise<boolean> {
  const head = await readHead(folder, day.day);
  if (head === undefined || head.day !== day.day) return false;
  return sameSource(head.source, await sourceOf(archiveDir, day));
}

/** What identifies a day's files. */
async function sourceOf(archiveDir: string, day: ArchiveDay): Promise<SummarySource> {
  const { plainBytes, gzipBytes } = day;
  if (gzipBytes === undefined) return { plainBytes };
  return { plainBytes, gzipBytes, gzipCrc: await lastCrc(gzipPath(archiveDir, day.day)) };
}

/** A gzip member ends with its CRC-32 and its length (RFC 1952, section 2.3.1). */
async function lastCrc(path: string): Promise<number | undefined> {
  try {
    using file = await openOwn(path);
    const trailer = new Uint8Array(8);
    if (file.statSync().size < trailer.length) return undefined;
    await file.seek(-trailer.length, Deno.SeekMode.End);
    await file.read(trailer);
    return new DataView(trailer.buffer).getUint32(0, true);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** How summaries are kept. */
export interface SummaryUpkeep {
  readonly archiveDir: string;
  /**
   * How many days a day must have been over before it is summed; undefined: days are never compressed. Where they are, a
   * day is summed once it is compressed: that changes its files.
   */
  readonly compressAfterDays: number | undefined;
  readonly retention: Retention;
  /** The local calendar day that it is. */
  readonly today: string;
  /** Whether age may decide what is deleted. */
  readonly clockIsTrusted: boolean;
  /** Days that are damaged, and are not tried; those that turn out to be are added. @default none, and none remembered */
  readonly unreadable?: Set<string>;
  readonly card: CardWrites;
}

/** What a step did. */
export interface SummaryReport {
  readonly made?: string;
  readonly dropped?: string;
  /** Why a day cannot be read: it stays without a summary, and the next step goes on behind it. */
  readonly fault?: Error;
}

/** One step: makes one summary at most, the oldest that is missing or no longer true, and drops one at most. */
export async function keepSummaries(upkeep: SummaryUpkeep): Promise<SummaryReport> {
  const { archiveDir, compressAfterDays, today, card, unreadable = new Set() } = upkeep;
  const folder = summaryDir(archiveDir);
  const dropped = await dropOne(folder, upkeep);
  const closedBefore = daysBefore(today, compressAfterDays ?? 1);
  for (const day of await listDays(archiveDir)) {
    const isToCome = compressAfterDays !== undefined && day.plainBytes !== undefined;
    if (day.day >= closedBefore || isToCome || unreadable.has(day.day)) continue;
    if (await isWhole(folder, archiveDir, day)) continue;
    let sums: DaySums;
    try {
      sums = await sumDay(archiveDir, day);
    } catch (error) {
      unreadable.add(day.day);
      return { fault: error as Error, dropped };
    }
    await writeSummary(folder, sums, card);
    return { made: day.day, dropped };
  }
  return { dropped };
}

/** Reads a day and writes its summary. */
export async function makeSummary(
  folder: string,
  archiveDir: string,
  day: ArchiveDay,
  card: CardWrites,
): Promise<void> {
  await writeSummary(folder, await sumDay(archiveDir, day), card);
}

interface DaySums {
  readonly day: string;
  readonly source: SummarySource;
  readonly summary: DaySummary;
}

/** @throws {Error} which file cannot be read */
async function sumDay(archiveDir: string, day: ArchiveDay): Promise<DaySums> {
  const source = await sourceOf(archiveDir, day);
  const builder = new SummaryBuilder();
  const lines = new LineFacts(
    builder.vocabulary,
    { sinceMs: -Infinity, untilMs: Infinity },
    builder,
  );
  {
    using files = await openDay(archiveDir, day.day);
    // A block takes a millisecond; between two of them the program can take packets.
    for await (const block of dayFilesBlocks(files)) lines.read(block);
  }
  return { day: day.day, source, summary: builder.finish() };
}

async function writeSummary(
  folder: string,
  { day, source, summary }: DaySums,
  card: CardWrites,
): Promise<void> {
  const bytes = await encodeSummary(day, source, summary);
  await makeOwnFolder(folder);
  await writeFileAtomic(join(folder, day + SUFFIX), bytes, { mode: FILE_MODE, card });
}

/** The oldest summary beyond the days (as `retention.ts` counts them) or the bytes to keep; never one of a day that the archive still holds. */
async function dropOne(folder: string, upkeep: SummaryUpkeep): Promise<string | undefined> {
  const { archiveDir, retention, today, clockIsTrusted } = upkeep;
  const summaries = await listSummaries(folder);
  const [oldest] = summaries;
  if (oldest === undefined) return undefined;
  const inArchive = (await listDays(archiveDir)).map(({ day }) => day);
  if (inArchive.includes(oldest.day)) return undefined;
  const bytes = summaries.reduce((sum, file) => sum + file.bytes, 0);
  const isTooMuch = retention.bytes !== undefined && bytes > retention.bytes;
  const { days } = retention;
  const logged = [...new Set([...summaries.map(({ day }) => day), ...inArchive])].sort();
  const isOverAge = days !== undefined && clockIsTrusted &&
    isTooOld(oldest.day, { days, logged, today });
  if (!isTooMuch && !isOverAge) return undefined;
  await Deno.remove(oldest.path);
  return oldest.day;
}
