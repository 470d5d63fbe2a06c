/**
 * Exchanging several files at one instant: all of them are the new ones afterwards or all are the old ones, through a
 * `kill -9` or a power loss at any instruction.
 *
 * 1. Write each new file beside the old one, as `<path>.forgetting`, and fsync it. Who is killed here has changed
 *    nothing; what was left is removed by the next one.
 * 2. Write the journal, `forget.journal` in the archive's folder: which files are replaced, and which are removed. It
 *    appears at one instant, by a rename, and is fsynced. This is the instant.
 * 3. Rename each new file into its place, remove what is to go, and fsync the folders.
 * 4. Remove the journal.
 *
 * Cut short in 3 or before 4, the journal is still there, and whoever next opens the archive to change it goes on at 3:
 * a logger as it starts and before each flush, and the next `forget`. Until then a reader may find some files new and
 * others old; each is whole.
 *
 * Only who holds the archive alone (`ownArchive()`) may exchange; whoever finishes may hold it together with others,
 * since renaming what is there and removing what is not does no harm twice.
 */

import { dirname, join } from "node:path";
import { syncFolder, writeFileAtomic } from "../card/atomic_file.ts";
import type { CardWrites } from "../card/card_writes.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { pathExists } from "../../system/files/path_exists.ts";

const MODE = 0o640;
const SUFFIX = ".forgetting";

/** What is to become of a file. Paths are absolute. */
export type Exchanged = { readonly replace: string } | { readonly remove: string };

/** Where the new content of a file is written before it takes its place. */
export function stagedPath(path: string): string {
  return path + SUFFIX;
}

/** The journal of an archive. */
export function exchangeJournal(archiveDir: string): string {
  return join(archiveDir, "forget.journal");
}

/** Exchanges files whose new content is staged and synced; in this order. */
export async function exchange(
  archiveDir: string,
  files: readonly Exchanged[],
  card: CardWrites,
): Promise<void> {
  const text = JSON.stringify({ files }) + "\n";
  await writeFileAtomic(exchangeJournal(archiveDir), text, { mode: MODE, card });
  await apply(archiveDir, files);
}

/** Finishes an exchange that was cut short. @returns whether there was one */
export async function finishExchange(archiveDir: string): Promise<boolean> {
  const files = await readJournal(archiveDir);
  if (files === undefined) return false;
  await apply(archiveDir, files);
  return true;
}

/** What killed writers have left, and nobody writes while the archive is in one hand. */
const LEFT_OVER = /\.(log\.gz|summary|ledger)\.tmp$/;

/** Removes what was staged in a folder and never exchanged, and what killed writers left. Not while a journal is there. */
export async function removeStaged(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(SUFFIX) || LEFT_OVER.test(name)) await Deno.remove(join(folder, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function apply(archiveDir: string, files: readonly Exchanged[]): Promise<void> {
  for (const file of files) {
    if ("remove" in file) await unlessMissing(() => Deno.remove(file.remove));
    else {
      // In the journal's order one that is not staged any more is in its place already.
      await unlessMissing(() => Deno.rename(stagedPath(file.replace), file.replace));
    }
  }
  const paths = files.map((file) => "remove" in file ? file.remove : file.replace);
  for (const folder of new Set(paths.map(dirname))) {
    if (await pathExists(folder)) await syncFolder(folder);
  }
  await unlessMissing(() => Deno.remove(exchangeJournal(archiveDir)));
  await syncFolder(archiveDir);
}

/** @throws {Error} when there is one that cannot be read */
async function readJournal(archiveDir: string): Promise<readonly Exchanged[] | undefined> {
  const path = exchangeJournal(archiveDir);
  let text: string;
  try {
    text = await readOwnText(path);
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNone) return undefined;
    throw error;
  }
  try {
    const { files } = JSON.parse(text);
    if (!Array.isArray(files)) throw new SyntaxError("it names no files");
    return files;
  } catch (cause) {
    throw new Error(
      `finishing what forget has begun, by ${path}: ${(cause as Error).message}. ` +
        "It was changed by another program: remove it, and run forget again",
      { cause },
    );
  }
}

async function unlessMissing(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
