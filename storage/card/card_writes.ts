/** Telling what is written to the card. */

/** Something that was written. */
export interface Written {
  /** Bytes given to write(2). */
  bytes: number;
  /** fsync(2) calls, of files and of folders. */
  syncs: number;
}

/** Called at every write to the card. */
export interface CardWrites {
  /** Adds to the count. */
  note(written: Written): void;
}
