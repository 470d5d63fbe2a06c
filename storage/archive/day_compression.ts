/**
 * Compressing a closed day: what `YYYY-MM-DD.log` holds becomes a gzip member at the end of
 * `YYYY-MM-DD.log.gz`.
 *
 * 1. Cut the torn last line that a power loss may have left.
 * 2. Copy the compressed file, if the day has one, to `.gz.tmp`, compress the plain file behind it, and
 *    fsync it.
 * 3. Rename it to `.gz` and fsync the folder. This is the instant the day is compressed.
 * 4. Remove the plain file.
 *
 * Cut short before 3, by a `kill -9` or a power loss, it has changed nothing; the `.gz.tmp` is
 * overwritten by the next try. Cut short before 4 was done, the lines lie in both files. That shows: a
 * gzip member ends with the length and the CRC-32 of what it holds, and those are the plain file's. Such
 * a twin is not read, and is removed before anything is appended to it or compressed.
 *
 * A line that comes late, for a day that is compressed already, goes to a plain file again, beside the
 * compressed one; the next compression makes a further member of it.
 */

import { archivePath, cutTornLine } from "./archive.ts";
import { gzipPath, gzipTempPath } from "./archive_days.ts";
import { syncFolder } from "../card/atomic_file.ts";
import type { CardWrites } from "../card/card_writes.ts";
import { appendMember, isLastMember } from "./gzip_file.ts";
import { createOwn, ForeignFileError, openOwn } from "../../system/files/own_file.ts";
import { writeAll } from "../../system/files/write_all.ts";

/** Which day is compressed, and how. */
export interface DayToCompress {
  archiveDir: string;
  /** `YYYY-MM-DD`; nothing may be appended to it meanwhile. */
  day: string;
  /** 1 (fast) to 9 (small). */
  level: number;
  /** Called with what was written. */
  card: CardWrites;
}

/**
 * Compresses the day's plain file; without one it does nothing.
 *
 * @throws what the failing file call throws; the day is then as it was, and no `.gz.tmp` stays.
 */
export async function compressDay({ archiveDir, day, level, card }: DayToCompress): Promise<void> {
  const path = archivePath(archiveDir, day);
  if (await removeTwin(archiveDir, day)) return;
  const { sizeBytes } = await cutTornLine(path);
  if (sizeBytes > 0) {
    const tempPath = gzipTempPath(archiveDir, day);
    try {
      card.note({ bytes: await buildMembers({ archiveDir, day, level }), syncs: 1 });
      await Deno.rename(tempPath, gzipPath(archiveDir, day));
    } catch (error) {
      await removeIfThere(tempPath).catch(() => {}); // the first error is the one to tell
      throw error;
    }
    await syncFolder(archiveDir);
    card.note({ bytes: 0, syncs: 1 });
  }
  await removeIfThere(path);
}

/** Removes a plain file whose lines are in the compressed one already. @returns whether there was one */
export async function removeTwin(archiveDir: string, day: string): Promise<boolean> {
  const path = archivePath(archiveDir, day);
  using plain = await openIfThere(path);
  using gzip = plain && await openIfThere(gzipPath(archiveDir, day));
  if (plain === undefined || gzip === undefined || !await isLastMember(plain, gzip)) return false;
  await Deno.remove(path);
  return true;
}

/** Opens a file for reading; undefined when it is not there. */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await openOwn(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof ForeignFileError) {
      return undefined;
    }
    throw error;
  }
}

/** Removes a file; one that is not there is no error. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function buildMembers(
  { archiveDir, day, level }: Omit<DayToCompress, "card">,
): Promise<number> {
  using target = await createOwn(gzipTempPath(archiveDir, day), 0o640);
  using plain = await openOwn(archivePath(archiveDir, day));
  using earlier = await openIfThere(gzipPath(archiveDir, day));
  const copied = earlier === undefined ? 0 : await copyAll(earlier, target);
  const added = await appendMember(plain, target, level);
  // The age that retention looks at is that of the lines, not of their compression.
  const { mtime } = await plain.stat();
  await target.sync();
  if (mtime !== null) await target.utime(mtime, mtime);
  return copied + added;
}

async function copyAll(source: Deno.FsFile, target: Deno.FsFile): Promise<number> {
  const chunk = new Uint8Array(64 * 1024);
  let copied = 0;
  for (let length; (length = await source.read(chunk)) !== null; copied += length) {
    await writeAll(target, chunk.subarray(0, length));
  }
  return copied;
}
