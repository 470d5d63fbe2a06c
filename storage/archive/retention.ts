/**
 * Which day of the archive goes next.
 *
 * By size: the oldest one, while all days together take more than they may.
 *
 * By age: the oldest one, when it is older than the days to keep. A Pi's clock may be years off, and a day
 * that is gone is gone; so age is believed only when all of this holds:
 *
 * - the clock is trusted: set by the network, and it has not leapt in the last 24 hours;
 * - the day is too old as counted from the seventh newest day in the archive, days after today left out.
 *   Those seven witness that today is what the clock says: where they lie within a month, six days are
 *   added, which where every day was logged is the same as counting from today. A clock that tells a
 *   wrong year, even through restarts, would have to do so on seven days;
 * - its files were last written to as long ago as that. What was logged while the clock was still in the
 *   past lies in an old day, too, and is not old (`LogStore.correctClock()` sees to the files' times).
 *
 * Never today's, and never the newest one in the archive, whatever the clock says.
 */

import { archivePath } from "./archive.ts";
import { type ArchiveDay, gzipPath, gzipTempPath } from "./archive_days.ts";
import { removeIfThere } from "./day_compression.ts";

/** How much of the archive is kept. */
export interface Retention {
  /** Days, today counted in; undefined: without end. */
  days: number | undefined;
  /** Bytes of all archive files together; undefined: without end. */
  bytes: number | undefined;
}

/** What `dayToDrop()` decides on. */
export interface RetentionState extends Retention {
  /** The archive, oldest day first. */
  archive: readonly ArchiveDay[];
  nowMs: number;
  /** The local calendar day of `nowMs`, `YYYY-MM-DD`. */
  today: string;
  /** Whether the clock was set by the network and has not leapt lately. */
  clockIsTrusted: boolean;
}

const DAY_MS = 24 * 3600e3;
/** Days that must agree on what the date is. */
const WITNESS_DAYS = 7;
/** No further apart than this. */
const WITNESS_SPAN_DAYS = 31;

/** The day that is to go, or none. One at a time: call it again, with the archive as it is then. */
export function dayToDrop(state: RetentionState): string | undefined {
  const oldest = state.archive.slice(0, -1).find(({ day }) => day !== state.today);
  if (oldest === undefined) return undefined;
  return isOverSize(state) || isOverAge(oldest, state) ? oldest.day : undefined;
}

/** Removes a day from the archive, the plain file first: what is cut short leaves whole lines. */
export async function dropDay(archiveDir: string, day: string): Promise<void> {
  await removeIfThere(gzipTempPath(archiveDir, day));
  await removeIfThere(archivePath(archiveDir, day));
  await removeIfThere(gzipPath(archiveDir, day));
}

function isOverSize({ archive, bytes }: RetentionState): boolean {
  if (bytes === undefined) return false;
  const total = archive.reduce(
    (sum, { plainBytes = 0, gzipBytes = 0 }) => sum + plainBytes + gzipBytes,
    0,
  );
  return total > bytes;
}

function isOverAge(
  { day, modifiedMs }: ArchiveDay,
  { archive, days, nowMs, today, clockIsTrusted }: RetentionState,
): boolean {
  if (days === undefined || !clockIsTrusted) return false;
  const logged = archive.map((other) => other.day);
  return isTooOld(day, { days, logged, today }) && nowMs - modifiedMs >= (days - 1) * DAY_MS;
}

/**
 * Whether a day is older than the days to keep, by the word of the newest of those that were logged (the oldest first, each
 * once) as far as they are not to come; see the opening.
 */
export function isTooOld(
  day: string,
  { days, logged, today }: {
    readonly days: number;
    readonly logged: readonly string[];
    readonly today: string;
  },
): boolean {
  const count = Math.min(WITNESS_DAYS, days + 1);
  const witnesses = logged.filter((other) => other <= today).slice(-count);
  if (witnesses.length < count) return false;
  const reference = dayNumber(witnesses[0]);
  const isClose = dayNumber(today) - reference <= WITNESS_SPAN_DAYS;
  return reference + (isClose ? count - 1 : 0) - dayNumber(day) >= days;
}

function dayNumber(day: string): number {
  return Date.parse(day) / DAY_MS;
}
