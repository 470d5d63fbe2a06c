/**
 * Reading the whole log, archive and RAM, as it is at one instant, while a logger writes to it: each line once.
 *
 * A line moves from the RAM log to a segment and on to the archive (`flush.ts`). So everything is opened first and
 * read then: what is open stays what it was, whatever is renamed or removed meanwhile. When the RAM log's files or the
 * flush journal have changed while the archive was opened, all is opened anew. That a flush is under way does not
 * matter: the journal tells how much of an archive file is from before it, and the segment holds the rest.
 */

import { type ArchiveDay, listDays } from "./archive/archive_days.ts";
import { type DayFiles, dayFilesBlocks, openDay } from "./archive/archive_reader.ts";
import { exchangeJournal } from "./forget/exchange.ts";
import { forgottenMark } from "./forget/forgotten_days.ts";
import { type JournaledArchive, readJournal } from "./flush/flush_journal.ts";
import { osReason } from "../system/files/os_error.ts";
import { listParts, type RamFiles, ramFiles } from "./ram/ram_files.ts";
import { limitedSource, linesIn, wholeLines } from "./archive/whole_lines.ts";

/** Which log is read, and which days of its archive. */
export interface LogRange {
  /** The RAM log, absolute. */
  ramLogPath: string;
  /** The archive's folder. */
  archiveDir: string;
  /** The first local calendar day, `YYYY-MM-DD`. @default the oldest there is */
  from?: string;
  /** The last one, itself included. What is in RAM is read in any case. @default the newest there is */
  to?: string;
  /** Whether the caller knows already what the archive holds of a day; then the day is no section. @default none is */
  isKnown?: (day: ArchiveDay) => Promise<boolean>;
}

/** A day of the archive, or a file of the RAM log. */
export interface LogSection {
  /**
   * Its lines without their newlines, in the order they were written; to be asked for once. A line is a view that is
   * valid until the next one is asked for.
   *
   * @throws {Error} which file could not be read and why; the lines before have been given.
   */
  lines(): AsyncGenerator<Uint8Array, void>;
  /** The same in blocks of whole lines, each line with its newline; either is to be asked for. */
  blocks(): AsyncGenerator<Uint8Array, void>;
}

/** A log whose files are open. */
export interface LogSnapshot extends Disposable {
  /** Oldest first. */
  readonly sections: readonly LogSection[];
}

const TRIES = 100;
const PAUSE_MS = 20;

/**
 * Opens the log as it is now; what does not exist is empty.
 *
 * @throws {Error} which of it could not be opened and why
 */
export async function openSnapshot(range: LogRange): Promise<LogSnapshot> {
  // Where somebody was killed who took something out, each day is one from before or one from after that.
  const log = await openLog(range, () => true, { evenHalfForgotten: true });
  return { sections: sectionsOf(log), [Symbol.dispose]: () => log[Symbol.dispose]() };
}

/** The sections of open files, oldest first. */
export function sectionsOf({ days, ram }: Pick<OpenLog, "days" | "ram">): LogSection[] {
  const ofDays = days.map(({ files, plainBytes }) =>
    section(() => dayFilesBlocks(files, plainBytes))
  );
  return [...ofDays, ...ram.map(ramSection)];
}

/** The log's open files as of one instant. */
export interface OpenLog extends Disposable {
  /** Oldest first. */
  readonly days: readonly OpenDay[];
  /** The files of the RAM log, oldest lines first. */
  readonly ram: readonly OpenRamFile[];
  /** What had been taken out of the archive by then: see `forgottenMark()`. */
  readonly forgotten: string;
}

/** A day of the archive. */
export interface OpenDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly files: DayFiles;
  /** How much of its plain file is of this instant. */
  readonly plainBytes: number;
}

/** A file of the RAM log. */
export interface OpenRamFile {
  readonly path: string;
  readonly file: Deno.FsFile;
  readonly inode: number | null;
  /** How much of it is of this instant; the last line may not have its end yet. */
  readonly size: number;
}

/** Thrown where somebody has begun to take something out of the archive and was killed; the logger will finish it. */
export class HalfForgottenError extends Error {
  override name = "HalfForgottenError";
}

/**
 * Opens those days of the range that are `wanted` as they are at that instant, and the RAM log.
 *
 * @throws {HalfForgottenError} unless that is taken as it is
 * @throws {Error} which of it could not be opened and why
 */
export async function openLog(
  range: LogRange,
  wanted: (day: ArchiveDay) => boolean,
  { evenHalfForgotten = false } = {},
): Promise<OpenLog> {
  const { ramLogPath, archiveDir } = range;
  for (let tries = 1; tries <= TRIES; tries++) {
    const isHalf = isHalfForgotten(archiveDir);
    const isLast = tries === TRIES && evenHalfForgotten;
    const log = isHalf && !isLast ? undefined : await tryOpen(range, wanted);
    if (log !== undefined) return log;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  if (isHalfForgotten(archiveDir)) {
    throw new HalfForgottenError(
      `reading the log ${ramLogPath}: forget was cut short. The next flush finishes it: wifilogger --flush-now`,
    );
  }
  throw new Error(`reading the log ${ramLogPath}: it changes too fast. Try again`);
}

function isHalfForgotten(archiveDir: string): boolean {
  return unlessMissing(() => Deno.statSync(exchangeJournal(archiveDir))) !== undefined;
}

/** Undefined when a flush took a step meanwhile. */
async function tryOpen(
  range: LogRange,
  wanted: (day: ArchiveDay) => boolean,
): Promise<OpenLog | undefined> {
  const { ramLogPath, archiveDir } = range;
  const files = ramFiles(ramLogPath);
  using opened = new DisposableStack();
  const ram: OpenRamFile[] = [];
  const wasHalfForgotten = isHalfForgotten(archiveDir);
  const forgotten = forgottenMark(archiveDir);
  const before = inRam(files, (path) => {
    const file = named(path, () => unlessMissing(() => Deno.openSync(path)));
    if (file === undefined) return undefined;
    const { ino, size } = opened.use(file).statSync();
    ram.unshift({ path, file, inode: ino, size });
    return ino;
  });
  const isUnderWay = before.some(({ path }) => path === files.segment);
  const journaled = isUnderWay ? await journalOf(files) : [];
  const days: OpenDay[] = [];
  for (const { day } of (await daysOf(range)).filter(wanted)) {
    const dayFiles = opened.use(await openDay(archiveDir, day));
    days.push({ day, files: dayFiles, plainBytes: bytesBefore(dayFiles, journaled) });
  }
  const after = inRam(files, (path) => unlessMissing(() => Deno.statSync(path))?.ino);
  if (JSON.stringify(before) !== JSON.stringify(after)) return undefined;
  const isForgotten = isHalfForgotten(archiveDir) !== wasHalfForgotten ||
    forgottenMark(archiveDir) !== forgotten;
  if (isForgotten) return undefined;
  const kept = opened.move();
  return { days, ram, forgotten, [Symbol.dispose]: () => kept.dispose() };
}

/** A file in RAM, and its inode. */
interface RamFile {
  readonly path: string;
  readonly inode: number | null;
}

/**
 * The files in RAM, newest lines first, each asked for by `inodeOf()`, which says whether it is there. They are asked
 * for in the order that a line goes through them, so that none can slip by; then whether there is a journal.
 */
function inRam(files: RamFiles, inodeOf: (path: string) => number | null | undefined): RamFile[] {
  const found: RamFile[] = [];
  const ask = (path: string) => {
    const inode = inodeOf(path);
    if (inode !== undefined) found.push({ path, inode });
  };
  ask(files.log);
  for (const path of (unlessMissing(() => listParts(files)) ?? []).reverse()) ask(path);
  ask(files.segment);
  const hasJournal = unlessMissing(() => Deno.statSync(files.journal)) !== undefined;
  return hasJournal ? [...found, { path: files.journal, inode: null }] : found;
}

function ramSection({ path, file, size }: OpenRamFile): LogSection {
  const blocks = wholeLines(limitedSource(file, size), { torn: "skip" });
  return section(async function* () {
    try {
      yield* blocks;
    } catch (cause) {
      throw unreadable(path, cause);
    }
  });
}

function section(blocks: () => AsyncGenerator<Uint8Array, void>): LogSection {
  return { blocks, lines: () => linesIn(blocks()) };
}

/** One that is no journal, by a foreign hand, is passed over, as the logger does. */
async function journalOf(files: RamFiles): Promise<readonly JournaledArchive[]> {
  try {
    return await readJournal(files) ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw unreadable(files.journal, error);
  }
}

async function daysOf(range: LogRange): Promise<ArchiveDay[]> {
  const { archiveDir, from = "", to = "9999-99-99", isKnown } = range;
  try {
    const days: ArchiveDay[] = [];
    for (const day of await listDays(archiveDir)) {
      const isAsked = day.day >= from && day.day <= to;
      if (isAsked && !await isKnown?.(day)) days.push(day);
    }
    return days;
  } catch (cause) {
    throw unreadable(archiveDir, cause);
  }
}

/** How much of a day's plain file was there before the flush that is under way. */
function bytesBefore({ plain }: DayFiles, journaled: readonly JournaledArchive[]): number {
  if (plain === undefined) return 0;
  const { size, ino, dev } = plain.statSync();
  // By inode: the journal names the file as the logger was told its folder.
  const journal = journaled.find(({ path }) => {
    const info = unlessMissing(() => Deno.statSync(path));
    return info?.ino === ino && info.dev === dev;
  });
  return Math.min(size, journal?.sizeBefore ?? size);
}

function unlessMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNone) return undefined;
    throw error;
  }
}

function named<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  return new Error(
    `reading the log ${path}: ${osReason(cause)}. ` +
      `Run as the user that the logger runs as, or as a member of its group`,
    { cause },
  );
}
