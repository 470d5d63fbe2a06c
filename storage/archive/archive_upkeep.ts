/** Keeping the archive in order: compressing days that are over, dropping days that are too old. */

import { type ArchiveDay, listDays } from "./archive_days.ts";
import { daysBefore, localDay } from "../day/calendar_day.ts";
import type { CardWrites } from "../card/card_writes.ts";
import { compressDay } from "./day_compression.ts";
import { dayToDrop, dropDay, type Retention } from "./retention.ts";

/** How the archive is to be kept. */
export interface UpkeepOptions {
  archiveDir: string;
  /**
   * How many days a day must have been over before it is compressed; undefined: days stay plain.
   * 1: yesterday's is left alone, the day before is compressed.
   */
  compressAfterDays: number | undefined;
  /** gzip's, 1 (fast) to 9 (small). */
  compressLevel: number;
  retention: Retention;
}

/** What an upkeep step is told of the moment. */
export interface UpkeepMoment {
  nowMs: number;
  /** Whether the clock was set by the network and has not leapt lately. */
  clockIsTrusted: boolean;
  card: CardWrites;
}

/** What an upkeep step did. */
export interface UpkeepReport {
  /** The day that was compressed. */
  compressed?: string;
  /** The day that was dropped. */
  dropped?: string;
  /** Bytes of all days, as they were before the step. */
  archiveBytes?: number;
}

/**
 * One step: drops one day at most, and compresses one at most, the oldest first.
 *
 * @throws what the failing file call throws; the next step tries again.
 */
export async function keepUp(options: UpkeepOptions, moment: UpkeepMoment): Promise<UpkeepReport> {
  const { archiveDir, compressAfterDays, compressLevel, retention } = options;
  const { nowMs, clockIsTrusted, card } = moment;
  const today = localDay(nowMs);
  const archive = await listDays(archiveDir);
  const report: UpkeepReport = { archiveBytes: sizeOf(archive) };
  const dropped = dayToDrop({ ...retention, archive, nowMs, today, clockIsTrusted });
  if (dropped !== undefined) {
    await dropDay(archiveDir, dropped);
    report.dropped = dropped;
  }
  if (compressAfterDays === undefined) return report;
  const closedBefore = daysBefore(today, compressAfterDays);
  const plain = archive.find(({ day, plainBytes }) =>
    day !== dropped && day < closedBefore && plainBytes !== undefined
  );
  if (plain !== undefined) {
    await compressDay({ archiveDir, day: plain.day, level: compressLevel, card });
    report.compressed = plain.day;
  }
  return report;
}

function sizeOf(archive: readonly ArchiveDay[]): number {
  return archive.reduce(
    (sum, { plainBytes, gzipBytes }) => sum + (plainBytes ?? 0) + (gzipBytes ?? 0),
    0,
  );
}
