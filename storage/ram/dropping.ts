/**
 * Dropping a file of records for want of room. A `kill -9` at any instruction leaves every dropped record reported by
 * exactly one gap record.
 *
 * 1. Write the gap record to a spare file, whose page of memory is held from the start on, since there is no room now.
 * 2. Rename it over the file that is dropped. This is the instant: the gap record is where the records were.
 * 3. Remove the file before that one, when it held nothing but the gap record of an earlier drop: the new record
 *    counts the records of the earlier one, too. A logger killed before this step leaves both files; `isReportedBy()`
 *    recognises the pair at the next start.
 *
 * Two gap records of separate drops can lie side by side as well: the first in a segment that a flush is at work on, the
 * second in the part behind it. Their counts and times do not tell such a pair from the pair of step 3. Therefore the
 * new file is marked with the inode number of the file that it replaces, as its time of modification: that needs no
 * room, and the rename brings mark and content at the same instant.
 */

import { addLost, countLost, type LostRecords } from "./lost_records.ts";
import { osErrorCode } from "../../system/files/os_error.ts";
import { openOwnSync } from "../../system/files/own_file.ts";

const SPARE_BYTES = 4096;
/** A file of nothing but gap records is small. */
const MAX_GAP_FILE_BYTES = 64 * 1024;

/** What is dropped. */
export interface Drop {
  /** The file of records. */
  path: string;
  /** The file before it, when that holds nothing but the gap record of an earlier drop. */
  earlierGap: string | undefined;
  /** The spare file. */
  sparePath: string;
  /** The line of the gap record that reports the loss, its newline included. */
  gapLine(lost: LostRecords): string;
  /** Used where the records have no readable time; epoch milliseconds. */
  nowMs: number;
}

/** What was dropped. */
export interface Dropped {
  lost: LostRecords;
  /** Bytes of the gap record, which is all that is left at the path; 0 when there was no room even for that. */
  gapBytes: number;
}

/** Drops a file. */
export function dropFile({ path, earlierGap, sparePath, gapLine, nowMs }: Drop): Dropped {
  const found = countLost(Deno.readFileSync(path), nowMs);
  const lost = earlierGap === undefined
    ? found
    : addLost(countLost(Deno.readFileSync(earlierGap), nowMs), found);
  const gap = new TextEncoder().encode(gapLine(lost));
  const replaced = earlierGap === undefined ? undefined : inodeNumber(earlierGap);
  const gapBytes = putInPlace(gap, { path, sparePath, replaced });
  if (earlierGap !== undefined) Deno.removeSync(earlierGap);
  reserveSpare(sparePath);
  return { lost, gapBytes };
}

/**
 * `replaced`: the inode number of the file that the gap record replaces besides `path`.
 *
 * @returns how many bytes were written
 */
function putInPlace(
  gap: Uint8Array,
  { path, sparePath, replaced }: { path: string; sparePath: string; replaced: number | undefined },
): number {
  try {
    writeSpare(sparePath, gap);
    if (replaced !== undefined) markReplacing(sparePath, replaced);
    Deno.renameSync(sparePath, path);
    return gap.length;
  } catch (error) {
    if (osErrorCode(error) !== "ENOSPC") throw error;
  }
  // Others have taken the memory before the spare could be made again. Now the records have to go first.
  Deno.truncateSync(path, 0);
  try {
    Deno.writeFileSync(path, gap);
    if (replaced !== undefined) markReplacing(path, replaced);
    return gap.length;
  } catch (error) {
    if (osErrorCode(error) !== "ENOSPC") throw error;
    Deno.truncateSync(path, 0);
    return 0;
  }
}

/** Makes the spare file, unless it is there. Without room for it nothing is made. */
export function reserveSpare(path: string): void {
  try {
    const options = { createNew: true, mode: 0o640 };
    Deno.writeFileSync(path, new Uint8Array(SPARE_BYTES).fill(0x20), options);
  } catch {
    // It is there, or the tmpfs is full; should it still be at the next drop, that write tells.
  }
}

/** The losses that a file reports when it holds nothing but gap records of drops; `undefined` otherwise. */
export function reportedBy(path: string): LostRecords | undefined {
  const { size } = Deno.statSync(path);
  if (size === 0 || size > MAX_GAP_FILE_BYTES) return undefined;
  const bytes = Deno.readFileSync(path);
  const lines = bytes.filter((byte) => byte === 0x0a).length;
  const reported = countLost(bytes, 0);
  return reported.gapRecords === lines ? reported : undefined;
}

/** Marks a file as counting, too, what the file with an inode number counts. */
function markReplacing(path: string, inode: number): void {
  const mark = new Date(inode);
  Deno.utimeSync(path, mark, mark);
}

function isMarkedAsReplacing(nextPath: string, path: string): boolean {
  return Deno.statSync(nextPath).mtime?.getTime() === inodeNumber(path);
}

function inodeNumber(path: string): number {
  return Deno.statSync(path).ino ?? 0;
}

/** Whether the next file reports the losses of this one as well: a drop was cut short between the two. */
export function isReportedBy(path: string, nextPath: string): boolean {
  if (!isMarkedAsReplacing(nextPath, path)) return false;
  const [reported, next] = [reportedBy(path), reportedBy(nextPath)];
  return reported !== undefined && next !== undefined && next.count >= reported.count &&
    next.startMs <= reported.startMs && next.endMs >= reported.endMs;
}

function writeSpare(path: string, bytes: Uint8Array): void {
  using spare = openOwnSync(path, { write: true, create: true, mode: 0o640 });
  for (let written = 0; written < bytes.length;) {
    written += spare.writeSync(bytes.subarray(written));
  }
  spare.truncateSync(bytes.length);
}
