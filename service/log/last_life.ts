/**
 * When the logger before this one was there last, so that the gap at a start tells from when on something is missing. Known
 * by a file beside the RAM log whose own time is set each second, and by its one word. It is gone after the machine was
 * off, as all that lies in RAM.
 */

import { isTmpfs } from "../../system/files/tmpfs.ts";
import { dirname } from "@std/path";

/** It ended in order: all that it had seen was written. */
const ENDED = "ended  ";
const RUNNING = "running";
const MODE = 0o640;

/** What is known of the life before, and the mark that this life leaves. */
export class LifeMark implements Disposable {
  /**
   * Since when packets may be missing, milliseconds since 1970: when the logger before ended, or what it had not written
   * yet when it was killed. `undefined` where nothing is known.
   */
  readonly missingSinceMs: number | undefined;
  #file: Deno.FsFile | undefined;

  private constructor(missingSinceMs: number | undefined, file: Deno.FsFile | undefined) {
    this.missingSinceMs = missingSinceMs;
    this.#file = file;
  }

  /** `unwrittenMs`: so old may be at most what a logger has seen and not written. On a disk no mark is left: it would wear. */
  static open(path: string, unwrittenMs: number): LifeMark {
    if (!isTmpfs(dirname(path))) return new LifeMark(undefined, undefined);
    try {
      const missingSinceMs = readMark(path, unwrittenMs);
      // Whatever lies there is not written through.
      if (exists(path)) Deno.removeSync(path);
      const file = Deno.openSync(path, { write: true, createNew: true, mode: MODE });
      file.writeSync(new TextEncoder().encode(RUNNING));
      return new LifeMark(missingSinceMs, file);
    } catch {
      return new LifeMark(undefined, undefined); // it is only a mark
    }
  }

  /** To be called about each second. */
  beat(nowMs: number): void {
    this.#file?.utimeSync(nowMs / 1000, nowMs / 1000);
  }

  /** All that was seen until `atMs` is written. */
  end(atMs: number): void {
    if (this.#file === undefined) return;
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#file.writeSync(new TextEncoder().encode(ENDED));
    this.beat(atMs);
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function readMark(path: string, unwrittenMs: number): number | undefined {
  if (!exists(path)) return undefined;
  const { isFile, size, mtime } = Deno.lstatSync(path);
  if (!isFile || size !== RUNNING.length || mtime === null) return undefined;
  const hasEnded = Deno.readTextFileSync(path) === ENDED;
  return mtime.getTime() - (hasEnded ? 0 : unwrittenMs);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
