/**
 * The ledger of a log, as of one instant. Days that are over and summed are kept in a file, `news/firsts.ledger` beside the
 * summaries, to which a day is added when it is summed; what is newer is read from the records each time. So the file
 * is written once a day at most, and is made anew from summaries and archive when it is missing, damaged, or of days
 * that have changed since.
 */

import { dirname, join } from "@std/path";
import { folderByArchive } from "../../storage/archive/archive.ts";
import { type ArchiveDay, listDays } from "../../storage/archive/archive_days.ts";
import { shareArchive } from "../../storage/archive/archive_lock.ts";
import { dayFilesBlocks, openDay } from "../../storage/archive/archive_reader.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { type LogSection, openSnapshot } from "../../storage/log_snapshot.ts";
import { freeBytes } from "../../system/free_bytes.ts";
import { readOwnBytes } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";
import { LineFacts } from "../../report/facts/line_facts.ts";
import {
  isWhole,
  listSummaries,
  openSummary,
  readHead,
  summaryDir,
  type SummaryFile,
} from "../../report/summary/summaries.ts";
import { sameSource, type SummarySource } from "../../report/summary/summary_file.ts";
import { decodeLedger, encodeLedger, type SettledLedger } from "./ledger_file.ts";
import type { LedgerBounds } from "./forgetting.ts";
import { Ledger } from "./ledger.ts";

const EVER = { sinceMs: -Infinity, untilMs: Infinity };
/** As the archive's: its group may read it. */
const FILE_MODE = 0o640;
/** In the folder `news`. */
export const LEDGER_FILE = "firsts.ledger";

/** Which log. Paths are absolute. */
export interface LedgerPlace {
  readonly ramLogPath: string;
  readonly archiveDir: string;
  readonly bounds?: LedgerBounds;
  /** Called before each day that is read, with how much has been, from 0 to 1; it goes on when what is returned has come. */
  readonly progress?: (share: number) => void | Promise<void>;
}

/** A ledger, and what could not be read for it. */
export interface KeptLedger {
  readonly ledger: Ledger;
  readonly faults: readonly Error[];
  /** The first day that was not settled, `YYYY-MM-DD`: from it on there are records in the ledger. */
  readonly firstOpenDay: string | undefined;
  /** Whether the file was written. */
  readonly isSaved: boolean;
}

/** Where what is known besides the log lies: the ledger, the owner's names and marks, what was told. */
export function newsDir(archiveDir: string): string {
  return folderByArchive(archiveDir, "news");
}

/** All of the log up to now. @throws {Error} when the log cannot be opened */
export async function openLedger(place: LedgerPlace): Promise<KeptLedger> {
  const settled = await openSettled(place);
  const { ramLogPath, archiveDir } = place;
  using snapshot = await openSnapshot({ ramLogPath, archiveDir, from: settled.firstOpenDay });
  const faults = [...settled.faults, ...await readSections(snapshot.sections, settled.ledger)];
  return { ...settled, faults };
}

/** Adds every line of the sections to a ledger. @returns what could not be read */
export async function readSections(
  sections: readonly LogSection[],
  ledger: Ledger,
): Promise<Error[]> {
  const faults: Error[] = [];
  for (const section of sections) {
    try {
      await readBlocks(section.blocks(), ledger);
    } catch (error) {
      faults.push(error as Error);
    }
  }
  return faults;
}

async function readBlocks(blocks: AsyncIterable<Uint8Array>, ledger: Ledger): Promise<void> {
  const reader = new LedgerLines(ledger);
  for await (const block of blocks) reader.read(block);
}

/** Adds lines to a ledger, whose vocabulary is renewed at times. */
export class LedgerLines {
  readonly #ledger: Ledger;
  #vocabulary: Ledger["vocabulary"];
  #lines: LineFacts;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#vocabulary = ledger.vocabulary;
    this.#lines = new LineFacts(this.#vocabulary, EVER, ledger);
  }

  /** A block of whole lines, each with its `\n`. */
  read(block: Uint8Array): void {
    const { vocabulary } = this.#ledger;
    if (vocabulary !== this.#vocabulary) {
      this.#vocabulary = vocabulary;
      this.#lines = new LineFacts(vocabulary, EVER, this.#ledger);
    }
    this.#lines.read(block);
  }
}

/** The days that are over and summed, from the file as far as it is true; the file is brought up to date. */
export async function openSettled(place: LedgerPlace): Promise<KeptLedger> {
  // Meanwhile nobody takes out of the archive what is read for the file.
  using _shared = await shareArchive(place.archiveDir);
  return await readSettled(place);
}

async function readSettled(
  { archiveDir, bounds, progress }: LedgerPlace,
): Promise<KeptLedger> {
  const folder = summaryDir(archiveDir);
  const path = join(newsDir(archiveDir), LEDGER_FILE);
  const archived = new Map((await listDays(archiveDir)).map((day) => [day.day, day]));
  const { days, firstOpenDay } = await settledDays(folder, archiveDir, archived);
  const isTrue = ([day, source]: [string, SummarySource]) =>
    !archived.has(day) || sameSource(days.get(day)?.source, source);
  const kept = await readFile(path, bounds);
  const isKept = kept !== undefined && Object.entries(kept.days).every(isTrue);
  const ledger = isKept ? kept.ledger : new Ledger(bounds);
  const known: Record<string, SummarySource> = isKept ? { ...kept.days } : {};
  const faults: Error[] = [];
  let isNew = false;
  const missing = [...days].filter(([day]) => known[day] === undefined);
  for (const [i, [day, { source, file }]] of missing.entries()) {
    await progress?.(i / missing.length);
    try {
      await addDay(ledger, archiveDir, { file, archived: archived.get(day) });
    } catch (error) {
      faults.push(error as Error);
      continue;
    }
    known[day] = source;
    isNew = true;
    ledger.forget();
  }
  const isSaved = isNew && await saveFile(path, { days: known, ledger });
  ledger.takeAdded();
  return { ledger, faults, firstOpenDay, isSaved };
}

interface SettledDay {
  readonly source: SummarySource;
  readonly file: SummaryFile;
}

/** Days from the oldest on as long as each has a true summary, and the first one that has not. */
async function settledDays(
  folder: string,
  archiveDir: string,
  archived: ReadonlyMap<string, ArchiveDay>,
): Promise<{ days: Map<string, SettledDay>; firstOpenDay: string | undefined }> {
  const summaries = new Map((await listSummaries(folder)).map((file) => [file.day, file]));
  const days = new Map<string, SettledDay>();
  for (const day of [...new Set([...summaries.keys(), ...archived.keys()])].sort()) {
    const file = summaries.get(day);
    const inArchive = archived.get(day);
    const isSettled = file !== undefined &&
      (inArchive === undefined || await isWhole(folder, archiveDir, inArchive));
    if (!isSettled) return { days, firstOpenDay: day };
    const head = await readHead(folder, day);
    if (head !== undefined) days.set(day, { source: head.source, file });
  }
  const newest = [...days.keys()].at(-1);
  return { days, firstOpenDay: newest === undefined ? undefined : dayAfter(newest) };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 24 * 3600e3).toISOString().slice(0, 10);
}

/** From the summary; where that has summed small conversations as "other", from the records while there are any. */
async function addDay(
  ledger: Ledger,
  archiveDir: string,
  { file, archived }: { file: SummaryFile; archived: ArchiveDay | undefined },
): Promise<void> {
  using summary = await openSummary(file.path);
  if (summary.head.folded.rows > 0 && archived !== undefined) {
    using files = await openDay(archiveDir, file.day);
    return await readBlocks(dayFilesBlocks(files), ledger);
  }
  summary.readRows(ledger.vocabulary, EVER, ledger);
}

/** Undefined where there is none, or none that can be read: it is made anew. */
async function readFile(path: string, bounds?: LedgerBounds): Promise<SettledLedger | undefined> {
  try {
    const file = await readOwnBytes(path);
    const kept = decodeLedger(file, bounds);
    freeBytes(file);
    return kept;
  } catch {
    return undefined;
  }
}

/** @returns false where this user may not write there: then the days are read again the next time */
async function saveFile(path: string, settled: SettledLedger): Promise<boolean> {
  try {
    await makeOwnFolder(dirname(path));
    await writeFileAtomic(path, await encodeLedger(settled), { mode: FILE_MODE });
    return true;
  } catch {
    return false;
  }
}
