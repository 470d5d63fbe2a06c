/**
 * A process that appends numbered records and flushes without a pause, until it is killed.
 *
 * Arguments: RAM log, archive folder, file for acknowledgements, first number. After each `append()` it
 * writes the highest number taken so far, a line each, to the acknowledgements. The records lie around
 * a local midnight, so that nearly every flush goes to two archive files. Warnings go to stderr.
 */

import { LogStore } from "../../storage/log_store.ts";
import { recordLine } from "./scratch.ts";

const [ramLogPath, archiveDir, acknowledgedPath, firstNumber] = Deno.args;
const midnightMs = new Date("2026-11-23T00:00:00").getTime();
const acknowledged = Deno.openSync(acknowledgedPath, { append: true, create: true });
const encoder = new TextEncoder();

const store = await LogStore.open({ ramLogPath, archiveDir, warn: console.error });
let number = Number(firstNumber);

function appendBatch(): void {
  const length = 1 + number % 50;
  let text = "";
  for (let i = 0; i < length; i++) {
    const offsetMs = (number % 2 === 0 ? 1 : -1) * number % 60_000;
    text += recordLine(number++, new Date(midnightMs + offsetMs).toISOString());
  }
  store.append(text, length);
  acknowledged.writeSync(encoder.encode(`${number - 1}\n`));
}

setInterval(appendBatch, 0);
for (;;) {
  await store.flush();
  await new Promise((resolve) => setTimeout(resolve));
}
