/** Counting what is written to the card: the figure behind "how long will it live". */

/** Something that was written. */
export interface Written {
  /** Bytes given to write(2). */
  bytes: number;
  /** fsync(2) calls, of files and of folders. */
  syncs: number;
}

/** Counts for one local day or several. */
export interface CardWrites {
  /** Adds to the count. */
  note(written: Written): void;
}
