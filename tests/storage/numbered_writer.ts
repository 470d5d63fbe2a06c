/**
 * A process that appends numbered records, flushes and compresses without a pause, until it is killed.
 *
 * Arguments: RAM log, archive folder, file for acknowledgements, first number. After each `append()` it
 * writes the highest number taken so far, a line each, to the acknowledgements. The records lie around
 * a local midnight, so that nearly every flush goes to two archive files; both days are long over, so
 * that they are compressed, and get late lines again. The RAM log is small, so that parts are rolled off
 * it. Warnings go to stderr.
 */

import { LogStore } from "../../storage/log_store.ts";
import { RamLogWriteError } from "../../storage/ram_log.ts";
import { recordLine } from "./scratch.ts";

const [ramLogPath, archiveDir, acknowledgedPath, firstNumber] = Deno.args;
const midnightMs = new Date("2026-11-23T00:00:00").getTime();
const acknowledged = Deno.openSync(acknowledgedPath, { append: true, create: true });
const encoder = new TextEncoder();
const keeping = {
  compressAfterDays: 1,
  compressLevel: 6,
  retention: { days: undefined, bytes: undefined },
};

const store = await LogStore.open({
  ramLogPath,
  archiveDir,
  ramLimitBytes: 64 * 1024,
  clock: { now: () => midnightMs + 30 * 24 * 3600e3 },
  warn: console.error,
});
let number = Number(firstNumber);

function appendBatch(): void {
  const length = 1 + number % 20;
  let text = "";
  for (let i = 0; i < length; i++) {
    const offsetMs = ((number + i) % 2 === 0 ? 1 : -1) * (number + i) % 60_000;
    text += recordLine(number + i, new Date(midnightMs + offsetMs).toISOString());
  }
  try {
    store.append(text, length);
  } catch (error) {
    if (error instanceof RamLogWriteError) return; // full: none was taken, and none is acknowledged
    throw error;
  }
  number += length;
  acknowledged.writeSync(encoder.encode(`${number - 1}\n`));
}

setInterval(appendBatch, 1);
for (let round = 0;; round++) {
  await store.flush();
  if (round % 3 === 0) await store.keepArchive(keeping, { clockIsTrusted: true });
  await new Promise((resolve) => setTimeout(resolve));
}
