/** The daily archive files, `<folder>/YYYY-MM-DD.log`: preparing, appending to and restoring one. */

import { dirname, join } from "node:path";
import { syncFolder } from "../card/atomic_file.ts";
import { splitByDay } from "../day/day_split.ts";
import { wholeLines } from "./whole_lines.ts";
import { openOwn } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";
import { writeAll } from "../../system/files/write_all.ts";

const NEWLINE = 0x0a;
const TAIL_CHUNK_BYTES = 64 * 1024;

/** The archive file of a local calendar day (`YYYY-MM-DD`). */
export function archivePath(archiveDir: string, day: string): string {
  return join(archiveDir, `${day}.log`);
}

/** The folder for what belongs to an archive: beside `~/wifi_logger/logs`, in any other archive's own folder. */
export function folderByArchive(archiveDir: string, name: string): string {
  return join(archiveDir, archiveDir.endsWith("/wifi_logger/logs") ? `../${name}` : name);
}

/** Makes the archive's folder (mode 0750), durably, when it is missing. @returns whether it was */
export async function makeArchiveFolder(archiveDir: string): Promise<boolean> {
  const wasMissing = await makeOwnFolder(archiveDir);
  if (wasMissing) await syncFolder(dirname(archiveDir));
  return wasMissing;
}

/** What `cutTornLine()` found. */
export interface CutArchive {
  /** The file's size now: 0 or the end of a line. */
  sizeBytes: number;
  /** Bytes of the torn last line that were cut off; 0 when there was none. */
  cutBytes: number;
}

/** Cuts a last line without its newline, as a power loss leaves it; a missing file counts as empty. */
export async function cutTornLine(path: string): Promise<CutArchive> {
  try {
    using file = await openOwn(path, { read: true, write: true });
    const { size } = await file.stat();
    const sizeBytes = await endOfLastLine(file, size);
    if (sizeBytes < size) await file.truncate(sizeBytes);
    return { sizeBytes, cutBytes: size - sizeBytes };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { sizeBytes: 0, cutBytes: 0 };
    throw error;
  }
}

/**
 * Takes off what lies beyond `sizeBytes`.
 *
 * @returns how many bytes the file (a missing one is empty) falls short of `sizeBytes`; 0 is the rule.
 */
export async function restoreArchive(path: string, sizeBytes: number): Promise<number> {
  try {
    using file = await openOwn(path, { read: true, write: true });
    const { size } = await file.stat();
    if (size > sizeBytes) await file.truncate(sizeBytes);
    return Math.max(0, sizeBytes - size);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return sizeBytes;
    throw error;
  }
}

/** What `appendDay()` copies, and where. */
export interface DayToAppend {
  /** The sealed segment. */
  segmentPath: string;
  /** The archive file; created (mode 0640) when missing. */
  path: string;
  /** The local calendar day whose lines are copied, `YYYY-MM-DD`. */
  day: string;
  /** The day that lines without a valid `@timestamp` belong to. */
  undatedDay: string;
}

/** Appends one day's lines of the segment to its archive file and waits until the disk has them. */
export async function appendDay(options: DayToAppend): Promise<void> {
  using segment = await Deno.open(options.segmentPath);
  using archive = await openOwn(options.path, { append: true, create: true, mode: 0o640 });
  for await (const block of wholeLines(segment)) {
    for (const run of splitByDay(block, options.undatedDay)) {
      if (run.day === options.day) await writeAll(archive, run.bytes);
    }
  }
  await archive.sync();
}

/** How many of a file's first `size` bytes are whole lines. */
export async function endOfLastLine(file: Deno.FsFile, size: number): Promise<number> {
  const chunk = new Uint8Array(TAIL_CHUNK_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    await file.seek(start, Deno.SeekMode.Start);
    const length = await file.read(chunk.subarray(0, end - start)) ?? 0;
    const newlineAt = chunk.subarray(0, length).lastIndexOf(NEWLINE);
    if (newlineAt !== -1) return start + newlineAt + 1;
    end = start;
  }
  return 0;
}
