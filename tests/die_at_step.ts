/**
 * A process that is killed, by itself, with SIGKILL, at one of its steps. A step is a call that changes a file; a write is
 * two: before it, and half-way through.
 */

let stepsLeft = Infinity;

/** Counts one step; true when it is the one to die at. */
function isLastStep(): boolean {
  return --stepsLeft === 0;
}

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  throw new Error("SIGKILL did not kill");
}

// deno-lint-ignore no-explicit-any
type Call = (this: unknown, ...args: any[]) => unknown;

/** Makes every call of `owner[name]` a step, unless it opens a file to read it. */
function dieBefore(owner: object, name: string): void {
  const calls = owner as Record<string, Call>;
  const call = calls[name];
  calls[name] = function (...args) {
    const isReading = name.startsWith("open") && !args[1]?.write && !args[1]?.append;
    if (!isReading && isLastStep()) die();
    return call.apply(this, args);
  };
}

/** Makes every write to an open file two steps: before it, and after half of its bytes. */
function dieInWrite(): void {
  const { writeSync, write } = Deno.FsFile.prototype;
  const half = function (file: Deno.FsFile, bytes: Uint8Array) {
    if (isLastStep()) die();
    if (!isLastStep()) return;
    writeSync.call(file, bytes.subarray(0, bytes.length / 2));
    die();
  };
  Deno.FsFile.prototype.writeSync = function (bytes) {
    half(this, bytes);
    return writeSync.call(this, bytes);
  };
  Deno.FsFile.prototype.write = function (bytes) {
    half(this, bytes);
    return write.call(this, bytes);
  };
}

/** From now on; 1 is the next step. */
export function dieAtStep(step: number): void {
  stepsLeft = step;
  const functions = ["open", "rename", "remove", "truncate", "writeFile", "mkdir", "utime"];
  for (const name of functions) {
    dieBefore(Deno, name);
    dieBefore(Deno, `${name}Sync`);
  }
  for (const name of ["sync", "truncate", "truncateSync", "utime"]) {
    dieBefore(Deno.FsFile.prototype, name);
  }
  dieInWrite();
}
