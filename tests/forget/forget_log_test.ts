/** What forgetting takes out, and what it leaves. */

import { join } from "@std/path";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { forgetLog, type ForgetOptions } from "../../forget/forget_log.ts";
import type { ForgetOrder } from "../../forget/order.ts";
import { openLedger } from "../../news/ledger/kept_ledger.ts";
import { readOwner } from "../../news/owner/owner_file.ts";
import { readTold } from "../../news/telling/told_file.ts";
import { isWhole, listSummaries, openSummary, summaryDir } from "../../report/summary/summaries.ts";
import { moveLeftOver } from "../../service/log/counted_wear.ts";
import { forgetPlaceCache } from "../../service/places/forget_places.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { shareArchive } from "../../storage/archive/archive_lock.ts";
import { systemClock as clock } from "../../system/clock.ts";
import { fileNames, readIds, type Scratch, scratch } from "../storage/scratch.ts";
import {
  FORGET_GUEST,
  GUEST,
  GUEST_IDS,
  GUEST_WORDS,
  layHome,
  OTHER_IDS,
  OWNER,
  SECRET_SITE,
  wordsIn,
} from "./kept_home.ts";

const EVER = { sinceMs: -Infinity, untilMs: Infinity };

function forgetting(
  { ramLogPath, archiveDir }: Scratch,
  order: ForgetOrder,
  more: Partial<ForgetOptions> = {},
) {
  return forgetLog({
    archiveDir,
    order,
    compressLevel: 6,
    flush: async () => {
      await moveLeftOver({ ramLogPath, archiveDir }, { clock, warn: () => {} });
    },
    forgetPlaces: () => Promise.resolve(),
    ...more,
  });
}

const sortedIds = async ({ archiveDir }: Scratch) => (await readIds(archiveDir)).map(String).sort();

Deno.test("a device goes from every file; who had its address later loses nothing", async () => {
  using place = scratch();
  await layHome(place);
  assert((await wordsIn([GUEST.mac], place.folder)).length >= 6, "it is all over the place");
  const forgotten = await forgetting(place, FORGET_GUEST);
  assertEquals({ ...forgotten, bytes: 0 }, {
    records: GUEST_IDS.length,
    bytes: 0,
    days: ["2026-11-20", "2026-11-21", "2026-11-22"],
    summedDays: ["2026-11-01"],
    marks: 2,
  });
  assertEquals(await sortedIds(place), OTHER_IDS.toSorted());
  assertEquals(await wordsIn(GUEST_WORDS, place.folder, place.ramFolder), []);
  const { ledger } = await openLedger(place);
  assertEquals([...ledger.deviceKeys()].map(([key]) => key).includes(GUEST.mac), false);
  assertEquals(await wordsIn(GUEST_WORDS, place.folder, place.ramFolder), []);
  const { names, known } = await readOwner(place.archiveDir);
  assertEquals(names, { [OWNER.mac]: "my laptop" });
  assertEquals(known.map(({ what }) => what), [SECRET_SITE, "example.org"]);
  assertEquals(Object.keys((await readTold(place.archiveDir)).devices), [OWNER.mac]);
  assertEquals(fileNames(place.archiveDir).filter((name) => name.includes("forgetting")), []);
  const again = await forgetting(place, FORGET_GUEST);
  assertEquals(again, { records: 0, bytes: 0, days: [], summedDays: [], marks: 0 });
});

Deno.test("a site goes with every evidence of it, from all devices, and nothing else does", async () => {
  using place = scratch();
  await layHome(place);
  const forgotten = await forgetting(place, { site: SECRET_SITE, ...EVER });
  assertEquals(forgotten.records, 6);
  assertEquals(forgotten.marks, 1);
  const rest = [...GUEST_IDS, ...OTHER_IDS].filter((id) => !/-[45]$/.test(id));
  assertEquals(await sortedIds(place), rest.toSorted());
  await openLedger(place);
  assertEquals(await wordsIn([SECRET_SITE], place.folder, place.ramFolder), []);
});

Deno.test("a device with a site, in a time: only what is all of that", async () => {
  using place = scratch();
  await layHome(place);
  const order = {
    ...FORGET_GUEST,
    site: SECRET_SITE,
    sinceMs: Date.parse("2026-11-21T00:00:00"),
    untilMs: Date.parse("2026-11-22T00:00:00"),
  };
  const forgotten = await forgetting(place, order);
  assertEquals(forgotten.records, 1);
  assertEquals(forgotten.days, ["2026-11-21"]);
  const rest = [...GUEST_IDS, ...OTHER_IDS].filter((id) => id !== "2026-11-21-5");
  assertEquals(await sortedIds(place), rest.toSorted());
  assertEquals((await readOwner(place.archiveDir)).names[GUEST.mac], "guests name");
});

Deno.test("a time goes whole: days that hold nothing else are removed, sums of hours with them", async () => {
  using place = scratch();
  await layHome(place);
  const untilMs = Date.parse("2026-11-21T04:00:00");
  const forgotten = await forgetting(place, { sinceMs: -Infinity, untilMs });
  assertEquals(forgotten.records, 8 + 3);
  assertEquals((await listDays(place.archiveDir)).map(({ day }) => day), [
    "2026-11-21",
    "2026-11-22",
  ]);
  const days = (await listSummaries(summaryDir(place.archiveDir))).map(({ day }) => day);
  assertEquals(days, ["2026-11-21"]);
});

Deno.test("sums of a day that stays are made anew, of what stays", async () => {
  using place = scratch();
  await layHome(place);
  await forgetting(place, FORGET_GUEST);
  const folder = summaryDir(place.archiveDir);
  for (const day of (await listDays(place.archiveDir)).slice(0, 2)) {
    assert(await isWhole(folder, place.archiveDir, day), day.day);
    const { head } = await openSummary(join(folder, `${day.day}.summary`));
    assertEquals(head.records, 4);
  }
});

Deno.test("ipinfo.io's answers are forgotten, and what of its budget is spent is not", async () => {
  using place = scratch();
  const path = await layHome(place);
  const learnt = Math.round(Date.now() / 1e3);
  const cache = {
    version: 3,
    ipinfo: { plan: "core", takesBatches: true, budget: { month: "2026-11", spent: 812 } },
    places: [{ country_iso_code: "US" }],
    addresses: { "8.8.8.8": [0, learnt], "9.9.9.9": [null, learnt, learnt] },
  };
  await Deno.writeTextFile(path, JSON.stringify(cache));
  await forgetting(place, FORGET_GUEST, {
    forgetPlaces: () => forgetPlaceCache(path, { clock, say: () => {} }),
  });
  const left = JSON.parse(await Deno.readTextFile(path));
  assertEquals(left, { ...cache, places: [], addresses: {} });
});

Deno.test("what cannot be written changes nothing, and leaves nothing", async () => {
  using place = scratch();
  await layHome(place);
  const write = Deno.FsFile.prototype.sync;
  let left = 3;
  Deno.FsFile.prototype.sync = function () {
    if (--left === 0) throw new Error("no space left on device (os error 28)");
    return write.call(this);
  };
  try {
    await assertRejects(() => forgetting(place, FORGET_GUEST, { flush: () => Promise.resolve() }));
  } finally {
    Deno.FsFile.prototype.sync = write;
  }
  assertEquals(fileNames(place.archiveDir).filter((name) => name.includes("forget")), []);
  assert((await wordsIn([GUEST.mac], place.folder)).length >= 5);
});

Deno.test("it waits for who changes the archive", async () => {
  using place = scratch();
  await layHome(place);
  const shared = await shareArchive(place.archiveDir);
  let isOver = false;
  const forgotten = forgetting(place, FORGET_GUEST, { flush: () => Promise.resolve() })
    .finally(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assertEquals(isOver, false);
  shared?.[Symbol.dispose]();
  await forgotten;
});
