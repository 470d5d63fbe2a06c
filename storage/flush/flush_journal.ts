/**
 * The flush journal: what the archive was before a flush began to append to it.
 *
 * It is written whole to the spare file and renamed into place, so that it is there complete or not at
 * all; it is retired by renaming it back. The spare is made at start and holds its page of memory from
 * then on: on a tmpfs that is full to the last byte a flush, which is what will empty it, must still be
 * able to write its journal. Nothing is synced: the folder is memory, and dies with the machine.
 */

import { openOwn, readOwnText } from "../../system/files/own_file.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import type { RamFiles } from "../ram/ram_files.ts";
import { writeAll } from "../../system/files/write_all.ts";

const SPARE_BYTES = 4096;

/** An archive file that the flush appends to. */
export interface JournaledArchive {
  /** Absolute path. */
  path: string;
  /** Bytes in the file before the flush; 0 when it was not there. */
  sizeBefore: number;
}

/** Makes the spare file, unless it or a journal is there. Without room for it nothing is made. */
export async function reserveJournal(files: RamFiles): Promise<void> {
  if (await pathExists(files.journal) || await pathExists(files.spareJournal)) return;
  const options = { write: true, create: true, mode: 0o640 };
  try {
    using spare = await openOwn(files.spareJournal, options);
    await writeAll(spare, new Uint8Array(SPARE_BYTES).fill(0x20));
  } catch {
    // The tmpfs is full already; should it still be when the journal is due, that write tells.
  }
}

/** Writes the journal; it takes effect at one instant. */
export async function writeJournal(files: RamFiles, archives: JournaledArchive[]): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ archives }) + "\n");
  {
    const options = { write: true, create: true, mode: 0o640 };
    using spare = await openOwn(files.spareJournal, options);
    await writeAll(spare, bytes);
    await spare.truncate(bytes.length);
  }
  await Deno.rename(files.spareJournal, files.journal);
}

/**
 * The archives that the journal names; undefined when there is no journal.
 *
 * @throws {SyntaxError} when the file is no journal, which only a foreign hand can make it.
 */
export async function readJournal(files: RamFiles): Promise<JournaledArchive[] | undefined> {
  let text: string;
  try {
    text = await readOwnText(files.journal);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const archives: unknown = JSON.parse(text)?.archives;
  if (!Array.isArray(archives) || !archives.every(isJournaledArchive)) {
    throw new SyntaxError("it names no archives");
  }
  return archives;
}

/** Takes the journal away: the flush it belonged to is done. */
export async function retireJournal(files: RamFiles): Promise<void> {
  await Deno.rename(files.journal, files.spareJournal);
}

/** Files are cut by the journal's word, which must not be able to name others than a day's. */
const DAY_PATH = /(?:^|\/)\d{4}-\d\d-\d\d\.log$/;

function isJournaledArchive(value: unknown): value is JournaledArchive {
  const { path, sizeBefore } = (value ?? {}) as Partial<Record<keyof JournaledArchive, unknown>>;
  return typeof path === "string" && DAY_PATH.test(path) && Number.isSafeInteger(sizeBefore) &&
    Number(sizeBefore) >= 0;
}
