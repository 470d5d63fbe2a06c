/**
 * A process that appends numbered records and flushes them twice a second, until it is killed.
 *
 * Arguments: RAM log, archive folder, file for its progress (in RAM), first number. The file holds two numbers:
 * the one after the last that a flush has answered for, and the one after the last that was appended. The
 * records are of a day that is over, so that it is compressed now and then and gets late lines again.
 */

import { HandClock } from "../hand_clock.ts";
import { LogStore } from "../../storage/log_store.ts";
import { noonOf, recordLine } from "./scratch.ts";

const [ramLogPath, archiveDir, progressPath, firstNumber] = Deno.args;
const NOON = noonOf("2026-11-22");
const keeping = {
  compressAfterDays: 1,
  compressLevel: 6,
  retention: { days: undefined, bytes: undefined },
};
const clock = new HandClock(Date.parse("2026-12-24T12:00:00Z"));
const store = await LogStore.open({ ramLogPath, archiveDir, clock, warn: () => {} });
let number = Number(firstNumber);
let flushed = number;

function tellProgress(): void {
  Deno.writeTextFileSync(`${progressPath}.new`, `${flushed} ${number}`);
  Deno.renameSync(`${progressPath}.new`, progressPath);
}

tellProgress();
setInterval(() => {
  store.append(recordLine(number++, NOON), 1);
  tellProgress();
}, 5);
for (let round = 1;; round++) {
  try {
    await flushAndKeep(round);
  } catch (error) {
    console.error((error as Error).message);
    await new Promise(() => {}); // until it is killed, as it would be with the power
  }
}

async function flushAndKeep(round: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
  const end = number;
  await store.flush();
  flushed = end;
  tellProgress();
  if (round % 2 === 0) await store.keepArchive(keeping, { clockIsTrusted: true });
}
