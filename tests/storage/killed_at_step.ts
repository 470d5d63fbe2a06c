/**
 * A process that writes, flushes and compresses records and is killed, by itself, with SIGKILL, at one of its steps.
 * A step is a call that changes a file; a write is two: before it, and half-way through.
 *
 * Arguments: RAM log, archive folder, id of the first record, number of the step to die at.
 * Prints the id of each record that `append()` took, and at last `done`.
 */

import { LogStore } from "../../storage/log_store.ts";
import { noonOf, recordLine } from "./scratch.ts";

const [ramLogPath, archiveDir, firstIdText, lastStepText] = Deno.args;
const firstId = Number(firstIdText);
let stepsLeft = Number(lastStepText);

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

/** Makes every call of `owner[name]` a step. */
function dieBefore(owner: object, name: string): void {
  const calls = owner as Record<string, Call>;
  const call = calls[name];
  calls[name] = function (...args) {
    if (isLastStep()) die();
    return call.apply(this, args);
  };
}

/** Makes every write two steps: before it, and after half of its bytes. */
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

const functions = ["open", "openSync", "rename", "renameSync", "remove", "truncate", "writeFile"];
for (const name of [...functions, "mkdir", "mkdirSync"]) dieBefore(Deno, name);
for (const name of ["sync", "truncate", "truncateSync", "utime"]) {
  dieBefore(Deno.FsFile.prototype, name);
}
dieInWrite();

const clock = { now: () => Date.parse("2026-12-24T12:00:00Z") }; // both days are long over
const keeping = {
  compressAfterDays: 1,
  compressLevel: 6,
  retention: { days: undefined, bytes: undefined },
};
const ramLimitBytes = 4800; // two records fill a part
const options = { ramLogPath, archiveDir, warn: () => {}, clock, ramLimitBytes };
const store = await LogStore.open(options);
for (let id = firstId; id < firstId + 6;) {
  for (const day of ["2026-11-22", "2026-11-23"]) {
    store.append(recordLine(id, noonOf(day)), 1);
    console.log(id++);
  }
  await store.flush();
  await store.keepArchive(keeping, { clockIsTrusted: true });
}
await store.close();
console.log("done");
