import { HandClock } from "../../hand_clock.ts";
import { systemClock } from "../../../system/clock.ts";
import { join } from "@std/path";
import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { placeCacheText } from "../../../enrich/place_cache_text.ts";
import { Places } from "../../../enrich/places.ts";
import { PlaceCacheFile } from "../../../service/places/place_cache_file.ts";
import { eventually } from "../../../scripts/household/eventually.ts";
import { sleep } from "../../../system/clock.ts";
import { serveIpinfo, TOKEN } from "../../enrich/ipinfo_server.ts";

interface Scratch {
  readonly path: string;
  readonly said: string[];
  say(level: string, component: string, message: string): void;
}

/** Runs a test with a path in a folder that is not there yet. */
function test(name: string, run: (scratch: Scratch) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const said: string[] = [];
    const say = (level: string, component: string, message: string) => {
      said.push(`${level} ${component} ${message}`);
    };
    try {
      await run({ path: join(folder, "wifi_logger", "cache.json"), said, say });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** A cache that knows one address, and has not been saved since. */
function changedPlaces(): Places {
  const places = new Places({ databases: () => [], clock: systemClock });
  const place = { countryCode: "US", countryName: "United States" };
  places.load(placeCacheText({ answers: [["9.9.9.9", { place, learntMs: Date.now() }]] }));
  places.markUnsaved();
  return places;
}

function noPlaces(): Places {
  return new Places({ databases: () => [], clock: systemClock });
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeTextFile(path, text);
}

test("`load()` takes what `save()` kept", async ({ path, said, say }) => {
  await new PlaceCacheFile({ places: changedPlaces(), path, clock: systemClock, say }).save();
  const later = noPlaces();
  await new PlaceCacheFile({ places: later, path, clock: systemClock, say }).load();
  assertEquals(later.lookUp("9.9.9.9")?.countryCode, "US");
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals(said, []);
});

test("`save()` writes nothing where nothing has changed, and tells the card's count what it writes", async ({ path, say }) => {
  const places = changedPlaces();
  const written: { bytes: number; syncs: number }[] = [];
  const card = { note: (it: { bytes: number; syncs: number }) => void written.push(it) };
  const file = new PlaceCacheFile({ places, path, clock: systemClock, say });
  await file.save({ card });
  assertEquals(written, [{ bytes: (await Deno.stat(path)).size, syncs: 2 }]);
  await Deno.remove(path);
  await file.save({ card });
  await file.save({ card, isLast: true });
  assertEquals(await Array.fromAsync(Deno.readDir(join(path, ".."))), []);
  assertEquals(written.length, 1);
});

test("`save()` says once that it cannot, and tries again the next time", async ({ path, said, say }) => {
  const file = new PlaceCacheFile({ places: changedPlaces(), path, clock: systemClock, say });
  await Deno.mkdir(join(path, "a folder where the file should be"), { recursive: true });
  await file.save();
  await file.save();
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], `warning places cannot save the cache of places ${path}: `);

  await Deno.remove(path, { recursive: true });
  await file.save();
  assertEquals((await Deno.stat(path)).isFile, true);
});

test("`save()` tries again the next time when the writing itself failed", async ({ path, said, say }) => {
  const file = new PlaceCacheFile({ places: changedPlaces(), path, clock: systemClock, say });
  await Deno.mkdir(`${path}.tmp`, { recursive: true });
  await file.save();
  assertEquals(said.length, 1);
  await Deno.remove(`${path}.tmp`, { recursive: true }).catch(() => {});
  await file.save();
  assertEquals((await Deno.stat(path)).isFile, true);
});

Deno.test({
  name:
    "`saveIfWaitedFor()` sets a part of the budget apart before ipinfo.io is asked, and `save()` gives the rest back",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    await using _removed = {
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
    await using server = serveIpinfo("core");
    const path = join(folder, "cache.json");
    using places = new Places({
      clock: systemClock,
      databases: () => [],
      ipinfo: {
        token: TOKEN,
        monthlyBudget: 1000,
        budgetBlock: 100,
        hosts: { api: server.url, www: server.url },
        gatherMs: 1,
        minIntervalMs: 0,
      },
    });
    const said: string[] = [];
    const say = (_level: string, _component: string, message: string) => said.push(message);
    const file = new PlaceCacheFile({ places, path, clock: systemClock, say });
    const spentOnFile = async () => JSON.parse(await Deno.readTextFile(path)).ipinfo.budget.spent;

    // A card that cannot be written: nothing is asked that a kill would forget.
    await Deno.mkdir(`${path}.tmp`);
    places.lookUp("9.9.9.9");
    for (let i = 0; i < 3; i++) await file.saveIfWaitedFor();
    await sleep(20);
    assertEquals([server.requests.length, said.length], [0, 1]);
    assertStringIncludes(said[0], "Until it can be, ipinfo.io is asked for no more than");

    await Deno.remove(`${path}.tmp`).catch(() => {});
    await file.save();
    assertEquals(await spentOnFile(), 100);
    await eventually("one answer", () => places.ipinfoStatus?.answered === 1);
    await file.saveIfWaitedFor();
    assertEquals(await spentOnFile(), 100);
    await file.save({ isLast: true });
    assertEquals(await spentOnFile(), 3);
    assertEquals((await Deno.readTextFile(path)).includes(TOKEN), false);
  },
});

test("`saveIfWaitedFor()` tries again a minute after it failed, by the monotonic clock, and says so once", async ({ path, said, say }) => {
  const clock = new HandClock(Date.UTC(2026, 10, 22));
  using places = new Places({
    databases: () => [],
    clock,
    ipinfo: {
      token: TOKEN,
      monthlyBudget: 1000,
      budgetBlock: 100,
      fetch: () => Promise.reject(new TypeError("no network")),
    },
  });
  const file = new PlaceCacheFile({ places, path, clock, say });
  const isSaved = () => Deno.stat(path).then(() => true, () => false);
  await file.saveIfWaitedFor();
  assertEquals(await isSaved(), false, "nothing is to be asked yet");
  places.lookUp("9.9.9.9");
  await Deno.mkdir(`${path}.tmp`, { recursive: true });
  await file.saveIfWaitedFor();
  assertEquals(said.length, 1);
  await Deno.remove(`${path}.tmp`).catch(() => {});
  clock.pass(59_999);
  clock.leap(3600e3);
  await file.saveIfWaitedFor();
  assertEquals(await isSaved(), false);
  clock.pass(1);
  await file.saveIfWaitedFor();
  assertEquals(await isSaved(), true);
  assertEquals([places.waitsForFile, said.length], [false, 1]);
  // A flush need not wait for the minute to be over: what it saves has changed.
  await Deno.remove(path);
  await Deno.mkdir(`${path}.tmp`);
  places.markUnsaved();
  await file.save();
  await Deno.remove(`${path}.tmp`).catch(() => {});
  await file.save();
  assertEquals([await isSaved(), said.length], [true, 2]);
});

test("`load()` says nothing of a file that is not there", async ({ path, said, say }) => {
  await new PlaceCacheFile({ places: noPlaces(), path, clock: systemClock, say }).load();
  assertEquals(said, []);
});

test("`load()` sets a file aside that it cannot use", async ({ path, said, say }) => {
  await write(path, '{"9.9.9.9":{"country":"US"}}');
  const file = new PlaceCacheFile({ places: noPlaces(), path, clock: systemClock, say });
  await file.load();
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], `${path}.unusable`);
  assertEquals(await Deno.readTextFile(`${path}.unusable`), '{"9.9.9.9":{"country":"US"}}');
  await file.load();
  assertEquals(said.length, 1);
});

test("`load()` goes on without a file that it may not read", async ({ path, said, say }) => {
  await Deno.mkdir(path, { recursive: true });
  await new PlaceCacheFile({ places: noPlaces(), path, clock: systemClock, say }).load();
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "Going on without it");
});
