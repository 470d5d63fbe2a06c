/** When the log is flushed, by a clock that the test moves. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { HandClock } from "../../hand_clock.ts";
import { fileNames, noonOf, recordLine, scratch } from "../../storage/scratch.ts";
import { Archiver } from "../../../service/log/archiver.ts";
import { openWearLedger } from "../../../service/log/counted_wear.ts";
import { LogWriter } from "../../../service/log/log_writer.ts";
import { KeptPlaces } from "../../../service/places/kept_places.ts";
import { LocalPlaces } from "../../../service/places/local_places.ts";
import { readSettings } from "../../../service/settings/read_settings.ts";
import { LogStore } from "../../../storage/log_store.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3600e3;
/** Local time, as the days of the log are. */
const TEN = "2026-11-22T10:00:00";

function pad(day: number): string {
  return String(day).padStart(2, "0");
}

/** An archiver with all that it works with, real but for the clock. */
async function openArchiver(
  { begin = TEN, environment = {} }: {
    begin?: string;
    environment?: Record<string, string>;
  } = {},
) {
  const folders = scratch();
  const clock = new HandClock(new Date(begin).getTime());
  const said: string[] = [];
  const say = (level: string, component: string, message: string) => {
    said.push(`${level} ${component} ${message}`);
  };
  const { ramLogPath, archiveDir } = folders;
  const read = readSettings({
    environment: {
      HOME: folders.folder,
      WIFILOGGER_FLUSH_INTERVAL: "15m",
      WIFILOGGER_COMPRESS_AFTER: "off",
      WIFILOGGER_RETENTION: "10d",
      ...environment,
    },
  });
  const settings = { ...read, ramLogPath, archiveDir };
  const card = await openWearLedger(settings, clock);
  const store = await LogStore.open({ ...folders.options, clock, card });
  const writer = new LogWriter({ store, clock, say });
  const databases = await LocalPlaces.open({ paths: [] });
  const places = new KeptPlaces({ settings, clock, databases, say });
  const isTrusted = { value: true };
  const archiver = new Archiver({
    settings,
    clock,
    say,
    store,
    writer,
    card,
    places,
    clockIsTrusted: () => isTrusted.value,
  });
  return {
    ...folders,
    archiver,
    clock,
    isTrusted,
    said,
    store,
    add: () => writer.add(recordLine(1, new Date(clock.wallMs()).toISOString())),
    /** Lets time pass, then looks once. @returns how many flushes have succeeded by then */
    async flushesAfter(ms: number) {
      clock.pass(ms);
      await archiver.everySecond(clock.wallMs());
      return store.counters.flushes;
    },
    async [Symbol.asyncDispose]() {
      places[Symbol.dispose]();
      await store.close();
      folders[Symbol.dispose]();
    },
  };
}

Deno.test("`Archiver.everySecond()` flushes at the interval that is set, wherever the wall clock leaps that day", async () => {
  await using place = await openArchiver();
  const { archiver, clock } = place;
  place.add();
  assertEquals(archiver.nextFlushInMs, 15 * MINUTE_MS);
  assertEquals(await place.flushesAfter(15 * MINUTE_MS - 1), 0);
  assertEquals(archiver.nextFlushInMs, 1);
  clock.leap(5 * HOUR_MS);
  assertEquals(await place.flushesAfter(0), 0);
  assertEquals(await place.flushesAfter(1), 1);
  assertEquals(fileNames(place.archiveDir), ["2026-11-22.log"]);
  assertEquals(archiver.nextFlushInMs, 15 * MINUTE_MS);
  assertEquals(await place.flushesAfter(15 * MINUTE_MS - 1), 1);
  assertEquals(await place.flushesAfter(1), 2);
});

Deno.test("`Archiver.everySecond()` flushes when a local day begins, and counts the interval from there", async () => {
  await using place = await openArchiver({ begin: "2026-11-22T23:59:58" });
  place.add();
  assertEquals(await place.flushesAfter(SECOND_MS), 0);
  assertEquals(await place.flushesAfter(SECOND_MS), 1);
  assert(fileNames(place.archiveDir).includes("2026-11-22.log"), "to the day that is over");
  assertEquals(place.archiver.nextFlushInMs, 15 * MINUTE_MS);
  assertEquals(await place.flushesAfter(SECOND_MS), 1, "once a day");
});

Deno.test("`Archiver.everySecond()` takes no leap behind the look at the clock for midnight", async () => {
  await using place = await openArchiver();
  const { archiver, clock } = place;
  place.add();
  const lookedMs = clock.wallMs();
  clock.leap(-2 * 365 * 24 * HOUR_MS);
  await archiver.everySecond(lookedMs);
  assertEquals(place.store.counters.flushes, 0);
  await archiver.everySecond(clock.wallMs());
  assertEquals(place.store.counters.flushes, 1, "once the leap is known");
});

Deno.test("`Archiver` keeps the archive in order after each flush, a day at a time, by age only with a trusted date", async () => {
  await using place = await openArchiver({ environment: { WIFILOGGER_COMPRESS_AFTER: "1d" } });
  await Deno.mkdir(place.archiveDir);
  // The last nine days, which witness the date, and two that are older than ten days.
  const days = [1, 2, 13, 14, 15, 16, 17, 18, 19, 20, 21].map((day) => `2026-11-${pad(day)}`);
  for (const day of days) {
    const path = join(place.archiveDir, `${day}.log`);
    await Deno.writeTextFile(path, recordLine(1, noonOf(day)));
    const time = new Date(noonOf(day));
    await Deno.utime(path, time, time);
  }
  place.isTrusted.value = false;
  await place.flushesAfter(15 * MINUTE_MS);
  assertEquals(place.store.counters.droppedDays, 0);
  assertEquals(place.said.slice(-2), [
    "info log compressed 2026-11-01",
    "info log summed 2026-11-01",
  ]);
  place.isTrusted.value = true;
  for (const _ of Array(4)) await place.flushesAfter(15 * MINUTE_MS);
  const { droppedDays, compressedDays } = place.store.counters;
  assertEquals([droppedDays, compressedDays], [2, 5]);
  assertEquals(
    fileNames(join(place.archiveDir, "summaries")),
    [1, 2, 13, 14, 15].map((day) => `2026-11-${pad(day)}.summary`),
    "the sums outlive the days",
  );
  assertEquals(
    fileNames(place.archiveDir).filter((name) => name.endsWith(".gz")),
    ["2026-11-13.log.gz", "2026-11-14.log.gz", "2026-11-15.log.gz"],
  );
  assertEquals(place.said.filter((line) => line.includes("dropped")), [
    "info log dropped 2026-11-01, as WIFILOGGER_RETENTION says",
    "info log dropped 2026-11-02, as WIFILOGGER_RETENTION says",
  ]);
});

Deno.test("`Archiver` says of a damaged day that it is not summed, once, and sums the others", async () => {
  await using place = await openArchiver();
  await Deno.mkdir(place.archiveDir);
  await Deno.writeTextFile(join(place.archiveDir, "2026-11-15.log.gz"), "somebody else's");
  const days = ["2026-11-16", "2026-11-17"];
  for (const day of days) {
    await Deno.writeTextFile(join(place.archiveDir, `${day}.log`), recordLine(1, noonOf(day)));
  }
  for (const _ of Array(5)) await place.flushesAfter(15 * MINUTE_MS);
  assertEquals(
    fileNames(join(place.archiveDir, "summaries")),
    days.map((day) => `${day}.summary`),
  );
  const warnings = place.said.filter((line) => line.startsWith("warning"));
  assertEquals(warnings.length, 1, warnings.join("\n"));
  assertStringIncludes(warnings[0], "2026-11-15.log.gz: incorrect header check");
});

Deno.test("`Archiver` puts flushes off, eight intervals at most, when the wear budget is spent, and no flush that is asked for", async () => {
  await using place = await openArchiver({ environment: { WIFILOGGER_WEAR_BUDGET: "1MB" } });
  place.add();
  assertEquals(await place.flushesAfter(15 * MINUTE_MS), 1, "the first is at the interval");
  // 1 MB bears 40 syncs of 24 KiB; with some 13 hours of the day left, that is one in 20 minutes.
  const firstMs = place.archiver.nextFlushInMs;
  assert(firstMs > 15 * MINUTE_MS && firstMs < 30 * MINUTE_MS, `${firstMs} ms`);
  // What is asked for spends the day's budget.
  for (const _ of Array(45)) {
    place.add();
    await place.archiver.flush();
  }
  assertEquals(await place.flushesAfter(firstMs), 47);
  assertEquals(place.archiver.nextFlushInMs, 8 * 15 * MINUTE_MS);
  assertEquals(await place.flushesAfter(8 * 15 * MINUTE_MS - 1), 47);
  assertEquals(await place.flushesAfter(1), 48);
});

Deno.test("`Archiver` says why a flush failed, keeps the records, and tries again after the interval", async () => {
  await using place = await openArchiver();
  await Deno.writeTextFile(place.archiveDir, "a file where the folder should be");
  place.add();
  assertEquals(await place.flushesAfter(15 * MINUTE_MS), 0);
  assertEquals([place.store.counters.failedFlushes, place.store.ramRecords], [1, 1]);
  assertStringIncludes(place.said.at(-1)!, "error log flushing the RAM log");
  await Deno.remove(place.archiveDir);
  assertEquals(await place.flushesAfter(15 * MINUTE_MS - 1), 0);
  assertEquals(place.store.counters.failedFlushes, 1);
  assertEquals(await place.flushesAfter(1), 1);
  assertEquals(place.store.ramRecords, 0);
});
