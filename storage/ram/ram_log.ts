/** The RAM log: the file on the tmpfs that every record goes to first. */

import { dirname } from "node:path";
import { type Drop, dropFile, type Dropped, isReportedBy, reportedBy } from "./dropping.ts";
import { osErrorCode, osReason } from "../../system/files/os_error.ts";
import { listParts, nextPart, type RamFiles, ramFiles } from "./ram_files.ts";
import { RamLogInUseError, RamLogLock } from "./ram_log_lock.ts";
import { openOwnSync } from "../../system/files/own_file.ts";

const NEWLINE = 0x0a;
const SCAN_CHUNK_BYTES = 256 * 1024;
const ROOM_BYTES = 128 * 1024;
const encoder = new TextEncoder();

/** How much lies in a file of records. */
export interface RecordCount {
  /** Whole lines. */
  records: number;
  /** Bytes of those lines, their newlines included. */
  bytes: number;
}

/** Thrown by `RamLog.append()` when a batch could not be written; none of it is in the RAM log then. */
export class RamLogWriteError extends Error {
  override name = "RamLogWriteError";

  /** The system's errno, `"ENOSPC"` when the tmpfs is full; undefined when it gave none. */
  readonly code: string | undefined;

  constructor(path: string, cause: unknown) {
    super(
      `writing to the RAM log ${path}: ${osReason(cause)}. ` +
        `Flush it, or give its file system more room`,
      { cause },
    );
    this.code = osErrorCode(cause);
  }
}

/** How a RAM log is kept. */
export interface RamLogOptions {
  /** At this size the log is rolled off to a part, so that the oldest records can be let go by themselves. @default never */
  partBytes?: number;
}

/** A file of the RAM log and what it holds. */
export interface RamPart {
  path: string;
  held: RecordCount;
  /** From this byte on it holds what this process has appended. */
  ownFrom: number;
}

/** Notes that a file has been dropped. */
export function notePartDropped(part: RamPart, gapBytes: number): void {
  part.held = { records: gapBytes === 0 ? 0 : 1, bytes: gapBytes };
  // A gap in what others had appended, too, is left at the times that these have.
  if (part.ownFrom > 0) part.ownFrom = Infinity;
}

/**
 * An open RAM log. It takes whole lines in batches and counts what it holds, in the log itself and in the
 * parts that were rolled off it.
 *
 * Every call is synchronous: the file lies in memory, and a batch that was appended is safe against the
 * death of this process (not of the machine) as soon as the call returns.
 */
export class RamLog implements Disposable {
  /** Bytes of a torn last line that `open()` cut off; 0 when there was none. */
  readonly tornBytesCut: number;

  readonly #files: RamFiles;
  readonly #lock: RamLogLock;
  readonly #partBytes: number;
  /** Oldest first. */
  readonly #parts: RamPart[];
  readonly #log: RamPart;
  #file: Deno.FsFile;
  #lastPart: string | undefined;
  /** Holds the bytes of a batch while it is written: what is made anew for each stays until it is collected. */
  readonly #room = new Uint8Array(ROOM_BYTES);
  #closed = false;

  /**
   * Opens the RAM log at `path` for appending; creates it (mode 0640) and its folder when missing.
   * Records that an earlier process left stay in it and are counted; a last line that it was killed in
   * the middle of is cut.
   *
   * @throws {RamLogInUseError} when another process has it open.
   * @throws {Error} when the file cannot be opened; `cause` says why.
   */
  static open(path: string, options: RamLogOptions = {}): RamLog {
    try {
      Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      const files = ramFiles(path);
      const lock = RamLogLock.take(files.lock, path);
      try {
        return new RamLog(files, lock, options);
      } catch (error) {
        lock.close();
        throw error;
      }
    } catch (cause) {
      if (cause instanceof RamLogInUseError) throw cause;
      throw new Error(
        `opening the RAM log ${path}: ${osReason(cause)}. ` +
          `Run as a user who may write there, or set another path`,
        { cause },
      );
    }
  }

  private constructor(files: RamFiles, lock: RamLogLock, { partBytes = Infinity }: RamLogOptions) {
    this.#files = files;
    this.#lock = lock;
    this.#partBytes = partBytes;
    this.#parts = partsLeft(files).map((path) => {
      using file = openOwnSync(path);
      return { path, held: countRecords(file), ownFrom: Infinity };
    });
    this.#lastPart = this.#parts.at(-1)?.path;
    removeIfThereSync(files.corrected);
    const { file, held, tornBytesCut } = openLog(files.log);
    this.#file = file;
    this.#log = { path: files.log, held, ownFrom: held.bytes };
    this.tornBytesCut = tornBytesCut;
  }

  /** Bytes in the RAM log and its parts. */
  get bytes(): number {
    return this.#all.reduce((sum, { held }) => sum + held.bytes, 0);
  }

  /** Records (lines) in the RAM log and its parts. */
  get records(): number {
    return this.#all.reduce((sum, { held }) => sum + held.records, 0);
  }

  /** How often `seal()` must be called to seal all that is there. */
  get unsealed(): number {
    return this.#parts.length + (this.#log.held.bytes > 0 ? 1 : 0);
  }

  get #all(): RamPart[] {
    return [...this.#parts, this.#log];
  }

  /**
   * Appends `lines` whole lines, each ending in `\n`; all of them or, when it throws, none.
   *
   * @throws {RamLogWriteError} when the write failed, as it does when the tmpfs is full.
   */
  append(text: string, lines: number): void {
    const bytes = this.#encoded(text);
    let written = 0;
    try {
      while (written < bytes.length) written += this.#file.writeSync(bytes.subarray(written));
    } catch (cause) {
      // From the file's own size, not from the count: it may have been truncated by hand.
      this.#file.truncateSync(this.#file.statSync().size - written);
      throw new RamLogWriteError(this.#files.log, cause);
    }
    this.#log.held.records += lines;
    this.#log.held.bytes += bytes.length;
    if (this.#log.held.bytes >= this.#partBytes) this.#rollIfPossible();
  }

  /** Valid until the next call, unless it is longer than usual. */
  #encoded(text: string): Uint8Array {
    const { read, written } = encoder.encodeInto(text, this.#room);
    return read === text.length ? this.#room.subarray(0, written) : encoder.encode(text);
  }

  /**
   * Renames the oldest part or, without one, the log to `segmentPath` (same folder, nothing there yet).
   * The log goes on in a fresh file at the old path, so that `tail -F` follows. No append can come in
   * between: it is one synchronous call.
   *
   * @returns the sealed segment.
   * @throws {Error} when the log is no longer at its path (somebody removed or replaced it: its records
   *   are gone, a fresh log is begun) or cannot be renamed (nothing has changed then).
   */
  seal(segmentPath: string): RamPart {
    const [oldest] = this.#parts;
    if (oldest === undefined) return this.#moveLog(segmentPath);
    Deno.renameSync(oldest.path, segmentPath);
    this.#parts.shift();
    return { ...oldest, path: segmentPath };
  }

  /** Rolls the log off to a part of its own. An empty one stays. */
  roll(): void {
    if (this.#log.held.bytes === 0) return;
    const path = nextPart(this.#files, this.#lastPart);
    const part = this.#moveLog(path);
    this.#parts.push(part);
    this.#lastPart = path;
  }

  /**
   * Drops the oldest part of the records, and leaves the gap record that tells of it; see `dropping.ts`.
   * `earlierGap` is a file before the parts that holds nothing but such a gap record.
   *
   * @returns undefined when there is nothing but gap records.
   */
  dropOldest(drop: Omit<Drop, "path">): Dropped | undefined {
    const oldest = this.#partAt(0);
    const isGap = drop.earlierGap === undefined && oldest !== undefined &&
      reportedBy(oldest.path) !== undefined;
    const part = isGap ? this.#partAt(1) : oldest;
    if (part === undefined) return undefined;
    const dropped = dropFile({
      ...drop,
      earlierGap: isGap ? oldest!.path : drop.earlierGap,
      path: part.path,
    });
    if (isGap) this.#parts.shift();
    notePartDropped(part, dropped.gapBytes);
    return dropped;
  }

  /** The part at an index; the log is rolled off to be it where there is none. */
  #partAt(index: number): RamPart | undefined {
    if (this.#parts.length === index) this.roll();
    return this.#parts[index];
  }

  /**
   * Opens the log at its path anew, for somebody who has renamed or removed the file and wants it to go
   * on in a fresh one. A file that is still in its place stays the same.
   *
   * @returns how many records were in the file that is no longer there.
   */
  reopen(): number {
    if (this.#isAtItsPath()) return 0;
    const { records } = this.#log.held;
    this.#beginFresh();
    return records;
  }

  /**
   * Changes lines that this process has appended and that are still here: `change` is given each without
   * its newline, and gives the line to put in its place, or undefined to leave it. Each file is replaced
   * at one instant; one for whose copy the tmpfs has no room stays as it is. `segment` is one that was sealed and that no
   * flush is at work on.
   *
   * @returns how many lines were changed.
   */
  rewrite(change: (line: string) => string | undefined, segment?: RamPart): number {
    let changed = 0;
    for (const part of segment === undefined ? this.#all : [segment, ...this.#all]) {
      if (part.ownFrom >= part.held.bytes) continue;
      try {
        changed += this.#rewritePart(part, change);
      } catch (error) {
        removeIfThereSync(this.#files.corrected);
        if (osErrorCode(error) !== "ENOSPC") throw error;
      }
    }
    return changed;
  }

  /** Closes the file and lets the next writer in. Twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#lock.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Renames the log to `path` and begins a fresh one. */
  #moveLog(path: string): RamPart {
    const moved = { ...this.#log, path };
    const inPlace = this.#isAtItsPath();
    if (inPlace) Deno.renameSync(this.#log.path, path);
    try {
      this.#beginFresh();
    } catch (error) {
      if (inPlace) Deno.renameSync(path, this.#log.path);
      throw error;
    }
    if (inPlace) return moved;
    throw new Error(
      `sealing the RAM log ${this.#log.path}: another program removed or replaced it, and up to ` +
        `${moved.held.records} records with it. Leave the file to the logger, which has begun a fresh one`,
    );
  }

  #beginFresh(): void {
    const { file, held } = openLog(this.#log.path);
    this.#file.close();
    this.#file = file;
    this.#log.held = held;
    this.#log.ownFrom = held.bytes;
  }

  #rollIfPossible(): void {
    try {
      this.roll();
    } catch {
      // The records are safe where they are; the next `seal()` tells what is wrong.
    }
  }

  #rewritePart(part: RamPart, change: (line: string) => string | undefined): number {
    const bytes = Deno.readFileSync(part.path);
    const lines = new TextDecoder().decode(bytes.subarray(part.ownFrom)).split("\n").slice(0, -1);
    let changed = 0;
    const text = lines.map((line) => {
      const other = change(line);
      if (other !== undefined) changed++;
      return (other ?? line) + "\n";
    }).join("");
    if (changed === 0) return 0;
    const own = new TextEncoder().encode(text);
    const { corrected } = this.#files;
    Deno.writeFileSync(corrected, bytes.subarray(0, part.ownFrom), { mode: 0o640 });
    Deno.writeFileSync(corrected, own, { append: true });
    Deno.renameSync(corrected, part.path);
    part.held.bytes = part.ownFrom + own.length;
    if (part === this.#log) {
      this.#file.close();
      this.#file = openLog(part.path).file;
    }
    return changed;
  }

  #isAtItsPath(): boolean {
    try {
      return Deno.statSync(this.#log.path).ino === this.#file.statSync().ino;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/**
 * Counts the whole lines from the file's position on, in chunks. What follows the last newline is not
 * counted.
 */
export function countRecords(file: Deno.FsFile): RecordCount {
  const chunk = new Uint8Array(SCAN_CHUNK_BYTES);
  const count: RecordCount = { records: 0, bytes: 0 };
  let offset = 0;
  for (let length; (length = file.readSync(chunk)) !== null; offset += length) {
    const read = chunk.subarray(0, length);
    for (let at = read.indexOf(NEWLINE); at !== -1; at = read.indexOf(NEWLINE, at + 1)) {
      count.records++;
      count.bytes = offset + at + 1;
    }
  }
  return count;
}

/** The parts that are there, without what a drop that was cut short has left. */
function partsLeft(files: RamFiles): string[] {
  return listParts(files).filter((path, i, paths) => {
    if (i + 1 === paths.length || !isReportedBy(path, paths[i + 1])) return true;
    Deno.removeSync(path);
    return false;
  });
}

interface OpenedLog {
  file: Deno.FsFile;
  held: RecordCount;
  tornBytesCut: number;
}

function openLog(path: string): OpenedLog {
  const options = { read: true, append: true, create: true, mode: 0o640 };
  const file = openOwnSync(path, options);
  try {
    const held = countRecords(file);
    const tornBytesCut = file.statSync().size - held.bytes;
    if (tornBytesCut > 0) file.truncateSync(held.bytes);
    return { file, held, tornBytesCut };
  } catch (error) {
    file.close();
    throw error;
  }
}

function removeIfThereSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
