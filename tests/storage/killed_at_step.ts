/**
 * A process that does something with records and is killed, by itself, with SIGKILL, at one of its steps. A step is a
 * call that changes a file; a write is two: before it, and half-way through.
 *
 * Arguments: what to do (see `SCENARIOS`), RAM log, archive folder, id of the first record, number of the step to die
 * at. Prints `try` and the id before a record is given, the id again once it was taken, or `refused`; at last `done`.
 */

import { dieAtStep } from "../die_at_step.ts";
import { HandClock } from "../hand_clock.ts";
import { LogStore } from "../../storage/log_store.ts";
import { RamLogWriteError } from "../../storage/ram/ram_log.ts";
import { gapLine, noonOf, recordLine } from "./scratch.ts";

const [scenario, ramLogPath, archiveDir, firstIdText, lastStepText] = Deno.args;
const firstId = Number(firstIdText);
dieAtStep(Number(lastStepText));

const clock = new HandClock(Date.parse("2026-12-24T12:00:00Z")); // both days are long over
const keeping = {
  compressAfterDays: 1,
  compressLevel: 6,
  retention: { days: undefined, bytes: undefined },
};
const ramLimitBytes = 4800; // two records fill a part
const options = { ramLogPath, archiveDir, warn: () => {}, clock, ramLimitBytes };
const store = await LogStore.open(options);
const DAYS = ["2026-11-22", "2026-11-23"];
let id = firstId;

/** Whether there was room. */
function append(day: string): boolean {
  console.log(`try ${id}`);
  try {
    store.append(recordLine(id, noonOf(day)), 1);
  } catch (error) {
    if (!(error instanceof RamLogWriteError)) throw error;
    console.log("refused");
    return false;
  }
  console.log(id++);
  return true;
}

const SCENARIOS: Record<string, () => Promise<void>> = {
  /** Moves records to two days of the archive, and compresses these. */
  async flush() {
    for (let round = 0; round < 3; round++) {
      DAYS.forEach(append);
      await store.flush();
      await store.keepArchive(keeping, { clockIsTrusted: true });
    }
  },
  /** Corrects the time of records, to that of another day: in the log, in parts, and in what a flush could not move. */
  async correct() {
    for (let record = 0; record < 7; record++) append(DAYS[0]);
    await store.flush().catch(() => {});
    store.correctClock((line) => line.replace(noonOf(DAYS[0]), noonOf(DAYS[1])));
    await store.flush().catch(() => {});
  },
  /** Writes records of two days to the archive directly, between those that go by RAM. */
  async through() {
    for (let round = 0; round < 3; round++) {
      append(DAYS[0]);
      await store.flush();
      const ids = DAYS.map((_, i) => id + i);
      ids.forEach((id) => console.log(`try ${id}`));
      await store.writeThrough(ids.map((id, i) => recordLine(id, noonOf(DAYS[i]))).join(""));
      ids.forEach((id) => console.log(id));
      id += ids.length;
    }
  },
  /** Drops the oldest records, first those that a flush could not move, to make room for newer ones. */
  async drop() {
    for (let record = 0; record < 22; record++) {
      if (record === 5) await store.flush().catch(() => {});
      while (!append(DAYS[0])) store.dropOldest(gapLine);
    }
  },
};
await SCENARIOS[scenario]();
await store.close();
console.log("done");
