/** The RAM log: the file on the tmpfs that every record goes to first. */

import { dirname } from "node:path";
import { osErrorCode, osReason } from "./os_error.ts";
import { ramFiles } from "./ram_files.ts";
import { RamLogInUseError, RamLogLock } from "./ram_log_lock.ts";

const NEWLINE = 0x0a;
const SCAN_CHUNK_BYTES = 256 * 1024;

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

/**
 * An open RAM log. It takes whole lines in batches and counts what it holds.
 *
 * Every call is synchronous: the file lies in memory, and a batch that was appended is safe against the
 * death of this process (not of the machine) as soon as the call returns.
 */
export class RamLog implements Disposable {
  /** Bytes of a torn last line that `open()` cut off; 0 when there was none. */
  readonly tornBytesCut: number;

  readonly #path: string;
  readonly #lock: RamLogLock;
  #file: Deno.FsFile;
  #held: RecordCount;
  #closed = false;

  /**
   * Opens the RAM log at `path` for appending; creates it (mode 0640) and its folder when missing.
   * Records that an earlier process left stay in it and are counted; a last line that it was killed in
   * the middle of is cut.
   *
   * @throws {RamLogInUseError} when another process has it open.
   * @throws {Error} when the file cannot be opened; `cause` says why.
   */
  static open(path: string): RamLog {
    try {
      Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      const lock = RamLogLock.take(ramFiles(path).lock, path);
      try {
        return new RamLog(path, lock, openLog(path));
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

  private constructor(path: string, lock: RamLogLock, opened: OpenedLog) {
    this.#path = path;
    this.#lock = lock;
    this.#file = opened.file;
    this.#held = opened.held;
    this.tornBytesCut = opened.tornBytesCut;
  }

  /** Bytes in the RAM log. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /** Records (lines) in the RAM log. */
  get records(): number {
    return this.#held.records;
  }

  /**
   * Appends `lines` whole lines, each ending in `\n`; all of them or, when it throws, none.
   *
   * @throws {RamLogWriteError} when the write failed, as it does when the tmpfs is full.
   */
  append(text: string, lines: number): void {
    const bytes = new TextEncoder().encode(text);
    let written = 0;
    try {
      while (written < bytes.length) written += this.#file.writeSync(bytes.subarray(written));
    } catch (cause) {
      // From the file's own size, not from the count: it may have been truncated by hand.
      this.#file.truncateSync(this.#file.statSync().size - written);
      throw new RamLogWriteError(this.#path, cause);
    }
    this.#held.records += lines;
    this.#held.bytes += bytes.length;
  }

  /**
   * Renames the log to `segmentPath` (same folder, nothing there yet) and goes on in a fresh one at the
   * old path, so that `tail -F` follows. No append can come in between: it is one synchronous call.
   *
   * @returns what the sealed segment holds.
   * @throws {Error} when the file is no longer at its path (somebody removed or replaced it: its records
   *   are gone, a fresh log is begun) or cannot be renamed (nothing has changed then).
   */
  seal(segmentPath: string): RecordCount {
    const sealed = this.#held;
    const inPlace = this.#isAtItsPath();
    if (inPlace) Deno.renameSync(this.#path, segmentPath);
    try {
      const fresh = openLog(this.#path);
      this.#file.close();
      this.#file = fresh.file;
      this.#held = fresh.held;
    } catch (error) {
      if (inPlace) Deno.renameSync(segmentPath, this.#path);
      throw error;
    }
    if (inPlace) return sealed;
    throw new Error(
      `sealing the RAM log ${this.#path}: another program removed or replaced it, and up to ` +
        `${sealed.records} records with it. Leave the file to the logger, which has begun a fresh one`,
    );
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

  #isAtItsPath(): boolean {
    try {
      return Deno.statSync(this.#path).ino === this.#file.statSync().ino;
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

interface OpenedLog {
  file: Deno.FsFile;
  held: RecordCount;
  tornBytesCut: number;
}

function openLog(path: string): OpenedLog {
  const options = { read: true, append: true, create: true, mode: 0o640 };
  const file = Deno.openSync(path, options);
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
