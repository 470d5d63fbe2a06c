/**
 * Dropping a file of records for want of room, through a `kill -9` at any instruction: never are records gone that no
 * gap record tells of, nor told of more than once.
 *
 * 1. Write the gap record to a spare file, whose page of memory is held from the start on, since there is no room now.
 * 2. Rename it over the file that is dropped. This is the instant: the gap record is where the records were.
 * 3. Remove the file before that one, when it held nothing but the gap record of an earlier drop: the new one tells of
 *    those records, too. Cut short before, both are there, which `isToldBy()` finds out at the next start.
 */

import { addLost, countLost, type LostRecords } from "./lost_records.ts";
import { osErrorCode } from "../../system/os_error.ts";

const SPARE_BYTES = 4096;
/** A file of nothing but gap records is small. */
const MAX_TOLD_BYTES = 64 * 1024;

/** What is dropped. */
export interface Drop {
  /** The file of records. */
  path: string;
  /** The file before it, where that holds only what an earlier drop tells. */
  told: string | undefined;
  /** The spare file. */
  sparePath: string;
  /** The line, its end included, of the gap record that tells of what was lost. */
  gapLine(lost: LostRecords): string;
  /** Stands for times that the records do not tell, epoch milliseconds. */
  nowMs: number;
}

/** What was dropped. */
export interface Dropped {
  lost: LostRecords;
  /** Bytes of the gap record, which is all that is left at the path; 0 when there was no room even for that. */
  gapBytes: number;
}

/** Drops a file. */
export function dropFile({ path, told, sparePath, gapLine, nowMs }: Drop): Dropped {
  const found = countLost(Deno.readFileSync(path), nowMs);
  const lost = told === undefined
    ? found
    : addLost(countLost(Deno.readFileSync(told), nowMs), found);
  const gap = new TextEncoder().encode(gapLine(lost));
  const gapBytes = putInPlace(gap, path, sparePath);
  if (told !== undefined) Deno.removeSync(told);
  reserveSpare(sparePath);
  return { lost, gapBytes };
}

/** @returns how many bytes were written */
function putInPlace(gap: Uint8Array, path: string, sparePath: string): number {
  try {
    writeSpare(sparePath, gap);
    Deno.renameSync(sparePath, path);
    return gap.length;
  } catch (error) {
    if (osErrorCode(error) !== "ENOSPC") throw error;
  }
  // Others have taken the memory before the spare could be made again. Now the records have to go first.
  Deno.truncateSync(path, 0);
  try {
    Deno.writeFileSync(path, gap);
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

/** What a file tells when it holds nothing but gap records of records that were dropped; undefined otherwise. */
export function toldBy(path: string): LostRecords | undefined {
  const { size } = Deno.statSync(path);
  if (size === 0 || size > MAX_TOLD_BYTES) return undefined;
  const bytes = Deno.readFileSync(path);
  const lines = bytes.filter((byte) => byte === 0x0a).length;
  const told = countLost(bytes, 0);
  return told.tellers === lines ? told : undefined;
}

/** Whether what a file tells is told by the next one as well: a drop was cut short between the two. */
export function isToldBy(path: string, nextPath: string): boolean {
  const [told, next] = [toldBy(path), toldBy(nextPath)];
  return told !== undefined && next !== undefined && next.count >= told.count &&
    next.startMs <= told.startMs && next.endMs >= told.endMs;
}

function writeSpare(path: string, bytes: Uint8Array): void {
  using spare = Deno.openSync(path, { write: true, create: true, mode: 0o640 });
  for (let written = 0; written < bytes.length;) {
    written += spare.writeSync(bytes.subarray(written));
  }
  spare.truncateSync(bytes.length);
}
