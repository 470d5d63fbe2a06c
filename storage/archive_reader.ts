/**
 * Reading the archive back, plain or compressed, one day or many, while a logger writes to it.
 *
 * The plain file is opened before the compressed one, and both before either is read: compression first
 * puts the compressed file in place and then removes the plain one, so that a reader sees each line in
 * one of the two. A plain file that is the twin of the last member (see `day_compression.ts`) is passed
 * over, and so is a last line whose end has not been written yet.
 */

import { archivePath } from "./archive.ts";
import { gzipPath, listDays } from "./archive_days.ts";
import { openIfThere } from "./day_compression.ts";
import { GunzipSource, isLastMember } from "./gzip_file.ts";
import { osReason } from "./os_error.ts";
import { wholeLines } from "./whole_lines.ts";

const NEWLINE = 0x0a;

/** Which days are read. */
export interface DayRange {
  /** The archive's folder. */
  archiveDir: string;
  /** The first local calendar day, `YYYY-MM-DD`. @default the oldest there is */
  from?: string;
  /** The last one, itself included. @default the newest there is */
  to?: string;
}

/**
 * The lines of some days, without their newlines, oldest day first, each day's in the order they were
 * written. A line is a view that is valid until the next one is asked for. Memory: a block of lines (see
 * `wholeLines()`), however long the days are.
 *
 * @throws {Error} which file could not be read and why; the lines before have been given.
 */
export async function* archiveLines(
  { archiveDir, from = "", to = "9999-99-99" }: DayRange,
): AsyncGenerator<Uint8Array, void> {
  for (const { day } of await listDays(archiveDir)) {
    if (day >= from && day <= to) yield* dayLines(archiveDir, day);
  }
}

/** The lines of one day, as `archiveLines()` gives them; none when it is not in the archive. */
export async function* dayLines(
  archiveDir: string,
  day: string,
): AsyncGenerator<Uint8Array, void> {
  for await (const block of dayBlocks(archiveDir, day)) {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start);
      yield block.subarray(start, end);
      start = end + 1;
    }
  }
}

async function* dayBlocks(archiveDir: string, day: string): AsyncGenerator<Uint8Array, void> {
  using plain = await openIfThere(archivePath(archiveDir, day));
  using gzip = await openIfThere(gzipPath(archiveDir, day));
  let hasTwin = false;
  if (gzip !== undefined) {
    hasTwin = plain !== undefined && await isLastMember(plain, gzip);
    await gzip.seek(0, Deno.SeekMode.Start);
    await using source = new GunzipSource(gzip);
    yield* named(gzipPath(archiveDir, day), wholeLines(source, { torn: "skip" }));
  }
  if (plain !== undefined && !hasTwin) {
    await plain.seek(0, Deno.SeekMode.Start);
    yield* named(archivePath(archiveDir, day), wholeLines(plain, { torn: "skip" }));
  }
}

/** Names the file in what goes wrong with it. */
async function* named<T>(path: string, blocks: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* blocks;
  } catch (cause) {
    throw new Error(
      `reading the archive file ${path}: ${osReason(cause)}. ` +
        `Restore it from a copy, or move it away to read the other days`,
      { cause },
    );
  }
}
