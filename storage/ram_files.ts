/** The names of the files that the storage keeps in the RAM log's folder. */
export interface RamFiles {
  /** Being written: whole lines, one record each. */
  log: string;
  /** Sealed: on its way to the archive. */
  segment: string;
  /** What the archive was before the segment's records were appended. */
  journal: string;
  /** The journal's place while there is none: a file that holds its memory page. */
  spareJournal: string;
  /** Locked by the one process that may write the others; holds its PID. */
  lock: string;
}

/** The files that belong to the RAM log at `ramLogPath`, such as `/mnt/ramlogs/today.log`. */
export function ramFiles(ramLogPath: string): RamFiles {
  return {
    log: ramLogPath,
    segment: `${ramLogPath}.flushing`,
    journal: `${ramLogPath}.journal`,
    spareJournal: `${ramLogPath}.journal.spare`,
    lock: `${ramLogPath}.lock`,
  };
}
