/**
 * The archive as a list of days. A day lies in `YYYY-MM-DD.log`; once it is closed and compressed in
 * `YYYY-MM-DD.log.gz`; and in both when lines came late, the plain file holding the later ones.
 */

import { join } from "node:path";
import { archivePath } from "./archive.ts";

/** One day of the archive. */
export interface ArchiveDay {
  /** The local calendar day, `YYYY-MM-DD`. */
  day: string;
  /** Bytes of the plain file; undefined when there is none. */
  plainBytes: number | undefined;
  /** Bytes of the compressed file; undefined when there is none. */
  gzipBytes: number | undefined;
  /** When one of them was last written to, epoch milliseconds; 0 where the system does not tell. */
  modifiedMs: number;
}

/** The compressed archive file of a local calendar day (`YYYY-MM-DD`). */
export function gzipPath(archiveDir: string, day: string): string {
  return `${archivePath(archiveDir, day)}.gz`;
}

/** Where a compressed archive file is built; what a killed process left there is overwritten. */
export function gzipTempPath(archiveDir: string, day: string): string {
  return `${gzipPath(archiveDir, day)}.tmp`;
}

const ARCHIVE_NAME = /^(\d{4}-\d\d-\d\d)\.log(\.gz)?$/;

/** The days in the archive, oldest first; none when its folder is missing. Other files are passed over. */
export async function listDays(archiveDir: string): Promise<ArchiveDay[]> {
  for (;;) {
    const days = await tryListDays(archiveDir);
    if (days !== undefined) return days;
  }
}

/** Undefined when a file went meanwhile: the one that it became when its day was compressed may not have been seen. */
async function tryListDays(archiveDir: string): Promise<ArchiveDay[] | undefined> {
  const days = new Map<string, ArchiveDay>();
  for (const name of await namesIn(archiveDir)) {
    const match = ARCHIVE_NAME.exec(name);
    if (match === null) continue;
    const [, day, isGzip] = match;
    const info = await statIfThere(join(archiveDir, name));
    if (info === undefined) return undefined;
    // Nobody may be kept waiting by a pipe.
    if (!info.isFile) continue;
    const found = days.get(day) ??
      { day, plainBytes: undefined, gzipBytes: undefined, modifiedMs: 0 };
    if (isGzip) found.gzipBytes = info.size;
    else found.plainBytes = info.size;
    found.modifiedMs = Math.max(found.modifiedMs, info.mtime?.getTime() ?? 0);
    days.set(day, found);
  }
  return [...days.values()].sort((a, b) => a.day < b.day ? -1 : 1);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Undefined where nothing is, or not any more. */
export async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
