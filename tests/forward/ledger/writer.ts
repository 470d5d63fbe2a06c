/**
 * The writing half of a logger: records of a made-up household into RAM and archive through the real log store, flushed
 * and compressed all the while, until it is killed or has written enough.
 *
 * Arguments: RAM log, archive folder, a file for its count, how many records, how many a second, and which life of the
 * logger this is: each writes days of its own, later than those before, so that the archive's order is that of writing.
 * It says `done` when all is written and flushed, and then waits to be killed.
 */

import { writeFileSync } from "node:fs";
import { householdLines } from "../../../scripts/made_up_log/household_day.ts";
import { LogStore } from "../../../storage/log_store.ts";
import { sleep, systemClock } from "../../../system/clock.ts";

const [ramLogPath, archiveDir, countPath, ...numbers] = Deno.args;
const [records, perSecond, life] = numbers.map(Number);
const DAY_MS = 24 * 3600e3;
const TICK_MS = 20;
const FLUSH_MS = 1500;
/** Days are compressed after every so many flushes. */
const COMPRESS_EVERY = 3;
const keeping = {
  compressAfterDays: 1,
  compressLevel: 6,
  retention: { days: undefined, bytes: undefined },
};

const store = await LogStore.open({
  ramLogPath,
  archiveDir,
  clock: systemClock,
  // Small, so that parts are rolled off it.
  ramLimitBytes: 8 << 20,
  warn: (message) => console.error(message),
});
const goOn = new AbortController().signal;
const startMs = Date.UTC(2026, 0, 1) + life * DAY_MS;
const lines = householdLines({ startMs, records: records + 100, seed: life });
let written = 0;

async function append(): Promise<void> {
  const startedMs = performance.now();
  while (written < records) {
    const due = Math.min(records, Math.ceil((performance.now() - startedMs) / 1000 * perSecond));
    let text = "";
    const count = due - written;
    for (let i = 0; i < count; i++) text += lines.next().value;
    if (count > 0) store.append(text, count);
    written = due;
    writeFileSync(countPath, String(written));
    await sleep(TICK_MS, goOn);
  }
}

async function flush(): Promise<void> {
  for (let round = 1; written < records; round++) {
    await sleep(FLUSH_MS, goOn);
    await store.flush();
    if (round % COMPRESS_EVERY === 0) await store.keepArchive(keeping, { clockIsTrusted: true });
  }
  await store.flush();
}

await Promise.all([append(), flush()]);
console.log("done");
setInterval(() => {}, 1000);
