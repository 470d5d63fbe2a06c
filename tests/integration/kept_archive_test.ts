/** What the running logger does to spare the card: days that it drops by their age, flushes that it puts off. */

import { join } from "@std/path";
import { assertEquals, assertGreater, assertLess } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { localDay, msUntilNextLocalMidnight } from "../../storage/day/calendar_day.ts";
import { withKernelClock } from "./kernel_clock.ts";
import { type LoopbackLogger, startOnLoopback } from "./log_on_loopback.ts";
import { eventually } from "../../scripts/household/eventually.ts";

const HOUR_MS = 3600e3;

/** An archive with a day for each of the last twelve but today, as old as they say. */
async function openArchive() {
  while (msUntilNextLocalMidnight(Date.now()) < 60_000) {
    await new Promise((next) => setTimeout(next, 1000)); // no day may end in the middle of it
  }
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const archiveDir = join(home, "logs");
  await Deno.mkdir(archiveDir);
  const days = Array.from({ length: 12 }, (_, i) => {
    // Noon, so that no change of the clock's hour leads to another day.
    const noonMs = new Date().setHours(12, 0, 0, 0) - (12 - i) * 24 * HOUR_MS;
    return { name: `${localDay(noonMs)}.log`, time: new Date(noonMs) };
  });
  for (const { name, time } of days) {
    await Deno.writeTextFile(join(archiveDir, name), "{}\n");
    await Deno.utime(join(archiveDir, name), time, time);
  }
  return {
    days: days.map(({ name }) => name),
    names: () =>
      [...Deno.readDirSync(archiveDir)].map(({ name }) => name)
        .filter((name) => name.endsWith(".log")).sort(),
    env: {
      // The logger's day is the test's.
      TZ: Deno.env.get("TZ") ?? "",
      WIFILOGGER_ARCHIVE_DIR: archiveDir,
      WIFILOGGER_FLUSH_INTERVAL: "1s",
      WIFILOGGER_RETENTION: "10d",
      WIFILOGGER_COMPRESS_AFTER: "off",
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** A time zone in which it is about noon: before midnight a budget is spent faster. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`; // its sign is the other way round
}

const flushes = async (logger: LoopbackLogger) => (await logger.status()).log.flushes;

testWhen(
  lacks({ root: true, commands: ["strace"] }),
  "`run` drops days that are older than WIFILOGGER_RETENTION, one after a flush, by a clock that is set",
  async () => {
    await using archive = await openArchive();
    await using logger = await startOnLoopback(archive.env, withKernelClock("synced"));
    assertEquals((await logger.status()).clock, "synced");
    await eventually("three days dropped", () => archive.names()[0] === archive.days[3]);
    const flushesThen = await flushes(logger);
    assertGreater(flushesThen, 2);
    await eventually("two more flushes", async () => await flushes(logger) >= flushesThen + 2);
    // Ten: nine of those, and today's, to which the logger has flushed that it started.
    assertEquals(archive.names().slice(0, -1), archive.days.slice(3));
    assertEquals((await logger.status()).log.droppedDays, 3);
  },
);

testWhen(
  lacks({ root: true, commands: ["strace"] }),
  "`run` drops no day by its age while nobody has set the clock",
  async () => {
    await using archive = await openArchive();
    await using logger = await startOnLoopback(archive.env, withKernelClock("unsynced"));
    assertEquals((await logger.status()).clock, "unsynced");
    await eventually("four flushes", async () => await flushes(logger) >= 4);
    assertEquals(archive.names().slice(0, -1), archive.days);
  },
);

testWhen(
  lacks({ root: true }),
  "`run` puts flushes off to keep to WIFILOGGER_WEAR_BUDGET, eight intervals at most, and no flush that is asked for",
  async () => {
    const env = { TZ: zoneAtNoon(), WIFILOGGER_FLUSH_INTERVAL: "2s" };
    await using generous = await startOnLoopback({ ...env, WIFILOGGER_WEAR_BUDGET: "100GB" });
    await using thrifty = await startOnLoopback({ ...env, WIFILOGGER_WEAR_BUDGET: "1MB" });
    for (const logger of [generous, thrifty]) {
      await eventually("the first flush", async () => await flushes(logger) >= 1);
    }
    const { card, log } = await thrifty.status();
    assertEquals(card.budgetBytes, 1e6);
    // A day's 1 MB bears 40 syncs: an hour could pass between two, were it not for the bound.
    assertGreater(log.nextFlushInMs, 10_000);
    assertLess(log.nextFlushInMs, 16_001);
    const before = await flushes(thrifty);
    await eventually("three more flushes", async () => await flushes(generous) >= 4);
    assertEquals(await flushes(thrifty), before);
    thrifty.signal("SIGUSR1");
    await eventually("the flush asked for", async () => await flushes(thrifty) === before + 1);
  },
);
