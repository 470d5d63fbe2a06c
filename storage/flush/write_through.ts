/** Writing records to the archive without the RAM log, when the tmpfs has no room for them. */

import { archivePath, cutTornLine, makeArchiveFolder, restoreArchive } from "../archive/archive.ts";
import { syncFolder } from "../card/atomic_file.ts";
import type { CardWrites } from "../card/card_writes.ts";
import { splitByDay } from "../day/day_split.ts";
import { removeTwin } from "../archive/day_compression.ts";
import { addFlushed, type FlushReport, flushStep } from "./flush_report.ts";
import { setAside } from "./set_aside.ts";
import { openOwn } from "../../system/files/own_file.ts";
import { writeAll } from "../../system/files/write_all.ts";

/** Where the records go. */
export interface ThroughRoute {
  archiveDir: string;
  /** The local calendar day, `YYYY-MM-DD`, for lines without a valid `@timestamp`. */
  undatedDay: string;
  card: CardWrites;
}

/**
 * Appends whole lines to their days' archive files and waits until the disk has them; what it did is
 * added to `report`. There is no journal: who dies in the middle has not been promised anything yet, and
 * a line that was torn is cut as any other. Not while a flush is under way.
 *
 * @throws {FlushError} none of the lines is in the archive then.
 */
export async function writeThrough(
  text: string,
  { archiveDir, undatedDay, card }: ThroughRoute,
  report: FlushReport,
): Promise<void> {
  const days = [...linesByDay(text, undatedDay)];
  const sizes = new Map<string, number>();
  await flushStep(archiveDir, () => makeArchiveFolder(archiveDir));
  try {
    for (const [day, { chunks, bytes }] of days) {
      const path = archivePath(archiveDir, day);
      await flushStep(path, async () => {
        await setAside(path, report);
        await removeTwin(archiveDir, day);
        sizes.set(path, (await cutTornLine(path)).sizeBytes);
        using file = await openOwn(path, { append: true, create: true, mode: 0o640 });
        for (const chunk of chunks) await writeAll(file, chunk);
        await file.sync();
      });
      card.note({ bytes, syncs: 1 });
    }
    if ([...sizes.values()].includes(0)) {
      await flushStep(archiveDir, () => syncFolder(archiveDir));
      card.note({ bytes: 0, syncs: 1 });
    }
  } catch (error) {
    for (const [path, sizeBytes] of sizes) await restoreArchive(path, sizeBytes).catch(() => {});
    throw error;
  }
  addFlushed(
    report,
    days.map(([day, { records, bytes }]) => ({
      path: archivePath(archiveDir, day),
      records,
      bytes,
    })),
  );
}

interface DayLines {
  chunks: Uint8Array[];
  records: number;
  bytes: number;
}

function linesByDay(text: string, undatedDay: string): Map<string, DayLines> {
  const days = new Map<string, DayLines>();
  for (const run of splitByDay(new TextEncoder().encode(text), undatedDay)) {
    const day = days.get(run.day) ?? { chunks: [], records: 0, bytes: 0 };
    day.chunks.push(run.bytes);
    day.records += run.records;
    day.bytes += run.bytes.length;
    days.set(run.day, day);
  }
  return days;
}
