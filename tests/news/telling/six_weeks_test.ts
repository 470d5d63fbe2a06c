/** Six weeks of a household, on a real archive: what is told in each. The figures are printed with VERBOSE=1. */

import { join } from "@std/path";
import { keepSummaries } from "../../../report/summary/summaries.ts";
import { NewsWatch, type WatchOptions } from "../../../news/telling/news_watch.ts";
import type { Telling } from "../../../news/telling/telling.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { HandClock } from "../../hand_clock.ts";
import { dayLines, DAYS, dayStart, SEED, START_MS, TAKEN_OVER_MS } from "./six_weeks.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;

Deno.test("of six weeks little is told, the plug that was taken over within a minute, and nothing twice", async () => {
  const home = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const place = { archiveDir: join(home, "wifi_logger/logs"), ramLogPath: join(home, "today.log") };
  await Deno.mkdir(place.archiveDir, { recursive: true });
  const clock = new HandClock(START_MS);
  const options: WatchOptions = {
    place,
    clock,
    learningMs: 7 * DAY_MS,
    limits: [],
    billingDay: 1,
    digest: "weekly",
    receivers: ["somebody"],
    stateLines: () => Promise.resolve(["the logger runs"]),
    warn: (message) => {
      throw new Error(message);
    },
  };
  let watch = await NewsWatch.open(options);
  const told: { atMs: number; telling: Telling }[] = [];
  const look = async () => {
    for (const telling of await watch.look()) {
      told.push({ atMs: clock.wallMs(), telling });
      await watch.delivered(telling.id, "somebody");
    }
  };
  for (let day = 0; day < DAYS; day++) {
    const lines = dayLines(day);
    const path = join(place.archiveDir, `${localDay(dayStart(day))}.log`);
    let next = 0;
    while (clock.wallMs() < dayStart(day + 1)) {
      const untilMs = clock.wallMs();
      let text = "";
      while (next < lines.length && lines[next].timeMs <= untilMs) {
        text += lines[next++].line + "\n";
      }
      if (text !== "") await Deno.writeTextFile(path, text, { append: true });
      await look();
      const isSoon = Math.abs(TAKEN_OVER_MS - untilMs) < 31 * 60e3;
      clock.pass(isSoon ? 10e3 : 30 * 60e3);
    }
    // As after a kill, in the middle of the household's life.
    if (day % 5 === 4) watch = await NewsWatch.open(options);
    await keepSummaries({
      archiveDir: place.archiveDir,
      compressAfterDays: undefined,
      retention: { days: undefined, bytes: undefined },
      today: localDay(clock.wallMs()),
      clockIsTrusted: true,
      card: { note() {} },
    });
  }
  const weekOf = (atMs: number) => Math.floor((atMs - START_MS) / (7 * DAY_MS)) + 1;
  const weeks = Map.groupBy(told, ({ atMs }) => weekOf(atMs));
  console.log(`seed ${SEED}:`);
  for (let week = 1; week <= 6; week++) {
    const titles = (weeks.get(week) ?? []).map(({ telling: { kind, title } }) =>
      `${kind}: ${title}`
    );
    console.log(`week ${week}: ${titles.length} told; ${titles.join("; ")}`);
    if (Deno.env.get("VERBOSE")) {
      for (const { telling } of weeks.get(week) ?? []) console.log(telling.text, "\n");
    }
  }
  for (const week of [1, 2, 3, 4]) {
    assert((weeks.get(week) ?? []).length <= 3, `week ${week}`);
  }
  const ofPlug = told.filter(({ telling: { kind, news } }) =>
    kind === "news" && news.some(({ mac }) => mac === "b8:27:eb:00:00:23")
  );
  assert(ofPlug.length >= 1, "the plug is told");
  const lateMs = ofPlug[0].atMs - TAKEN_OVER_MS;
  console.log(`the plug was told ${lateMs / 1000} s after its first flow began`);
  assert(lateMs > 0 && lateMs <= 60e3, `${lateMs} ms`);
  assertMatch(ofPlug[0].telling.title, /^192\.168\.178\.23: first time to Russia/);
  for (const [day, tellings] of Map.groupBy(told, ({ atMs }) => localDay(atMs))) {
    assert(tellings.length <= 5, day);
  }
  const things = told.filter(({ telling }) => telling.kind === "news")
    .flatMap(({ telling }) => telling.news.map(({ kind, mac, what }) => `${kind} ${mac} ${what}`));
  assertEquals(things.length, new Set(things).size, "nothing is told twice");
  const guest = told.filter(({ telling }) => telling.title === "New device: guest-phone");
  assertEquals(guest.length, 1);
  assert(!things.some((thing) => thing.includes("de:00:00:00:00:27")), "a phone is the same again");
  assertEquals(watch.outbox, []);
  await Deno.remove(home, { recursive: true });
});
