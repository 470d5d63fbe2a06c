import { basename, dirname, join } from "node:path";

/** The names of the files that the storage keeps in the RAM log's folder. */
export interface RamFiles {
  /** Being written: whole lines, one record each. */
  log: string;
  /** What parts that were rolled off the log are called, with a number behind it; the lowest is the oldest. */
  partPrefix: string;
  /** A corrected copy of the log or a part, until it takes its place. */
  corrected: string;
  /** Sealed: on its way to the archive. */
  segment: string;
  /** What the archive was before the segment's records were appended. */
  journal: string;
  /** The journal's place while there is none: a file that holds its memory page. */
  spareJournal: string;
  /** Holds the memory page for the gap record of what has to be dropped. */
  spareGap: string;
  /** What has been written to the card; see `WearLedger`. */
  wear: string;
  /** Says when the process that writes the others was there last. */
  life: string;
  /** Locked by the one process that may write the others; holds its PID. */
  lock: string;
}

/** The files that belong to the RAM log at `ramLogPath`, such as `/mnt/ramlogs/today.log`. */
export function ramFiles(ramLogPath: string): RamFiles {
  return {
    log: ramLogPath,
    partPrefix: `${ramLogPath}.part-`,
    corrected: `${ramLogPath}.corrected`,
    segment: `${ramLogPath}.flushing`,
    journal: `${ramLogPath}.journal`,
    spareJournal: `${ramLogPath}.journal.spare`,
    spareGap: `${ramLogPath}.gap.spare`,
    wear: `${ramLogPath}.wear`,
    life: `${ramLogPath}.life`,
    lock: `${ramLogPath}.lock`,
  };
}

/** The parts that were rolled off the log, oldest first. */
export function listParts({ partPrefix }: RamFiles): string[] {
  const folder = dirname(partPrefix);
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) => name.startsWith(basename(partPrefix)))
    .sort()
    .map((name) => join(folder, name));
}

/** The part that is rolled off after `latest`. */
export function nextPart({ partPrefix }: RamFiles, latest: string | undefined): string {
  const number = latest === undefined ? 0 : Number(latest.slice(partPrefix.length));
  return partPrefix + String(number + 1).padStart(9, "0");
}
