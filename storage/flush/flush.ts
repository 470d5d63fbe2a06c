/**
 * Moving the RAM log's records to the daily archive, each exactly once, through a `kill -9` at any
 * instruction.
 *
 * In the RAM log's folder there are `today.log`, which records are appended to; during a flush
 * `today.log.flushing`, the sealed segment; and `today.log.journal`, which says how long each archive
 * file was before the flush. The archive lies on another file system, where a rename cannot go (EXDEV),
 * so the bytes are copied:
 *
 * 1. Seal: rename `today.log` to `.flushing` and begin a fresh `today.log` (`RamLog.seal()`). Appending
 *    goes on there while the rest of the flush waits for the disk.
 * 2. Count the segment's records by the local calendar day of their `@timestamp`, to know which archive
 *    files they go to: always the plain ones, also of a day that is compressed already. Remove those that
 *    are the twin of a compressed one (`day_compression.ts`), and cut the torn last line that a power loss
 *    may have left.
 * 3. Write the journal: those files and their sizes. It appears at one instant, by a rename.
 * 4. Append each day's lines to its file, one pass over the segment per day (there is one, or two around
 *    midnight), and fsync it; fsync the folder for the files that are new.
 * 5. Remove the segment. This is the instant the flush is done.
 * 6. Remove the journal. It goes last: a segment without its journal would be taken for one that no
 *    archive has seen yet, and be appended a second time.
 *
 * The RAM log may have been rolled off in parts, `today.log.part-NNN`: they are sealed one by one, the
 * oldest first, as the log itself is in 1. When neither RAM nor card has room, the oldest give way to gap
 * records (`dropping.ts`), but never a segment that has a journal.
 *
 * What a flush that was cut short left is finished first, by the next flush or the next start, before
 * anything else is sealed:
 *
 * - a segment and no journal: cut short before 3 was done, or failed in 4 and undone; the archive holds
 *   none of it. Go on at 2.
 * - a segment and a journal: cut short in 4, or before 5. Truncate the archive files to their journaled
 *   sizes, which takes off whatever had been appended, and go on at 2. The old journal is right until
 *   the new one replaces it: both say the sizes that the files now have. Splitting afresh rather than by
 *   the journal lets the time zone or the archive folder have changed in between.
 *   An archive file shorter than its journaled size was changed by somebody else: nothing is taken off.
 * - a journal and no segment: cut short before 6. Remove the journal.
 *
 * Days are compressed and dropped only while there is neither a segment nor a journal, so that no journal
 * speaks of a file that has changed.
 *
 * A power loss takes the whole RAM folder with it, and leaves in the archive what was fsynced and
 * perhaps a torn line, which 2 cuts.
 */

import {
  appendDay,
  archivePath,
  cutTornLine,
  makeArchiveFolder,
  restoreArchive,
} from "../archive/archive.ts";
import { syncFolder } from "../card/atomic_file.ts";
import type { CardWrites } from "../card/card_writes.ts";
import { removeTwin } from "../archive/day_compression.ts";
import { splitByDay } from "../day/day_split.ts";
import {
  type JournaledArchive,
  readJournal,
  retireJournal,
  writeJournal,
} from "./flush_journal.ts";
import { addFlushed, type FlushedFile, type FlushReport, flushStep } from "./flush_report.ts";
import { setAside } from "./set_aside.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import type { RamFiles } from "../ram/ram_files.ts";
import { wholeLines } from "../archive/whole_lines.ts";

/** Where a sealed segment lies and where its records go. */
export interface SegmentRoute {
  /** The RAM log's files. */
  files: RamFiles;
  /** The archive's folder, absolute; made when missing. */
  archiveDir: string;
  /** The local calendar day, `YYYY-MM-DD`, for lines without a valid `@timestamp`. */
  undatedDay: string;
  /** Called with what was written. */
  card: CardWrites;
}

interface ArchivePart extends FlushedFile {
  day: string;
}

/**
 * Moves the sealed segment, when there is one, to the archive: steps 2 to 6, whatever an earlier try
 * left. What it did is added to `report`, warnings also when it fails.
 *
 * Every file call is asynchronous and memory is bounded by one block of lines. One call at a time.
 *
 * @throws {FlushError} the segment is still there then, and to be settled by the next call.
 */
export async function settleSegment(route: SegmentRoute, report: FlushReport): Promise<void> {
  const { files, archiveDir } = route;
  const journaled = await readOrDistrustJournal(files, report);
  if (!await flushStep(files.segment, () => pathExists(files.segment))) {
    if (journaled) await flushStep(files.journal, () => retireJournal(files));
    return;
  }
  if (journaled) await restoreArchives(journaled, report);
  const parts = await flushStep(files.segment, () => partsByDay(route));
  await flushStep(archiveDir, () => makeArchiveFolder(archiveDir));
  const archives = await prepareArchives(parts, archiveDir, report);
  await flushStep(files.journal, () => writeJournal(files, archives));
  await appendParts(parts, archives, route);
  await flushStep(files.segment, () => Deno.remove(files.segment));
  addFlushed(report, parts);
  await flushStep(files.journal, () => retireJournal(files));
}

async function readOrDistrustJournal(
  files: RamFiles,
  report: FlushReport,
): Promise<JournaledArchive[] | undefined> {
  try {
    return await flushStep(files.journal, () => readJournal(files));
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof SyntaxError)) throw error;
    report.warnings.push(
      `reading the flush journal ${files.journal}: ${error.cause.message}. It was changed by ` +
        `another program and is left out of account: the newest records may be in the archive twice`,
    );
    return undefined;
  }
}

async function restoreArchives(
  journaled: JournaledArchive[],
  report: FlushReport,
): Promise<void> {
  for (const { path, sizeBefore } of journaled) {
    const missing = await flushStep(path, () => restoreArchive(path, sizeBefore));
    if (missing === 0) continue;
    report.warnings.push(
      `finishing a flush to ${path}: the file is ${missing} bytes shorter than before that flush, so ` +
        `it was changed by another program. The records go to its end; look there for doubled ones`,
    );
  }
}

async function partsByDay({ files, archiveDir, undatedDay }: SegmentRoute): Promise<ArchivePart[]> {
  const parts = new Map<string, ArchivePart>();
  using segment = await Deno.open(files.segment);
  for await (const block of wholeLines(segment)) {
    for (const { day, records, bytes } of splitByDay(block, undatedDay)) {
      const part = parts.get(day) ??
        { day, path: archivePath(archiveDir, day), records: 0, bytes: 0 };
      part.records += records;
      part.bytes += bytes.length;
      parts.set(day, part);
    }
  }
  return [...parts.values()];
}

async function prepareArchives(
  parts: ArchivePart[],
  archiveDir: string,
  report: FlushReport,
): Promise<JournaledArchive[]> {
  const archives: JournaledArchive[] = [];
  for (const { path, day } of parts) {
    await flushStep(path, () => setAside(path, report));
    await flushStep(path, () => removeTwin(archiveDir, day));
    const { sizeBytes, cutBytes } = await flushStep(path, () => cutTornLine(path));
    archives.push({ path, sizeBefore: sizeBytes });
    if (cutBytes === 0) continue;
    report.warnings.push(
      `appending to ${path}: it ended in a torn line, as a power loss leaves it. ` +
        `Its ${cutBytes} bytes were cut off`,
    );
  }
  return archives;
}

async function appendParts(
  parts: ArchivePart[],
  archives: JournaledArchive[],
  { files, archiveDir, undatedDay, card }: SegmentRoute,
): Promise<void> {
  try {
    for (const { path, day, bytes } of parts) {
      const options = { segmentPath: files.segment, path, day, undatedDay };
      await flushStep(path, () => appendDay(options));
      card.note({ bytes, syncs: 1 });
    }
    if (archives.some((archive) => archive.sizeBefore === 0)) {
      await flushStep(archiveDir, () => syncFolder(archiveDir));
      card.note({ bytes: 0, syncs: 1 });
    }
  } catch (error) {
    // The next call restores the archive anyway; until then, on a full disk perhaps for days, it should
    // not show half of what is still in RAM.
    const isRestored = await restoreAll(archives);
    // Then the segment is as if no flush had begun, and may be dropped when the RAM is full.
    if (isRestored) await retireJournal(files).catch(() => {});
    throw error;
  }
}

async function restoreAll(archives: JournaledArchive[]): Promise<boolean> {
  let isRestored = true;
  for (const { path, sizeBefore } of archives) {
    await restoreArchive(path, sizeBefore).catch(() => isRestored = false);
  }
  return isRestored;
}
