/** One writer per RAM log. */

import { openOwnSync } from "../../system/files/own_file.ts";

/** Thrown when another process (or another `RamLog` of this one) has the RAM log open. */
export class RamLogInUseError extends Error {
  override name = "RamLogInUseError";

  constructor(
    /** The RAM log. */
    readonly path: string,
    /** The PID of the process that has it; undefined in the instant before it has noted it. */
    readonly pid: number | undefined,
  ) {
    const holder = pid === undefined ? "another process" : `process ${pid}`;
    super(
      `opening the RAM log ${path}: ${holder} is writing it. ` +
        `Stop that logger first, or ask it to flush`,
    );
  }
}

/**
 * Holds an exclusive advisory lock (flock(2)) on `<RAM log>.lock` until it is closed. The kernel lets go
 * of it when the process dies, whatever way; so the file itself stays, and its being there means nothing.
 */
export class RamLogLock implements Disposable {
  readonly #file: Deno.FsFile;
  #closed = false;

  /**
   * Takes the lock, or fails at once.
   *
   * @throws {RamLogInUseError} when another has it.
   */
  static take(lockPath: string, ramLogPath: string): RamLogLock {
    const options = { read: true, write: true, create: true, mode: 0o640 };
    const file = openOwnSync(lockPath, options);
    try {
      if (!file.tryLockSync(true)) throw new RamLogInUseError(ramLogPath, readPid(file));
      notePid(file);
      return new RamLogLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Lets the next one in. Twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function readPid(file: Deno.FsFile): number | undefined {
  const bytes = new Uint8Array(16);
  const length = file.readSync(bytes) ?? 0;
  const pid = parseInt(new TextDecoder().decode(bytes.subarray(0, length)), 10);
  return Number.isNaN(pid) ? undefined : pid;
}

function notePid(file: Deno.FsFile): void {
  const text = new TextEncoder().encode(`${Deno.pid}\n`);
  try {
    file.writeSync(text);
    file.truncateSync(text.length);
  } catch {
    // The PID is for people; a tmpfs that is full must not keep the logger from starting and flushing.
  }
}
