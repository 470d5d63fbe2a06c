import { HandClock } from "../../hand_clock.ts";
import { join } from "node:path";
import { assertEquals } from "../../assert.ts";
import { LogStore } from "../../../storage/log_store.ts";
import { dayToDrop, type RetentionState } from "../../../storage/archive/retention.ts";
import { fileNames, noonOf, recordLine, scratch } from "../scratch.ts";

const DAY_MS = 24 * 3600e3;
const NOON_MS = Date.parse("2026-11-22T12:00:00");

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

/** An archive with a day of 1 MB for each of the last `count`, and what is kept. */
function state(count: number, options: Partial<RetentionState> = {}): RetentionState {
  const archive = Array.from({ length: count }, (_, i) => {
    const modifiedMs = NOON_MS - (count - 1 - i) * DAY_MS;
    return { day: dayOf(modifiedMs), plainBytes: undefined, gzipBytes: 1e6, modifiedMs };
  });
  return {
    archive,
    days: 365,
    bytes: 2e9,
    nowMs: NOON_MS,
    today: dayOf(NOON_MS),
    clockIsTrusted: true,
    ...options,
  };
}

/** The same archive as seen by a clock that tells another time, a day of which has been logged. */
function underClock(nowMs: number, base: RetentionState): RetentionState {
  const today = dayOf(nowMs);
  const day = { day: today, plainBytes: 1e6, gzipBytes: undefined, modifiedMs: nowMs };
  const archive = [...base.archive, day].sort((a, b) => a.day < b.day ? -1 : 1);
  return { ...base, nowMs, today, archive };
}

Deno.test("`dayToDrop()` keeps as many days as it is told, today's among them", () => {
  assertEquals(dayToDrop(state(365)), undefined);
  assertEquals(dayToDrop(state(366)), dayOf(NOON_MS - 365 * DAY_MS));
  for (const days of [1, 2, 6, 7, 8, 30]) {
    assertEquals(dayToDrop(state(days, { days })), undefined, `${days} days`);
    assertEquals(dayToDrop(state(days + 1, { days })), dayOf(NOON_MS - days * DAY_MS));
  }
});

Deno.test("`dayToDrop()` keeps the archive to its size, whatever the clock says", () => {
  const over = { bytes: 9.5e6, days: undefined, clockIsTrusted: false };
  assertEquals(dayToDrop(state(9, over)), undefined);
  assertEquals(dayToDrop(state(10, over)), dayOf(NOON_MS - 9 * DAY_MS));
});

Deno.test("`dayToDrop()` never drops today's nor the only one", () => {
  assertEquals(dayToDrop(state(1, { bytes: 1 })), undefined);
  assertEquals(dayToDrop(state(2, { bytes: 1, today: dayOf(NOON_MS - DAY_MS) })), undefined);
  assertEquals(dayToDrop(state(0, { bytes: 1 })), undefined);
});

Deno.test("`dayToDrop()` drops nothing when both limits are off", () => {
  assertEquals(dayToDrop(state(4000, { days: undefined, bytes: undefined })), undefined);
});

Deno.test("`dayToDrop()` drops nothing for age while the clock is not trusted", () => {
  assertEquals(dayToDrop(state(400, { clockIsTrusted: false })), undefined);
});

for (const years of [5, -5]) {
  Deno.test(`\`dayToDrop()\` drops nothing when the clock leaps ${years} years, even if it is believed`, () => {
    const leapt = NOON_MS + years * 365 * DAY_MS;
    assertEquals(dayToDrop(underClock(leapt, state(365))), undefined);
    for (const days of [1, 2, 6, 7, 8, 30]) {
      assertEquals(dayToDrop(underClock(leapt, state(days, { days }))), undefined, `${days} days`);
    }
  });
}

Deno.test("`dayToDrop()` keeps what was logged before the clock was set, though its day is old", () => {
  const past = NOON_MS - 5 * 365 * DAY_MS;
  const woken = underClock(past, state(20));
  assertEquals(dayToDrop(woken), undefined);
  // Set right now: its file's time is, too.
  const archive = woken.archive.map((day) => ({ ...day, modifiedMs: NOON_MS }));
  assertEquals(dayToDrop({ ...woken, archive, nowMs: NOON_MS, today: dayOf(NOON_MS) }), undefined);
});

Deno.test("`keepArchive()` drops one day a step, plain and compressed, and leaves other files", async () => {
  using place = scratch();
  Deno.mkdirSync(place.archiveDir);
  for (let i = 1; i <= 4; i++) {
    Deno.writeTextFileSync(join(place.archiveDir, `2026-11-1${i}.log`), "x\n");
  }
  Deno.writeTextFileSync(join(place.archiveDir, "2026-11-11.log.gz"), "x");
  Deno.writeTextFileSync(join(place.archiveDir, "2019-notes.txt"), "x");
  const clock = new HandClock(NOON_MS);
  await using store = await LogStore.open({ ...place.options, clock });
  const options = {
    compressAfterDays: undefined,
    compressLevel: 6,
    retention: { days: undefined, bytes: 5 },
  };
  const keep = () => store.keepArchive(options, { clockIsTrusted: true });
  assertEquals(await keep(), { archiveBytes: 9, dropped: "2026-11-11" });
  assertEquals(await keep(), { archiveBytes: 6, dropped: "2026-11-12" });
  assertEquals(await keep(), { archiveBytes: 4 });
  assertEquals(fileNames(place.archiveDir), ["2019-notes.txt", "2026-11-13.log", "2026-11-14.log"]);
  assertEquals(store.counters.droppedDays, 2);
});

Deno.test("`keepArchive()` compresses days that are over for long enough, one a step", async () => {
  using place = scratch();
  const clock = new HandClock(NOON_MS);
  await using store = await LogStore.open({ ...place.options, clock });
  const days = ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2031-01-01"];
  days.forEach((day, id) => store.append(recordLine(id, noonOf(day)), 1));
  await store.flush();
  const options = { compressLevel: 1, retention: { days: undefined, bytes: undefined } };
  const keep = async (compressAfterDays?: number) => {
    const moment = { clockIsTrusted: true };
    const { archiveBytes: _, ...done } = await store.keepArchive(
      { ...options, compressAfterDays },
      moment,
    );
    return done;
  };
  assertEquals(await keep(undefined), {});
  assertEquals(await keep(1), { compressed: "2026-11-19" });
  assertEquals(await keep(1), { compressed: "2026-11-20" });
  assertEquals(await keep(1), {});
  assertEquals(await keep(0), { compressed: "2026-11-21" });
  assertEquals(await keep(0), {}, "today's and tomorrow's stay plain");
  assertEquals(store.counters.compressedDays, 3);
});
