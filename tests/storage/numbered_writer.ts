/**
 * A process that appends numbered records, flushes and compresses without a pause, until it is killed. Now and then it
 * also corrects the time of those in RAM, and writes some to the archive directly.
 *
 * Arguments: RAM log, archive folder, file for acknowledgements, first number, and `full` for a logger whose card
 * cannot be written, so that it drops the oldest records. To the acknowledgements it writes `try FIRST COUNT` before it
 * gives records, and then `took FIRST` or `refused FIRST` (`given_numbers.ts` reads that). The records lie around a local midnight, so that nearly every
 * flush goes to two archive files; both days are long over, so that they are compressed, and get late lines again. The
 * RAM log is small, so that parts are rolled off it. Warnings go to stderr.
 */

import { HandClock } from "../hand_clock.ts";
import { LogStore } from "../../storage/log_store.ts";
import { RamLogWriteError } from "../../storage/ram/ram_log.ts";
import { gapLine, recordLine } from "./scratch.ts";

const [ramLogPath, archiveDir, acknowledgedPath, firstNumber, full] = Deno.args;
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
  clock: new HandClock(midnightMs + 30 * 24 * 3600e3),
  warn: console.error,
});
let number = Number(firstNumber);

interface Batch {
  first: number;
  length: number;
  text: string;
}

function nextBatch(): Batch {
  const first = number;
  const length = 1 + first % 20;
  let text = "";
  for (; number < first + length; number++) {
    const offsetMs = (number % 2 === 0 ? 1 : -1) * number % 60_000;
    text += recordLine(number, new Date(midnightMs + offsetMs).toISOString());
  }
  tell(`try ${first} ${length}`);
  return { first, length, text };
}

function tell(line: string): void {
  acknowledged.writeSync(encoder.encode(`${line}\n`));
}

function appendBatch(): void {
  const { first, length, text } = nextBatch();
  for (;;) {
    try {
      store.append(text, length);
      tell(`took ${first}`);
      return;
    } catch (error) {
      if (!(error instanceof RamLogWriteError)) throw error;
      if (full !== undefined && store.dropOldest(gapLine) !== undefined) continue;
      tell(`refused ${first}`); // none of them was taken
      number = first;
      return;
    }
  }
}

async function writeThrough(): Promise<void> {
  const { first, text } = nextBatch();
  await store.writeThrough(text);
  tell(`took ${first}`);
}

/** To a second later, over midnight for some. */
function correctClock(): void {
  store.correctClock((line) =>
    line.replace(/"@timestamp":"(.{24})"/, (_, timestamp) => {
      return `"@timestamp":"${new Date(Date.parse(timestamp) + 1000).toISOString()}"`;
    })
  );
}

setInterval(appendBatch, 1);
for (let round = 0;; round++) {
  if (full === undefined) {
    await store.flush();
    if (round % 3 === 0) await store.keepArchive(keeping, { clockIsTrusted: true });
    if (round % 5 === 0) await writeThrough();
  } else {
    await store.flush().catch(() => {});
  }
  if (round % 4 === 0) correctClock();
  await new Promise((resolve) => setTimeout(resolve));
}
