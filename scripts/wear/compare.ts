/**
 * What one simulated day (see `household_day.ts`) writes to a card, four ways side by side, each on an ext4 image of
 * its own on a loop device:
 *
 * - this logger at its defaults: a flush every 15 minutes and at midnight, yesterday's counts saved, and one earlier day
 *   compressed and summed, which there is to do every day;
 * - the same with a token of ipinfo.io (see `household_places.ts`): the cache of places is saved with each flush;
 * - the same lines appended directly, with a sync for each second in which there are any;
 * - the same lines kept in RAM and copied once, before midnight.
 *
 * The day runs as fast as it can. That changes nothing in what is written, because every way syncs what it writes
 * before the next write: nothing waits for the kernel's own timers. Prints the sectors that reached the device.
 */

import { join } from "@std/path";
import { keepSummaries } from "../../report/summary/summaries.ts";
import { SYNC_COST_BYTES } from "../../service/log/card_wear.ts";
import { readSettings } from "../../service/settings/read_settings.ts";
import type { Written } from "../../storage/card/card_writes.ts";
import { WearLedger } from "../../storage/card/wear_ledger.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { LogStore } from "../../storage/log_store.ts";
import { systemClock } from "../../system/clock.ts";
import { type Ext4Image, ext4Missing, mountExt4 } from "../../tests/storage/ext4_image.ts";
import { HouseholdPlaces } from "./household_places.ts";
import { householdDay, type LoggedSecond } from "./household_day.ts";

const DAY_MS = 24 * 3600e3;
const START_MS = new Date("2026-06-30T00:00:00").getTime();
const IMAGE_MIB = 256;

type Way = (card: Ext4Image, day: readonly LoggedSecond[]) => Promise<Written>;

/** Without a token there is nothing in the cache of places that has to be kept. */
const thisLogger: Way = (card, day) => logDay(card, day, {});
const withToken: Way = (card, day) => logDay(card, day, { asksIpinfo: true });

/** Through the real code, under a clock that says what the day says. */
async function logDay(
  card: Ext4Image,
  day: readonly LoggedSecond[],
  { asksIpinfo = false }: { asksIpinfo?: boolean },
): Promise<Written> {
  await layEarlierDay(card);
  const settings = {
    ...readSettings({ environment: { HOME: "/root" } }),
    // In /dev/shm, which no setting may name.
    archiveDir: join(card.path, "wifi_logger/logs"),
    placeCachePath: join(card.path, "ip_location_cache.json"),
  };
  const ramFolder = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "wifilogger_wear_" });
  let nowMs = START_MS;
  const clock = { ...systemClock, wallMs: () => nowMs };
  const ledger = await WearLedger.open({
    ramPath: join(ramFolder, "wear"),
    cardPath: join(settings.archiveDir, "wear.json"),
    clock,
  });
  try {
    await using store = await LogStore.open({
      ramLogPath: join(ramFolder, "today.log"),
      archiveDir: settings.archiveDir,
      ramLimitBytes: settings.ramLimitBytes,
      warn: console.error,
      card: ledger,
      clock,
    });
    const records = day.reduce((sum, { lines }) => sum + lines, 0);
    using places = asksIpinfo ? new HouseholdPlaces(settings.placeCachePath, clock) : undefined;
    const flush = async () => {
      await store.flush();
      await places?.flush(store.counters.appendedRecords / records, ledger);
      await store.keepArchive(settings, { clockIsTrusted: true });
      await keepSummaries({
        ...settings,
        retention: settings.summaryRetention,
        today: localDay(nowMs),
        clockIsTrusted: true,
        card: ledger,
      });
      await ledger.save();
    };
    let nextFlushMs = START_MS + settings.flushIntervalMs;
    for (const { second, text, lines } of day) {
      for (; START_MS + second * 1e3 >= nextFlushMs; nextFlushMs += settings.flushIntervalMs) {
        nowMs = nextFlushMs;
        await flush();
      }
      store.append(text, lines);
    }
    const written = () => ({ ...ledger.today });
    nowMs = START_MS + DAY_MS - 1;
    await flush();
    const today = written();
    nowMs = START_MS + DAY_MS;
    await ledger.save();
    return today;
  } finally {
    await Deno.remove(ramFolder, { recursive: true });
  }
}

async function syncEachSecond(card: Ext4Image, day: readonly LoggedSecond[]): Promise<Written> {
  const written = { bytes: 0, syncs: 0 };
  using file = await Deno.open(join(card.path, "2026-06-30.log"), { append: true, create: true });
  const encoder = new TextEncoder();
  for (const { text } of day) {
    written.bytes += file.writeSync(encoder.encode(text));
    file.syncSync();
    written.syncs++;
  }
  return written;
}

async function copyOnce(card: Ext4Image, day: readonly LoggedSecond[]): Promise<Written> {
  const bytes = new TextEncoder().encode(day.map(({ text }) => text).join(""));
  await Deno.writeFile(join(card.path, "2026-06-30.log"), bytes);
  return { bytes: bytes.length, syncs: 1 };
}

/** A day that is over and not compressed yet, as there is one each morning. */
async function layEarlierDay(card: Ext4Image): Promise<void> {
  const folder = join(card.path, "wifi_logger/logs");
  await Deno.mkdir(folder, { recursive: true });
  const text = [...householdDay(START_MS - 2 * DAY_MS)].map(({ text }) => text).join("");
  await Deno.writeTextFile(join(folder, "2026-06-28.log"), text);
}

async function measure(name: string, way: Way, day: readonly LoggedSecond[]): Promise<void> {
  using card = mountExt4(IMAGE_MIB);
  await sync();
  const before = card.sectorsWritten();
  const { bytes, syncs } = await way(card, day);
  await sync();
  const sectors = card.sectorsWritten() - before;
  const perSync = Math.round((sectors * 512 - bytes) / syncs);
  console.log(
    [
      name.padEnd(35),
      `${sectors} sectors`.padStart(15),
      `${(sectors * 512 / 1e6).toFixed(1)} MB`.padStart(10),
      `${syncs} syncs`.padStart(12),
      `${(bytes / 1e6).toFixed(1)} MB in files`.padStart(17),
      `${perSync} B/sync`.padStart(15),
    ].join(" "),
  );
}

async function sync(): Promise<void> {
  await new Deno.Command("sync").output();
}

if (ext4Missing !== null) {
  console.error(ext4Missing);
  Deno.exit(3);
}
const day = [...householdDay(START_MS)];
const records = day.reduce((sum, { lines }) => sum + lines, 0);
const bytes = day.reduce((sum, { text }) => sum + text.length, 0);
console.log(
  `a simulated day: ${records} records, ${
    (bytes / 1e6).toFixed(1)
  } MB, in ${day.length} of 86400 seconds; ` +
    `a sync is taken to cost ${SYNC_COST_BYTES} bytes besides`,
);
await measure("this logger at its defaults", thisLogger, day);
await measure("the same, with a token of ipinfo.io", withToken, day);
await measure("appended, with a sync each second", syncEachSecond, day);
await measure("kept in RAM, copied once", copyOnce, day);
