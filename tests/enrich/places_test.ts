import { systemClock } from "../../system/clock.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "../assert.ts";
import { countryNameOf, type Place, toPlace } from "../../enrich/place.ts";
import type { PlaceDatabase } from "../../enrich/place_database.ts";
import { PlaceCacheSyntaxError, Places, type PlacesOptions } from "../../enrich/places.ts";
import { placeCacheText, type RememberedAnswer } from "../../enrich/place_cache_text.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { sleep } from "../../system/clock.ts";
import { type IpinfoServer, OWN_ADDRESS, refusal, serveIpinfo, TOKEN } from "./ipinfo_server.ts";

const DAY_MS = 24 * 3600e3;
const HOUR_MS = 3600e3;
const NOW_MS = Date.UTC(2026, 10, 22, 12);

/** A database of a few addresses, which notes what it was asked. */
function database(places: Record<string, Place>, builtMs = NOW_MS - 100 * DAY_MS) {
  const asked: string[] = [];
  const database: PlaceDatabase = {
    name: "a database",
    builtAt: new Date(builtMs),
    place(address) {
      asked.push(address);
      return places[address];
    },
  };
  return { database, asked };
}

function at(nowMs: number) {
  return { ...systemClock, wallMs: () => nowMs };
}

function country(countryCode: string): Place {
  return { countryCode, countryName: countryNameOf(countryCode) };
}

const { database: KNOWN } = database({
  "9.9.9.9": country("US"),
  "8.8.4.4": country("CH"),
  "7.7.7.7": country("JP"),
});

function placesOf(database: PlaceDatabase, options: Partial<PlacesOptions> = {}): Places {
  return new Places({ databases: () => [database], clock: at(NOW_MS), ...options });
}

const FRANCE = { countryCode: "FR", countryName: "France" };

/** What a cache file holds after ipinfo.io had said that these addresses are in France. */
function cacheText(addresses: readonly string[], change: Partial<RememberedAnswer> = {}): string {
  const answer: RememberedAnswer = { place: FRANCE, learntMs: NOW_MS, ...change };
  return placeCacheText({ answers: addresses.map((address) => [address, answer]) });
}

/** Places that have loaded a cache file. */
function loaded(text: string, nowMs = NOW_MS): Places {
  const places = placesOf(KNOWN, { clock: at(nowMs) });
  places.load(text);
  return places;
}

/** Places that ask a server. */
function asking(server: IpinfoServer, options: Partial<PlacesOptions> = {}): Places {
  return placesOf(KNOWN, {
    ...options,
    ipinfo: {
      token: TOKEN,
      monthlyBudget: 1000,
      hosts: { api: server.url, www: server.url },
      gatherMs: 5,
      minIntervalMs: 0,
      firstPauseMs: 5,
      maxPauseMs: 10,
    },
  });
}

Deno.test("`Places.lookUp()` asks the databases once for each address they know", () => {
  const { database: known, asked } = database({ "9.9.9.9": country("US") });
  const places = placesOf(known);
  for (let i = 0; i < 3; i++) assertEquals(places.lookUp("9.9.9.9"), country("US"));
  assertEquals(asked, ["9.9.9.9"]);
  assertEquals(places.size, 1);
});

Deno.test("`Places.lookUp()` gives nothing where nothing is known, nor remembers that", () => {
  const places = placesOf(KNOWN);
  assertEquals(places.lookUp("3.3.3.3"), undefined);
  assertEquals([places.size, places.hasChanged()], [0, false]);
});

Deno.test("`Places.lookUp()` puts together what several databases know", () => {
  const { database: owners } = database({ "9.9.9.9": { asNumber: 19281, organization: "Quad9" } });
  const places = placesOf(KNOWN, { databases: () => [KNOWN, owners] });
  assertEquals(places.lookUp("9.9.9.9"), {
    ...country("US"),
    asNumber: 19281,
    organization: "Quad9",
  });
});

Deno.test("`Places.lookUp()` gives the same object for addresses in the same place", () => {
  const { database: all } = database({ "9.9.9.9": country("US"), "1.1.1.1": country("US") });
  const places = placesOf(all);
  assertStrictEquals(places.lookUp("9.9.9.9"), places.lookUp("1.1.1.1"));
});

Deno.test("`Places` remembers no more than its bound, and counts what had to go", () => {
  const places = new Places({
    clock: systemClock,
    databases: () => [{ name: "a", builtAt: new Date(0), place: () => country("US") }],
  });
  for (let i = 0; i < 20_500; i++) places.lookUp(`9.9.${i >> 8}.${i & 255}`);
  assertEquals([places.size, places.evicted], [20_000, 500]);
});

Deno.test("`Places.databasesChanged()` forgets what the old databases said, and nothing of what was paid for", () => {
  let databases = [KNOWN];
  const places = placesOf(KNOWN, { databases: () => databases });
  places.load(cacheText(["8.8.4.4"]));
  places.lookUp("9.9.9.9");
  databases = [database({ "9.9.9.9": country("JP") }).database];
  places.databasesChanged();
  assertEquals(places.lookUp("9.9.9.9"), country("JP"));
  assertEquals(places.lookUp("8.8.4.4"), FRANCE);
});

Deno.test("`Places.load()` takes what `toText()` gave, the longest unused first", () => {
  const text = cacheText(["9.9.9.9", "8.8.4.4", "7.7.7.7"]);
  const places = loaded(text);
  assertEquals(places.size, 3);
  assertEquals(places.toText(), text);
  assertEquals(places.lookUp("8.8.4.4"), FRANCE);

  const order = Object.keys(JSON.parse(places.toText()).addresses);
  assertEquals(order, ["9.9.9.9", "7.7.7.7", "8.8.4.4"]);
});

Deno.test("`Places.load()` takes every part of a place, and shares equal ones", () => {
  const place = toPlace({
    countryCode: "CH",
    regionName: "Zurich",
    cityName: "Zürich",
    latitude: 47.37,
    longitude: 8.55,
    asNumber: 559,
    organization: "SWITCH",
  });
  const text = cacheText(["129.132.1.1", "129.132.1.2"], { place });
  assertEquals(JSON.parse(text).places.length, 1);
  assertEquals(loaded(text).lookUp("129.132.1.2"), place);
});

Deno.test("`Places.toText()` holds nothing that the databases can say again", () => {
  const places = placesOf(KNOWN);
  places.lookUp("9.9.9.9");
  places.databasesChanged();
  assertEquals(places.hasChanged({ isLast: true }), false);
  assertEquals(JSON.parse(places.toText()).addresses, {});
});

Deno.test("`Places.hasChanged()` tells whether there is something to save", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  assertEquals(places.hasChanged(), false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged(), false);
  await eventually("one answer", () => places.ipinfoStatus?.answered === 1);
  assertEquals(places.hasChanged(), true);
  places.toText();
  assertEquals(places.hasChanged(), false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged(), false);
  places.markUnsaved();
  assertEquals(places.hasChanged(), true);

  // What is learnt while the file is being written is not in it.
  places.toText();
  places.lookUp("7.7.7.7");
  await eventually("2 answers", () => places.ipinfoStatus?.answered === 2);
  places.markSaved();
  assertEquals(places.hasChanged(), true);
});

Deno.test("`Places.load()` leaves out what is older than thirty days, or from a time to come", () => {
  const text = cacheText(["9.9.9.9"]);
  assertEquals(loaded(text, NOW_MS + 30 * DAY_MS).size, 1);
  assertEquals(loaded(text, NOW_MS + 30 * DAY_MS + 1).size, 0);
  assertEquals(loaded(text, NOW_MS - 2 * DAY_MS).size, 0);
});

Deno.test("`Places.toText()` leaves out what has aged out", () => {
  let now = NOW_MS;
  const places = placesOf(KNOWN, { clock: { ...systemClock, wallMs: () => now } });
  places.load(cacheText(["9.9.9.9"]));
  now += 31 * DAY_MS;
  assertEquals(JSON.parse(places.toText()).addresses, {});
});

Deno.test("`Places.load()` refuses a file that is damaged, older, or another program's, and takes nothing", () => {
  const whole = JSON.parse(cacheText(["8.8.4.4"]));
  const file = (change: Record<string, unknown>) => JSON.stringify({ ...whole, ...change });
  const answer = (written: unknown) =>
    file({ addresses: { "8.8.4.4": [0, NOW_MS / 1e3], "9.9.9.9": written } });
  assertEquals(loaded(answer([0, NOW_MS / 1e3])).size, 2);
  assertEquals(loaded(answer([null, NOW_MS / 1e3, NOW_MS / 1e3])).size, 2);
  const budget = { month: "2026-11", spent: 5 };
  assertEquals(loaded(file({ ipinfo: { plan: "lite", takesBatches: true, budget } })).size, 1);

  const damaged = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    cacheText(["9.9.9.9"]).slice(0, -5),
    file({ version: 2 }),
    file({ version: 4 }),
    file({ places: null }),
    file({ places: {} }),
    file({ places: [7] }),
    file({ addresses: null }),
    file({ addresses: [] }),
    // The cache of the script that this program replaces: another shape under the same name.
    '{"9.9.9.9":{"country":"US","city":"Berkeley"}}',
    answer(null),
    answer([]),
    answer([1, NOW_MS / 1e3]),
    answer(["0", NOW_MS / 1e3]),
    answer([0]),
    answer([0, "yesterday"]),
    answer([0, NOW_MS / 1e3, "never"]),
    file({ ipinfo: null }),
    file({ ipinfo: { plan: "gold", takesBatches: true, budget } }),
    file({ ipinfo: { plan: "lite", budget } }),
    file({ ipinfo: { plan: "lite", takesBatches: true } }),
    file({ ipinfo: { budget: { month: "November", spent: 5 } } }),
    file({ ipinfo: { budget: { month: "2026-11", spent: -5 } } }),
  ];
  for (const text of damaged) {
    const places = placesOf(KNOWN);
    const error = assertThrows(() => places.load(text), PlaceCacheSyntaxError, "", text);
    assertInstanceOf(error, SyntaxError);
    assertEquals(places.size, 0, text);
  }
});

Deno.test("`Places.load()` is not led astray by the names of an object's own parts", () => {
  const answer = `[0,${NOW_MS / 1e3}]`;
  const places = loaded(
    `{"version":3,"places":[{"__proto__":{"country_iso_code":"US"}}],` +
      `"addresses":{"__proto__":${answer},"constructor":${answer}}}`,
  );
  assertEquals(places.lookUp("1.2.3.4"), undefined);
  assertEquals(Object.hasOwn(Object.prototype, "country_iso_code"), false);
});

Deno.test("`Places.lookUp()` gives what is known at once, and what ipinfo.io answers later", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  assertEquals(places.lookUp("9.9.9.9"), country("US"));
  assertEquals(places.lookUp("5.5.5.5"), undefined);
  await eventually(
    "the city of 9.9.9.9",
    () => places.lookUp("9.9.9.9")?.cityName === "Mountain View",
  );
  await eventually("the owner of 5.5.5.5", () => places.lookUp("5.5.5.5")?.asNumber === 15169);
});

Deno.test("`Places` asks ipinfo.io for each address exactly once, and never for a local one", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  const remote = Array.from({ length: 300 }, (_, i) => `9.9.${i >> 8}.${i & 255}`);
  for (let round = 0; round < 20; round++) {
    for (const address of [...remote, "192.168.1.7", "fe80::1", "224.0.0.251"]) {
      places.lookUp(address);
    }
    await sleep(5);
  }
  await eventually("300 answers", () => places.ipinfoStatus?.answered === 300);
  assertEquals(server.asked.size, 300);
  assertEquals([...server.asked.values()].every((times) => times === 1), true);
  const inRequests = server.requests.flatMap(({ addresses }) => addresses);
  assertEquals(inRequests.filter((address) => address !== OWN_ADDRESS).length, 300);
});

Deno.test("`Places` does not ask for what the cache file has", async () => {
  await using server = serveIpinfo("legacy");
  using first = asking(server);
  first.lookUp("9.9.9.9");
  await eventually("one answer", () => first.ipinfoStatus?.answered === 1);
  const before = server.requests.length;

  using second = asking(server);
  second.load(first.toText());
  assertEquals(second.lookUp("9.9.9.9")?.cityName, "Mountain View");
  await sleep(40);
  assertEquals(server.requests.length, before);
  assertEquals(second.ipinfoStatus?.plan, "legacy");
  assertEquals(second.ipinfoStatus?.budget.spent, first.ipinfoStatus?.budget.spent);
});

Deno.test("`Places` keeps the budget that was spent while no token is set", async () => {
  await using server = serveIpinfo("lite");
  using first = asking(server);
  first.lookUp("9.9.9.9");
  await eventually("one answer", () => first.ipinfoStatus?.answered === 1);
  const without = placesOf(KNOWN);
  without.load(first.toText());
  using later = asking(server);
  later.load(without.toText());
  assertEquals(later.ipinfoStatus?.budget.spent, first.ipinfoStatus?.budget.spent);
});

Deno.test("`Places` asks again in the background when a place comes near its end, and meanwhile uses it", async () => {
  let now = NOW_MS;
  await using server = serveIpinfo("core");
  using places = asking(server, { clock: { ...systemClock, wallMs: () => now } });
  places.lookUp("9.9.9.9");
  await eventually("one answer", () => places.ipinfoStatus?.answered === 1);
  now += 26 * DAY_MS;
  places.lookUp("9.9.9.9");
  await sleep(30);
  assertEquals(server.asked.get("9.9.9.9"), 1);
  now += 2 * DAY_MS;
  assertEquals(places.lookUp("9.9.9.9")?.cityName, "Mountain View");
  await eventually("a second request", () => server.asked.get("9.9.9.9") === 2);
  await eventually("2 answers", () => places.ipinfoStatus?.answered === 2);
  places.lookUp("9.9.9.9");
  await sleep(30);
  assertEquals(server.asked.get("9.9.9.9"), 2);
});

Deno.test("`Places` asks again after an hour for what ipinfo.io could not say, also over a restart", async () => {
  let now = NOW_MS;
  const clock = { ...systemClock, wallMs: () => now };
  await using server = serveIpinfo("core");
  server.misbehave = ({ addresses: [ip] }) =>
    ip === "9.9.9.9" ? Response.json({ ip, bogon: true }) : undefined;
  using first = asking(server, { clock });
  first.lookUp("9.9.9.9");
  await eventually("a failure", () => first.ipinfoStatus?.failed === 1);
  assertEquals(first.lookUp("9.9.9.9"), country("US"));

  using places = asking(server, { clock });
  places.load(first.toText());
  now += HOUR_MS - 1;
  places.lookUp("9.9.9.9");
  await sleep(30);
  assertEquals(server.asked.get("9.9.9.9"), 1);
  now += 1;
  server.misbehave = () => undefined;
  places.lookUp("9.9.9.9");
  await eventually(
    "the city of 9.9.9.9",
    () => places.lookUp("9.9.9.9")?.cityName === "Mountain View",
  );
});

Deno.test("`Places.sources()` tells what each source says, and asks nobody", async () => {
  await using server = serveIpinfo("lite");
  using places = asking(server);
  places.lookUp("8.8.4.4");
  await eventually("one answer", () => places.ipinfoStatus?.answered === 1);
  const before = server.requests.length;
  assertEquals(places.sources("8.8.4.4"), [
    {
      source: "ipinfo.io",
      asOf: new Date(NOW_MS),
      place: { ...country("US"), asNumber: 15169, organization: "Google LLC" },
    },
    { source: "a database", asOf: KNOWN.builtAt, place: country("CH") },
  ]);
  assertEquals(places.sources("9.9.9.9").length, 1);
  await sleep(30);
  assertEquals(server.requests.length, before);
});

Deno.test("`Places` goes on with the databases when ipinfo.io refuses the token", async () => {
  await using server = serveIpinfo("core");
  server.misbehave = () => refusal(403);
  using places = asking(server);
  places.lookUp("9.9.9.9");
  await eventually(
    "the refusal of the token",
    () => places.ipinfoStatus?.state === "token refused",
  );
  assertEquals(places.lookUp("9.9.9.9"), country("US"));
  assert(!places.toText().includes(TOKEN));
});

Deno.test("`Places.toText()` does not hold the token", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  places.lookUp("9.9.9.9");
  await eventually("one answer", () => places.ipinfoStatus?.answered === 1);
  assertEquals(places.toText().includes(TOKEN), false);
});

Deno.test("`Places` stays within its bounds while the network is gone, and spends nothing", async () => {
  const us = { name: "a", builtAt: new Date(0), place: () => country("US") };
  using places = new Places({
    clock: systemClock,
    databases: () => [us],
    ipinfo: {
      token: TOKEN,
      monthlyBudget: 1000,
      gatherMs: 0,
      minIntervalMs: 0,
      firstPauseMs: 1,
      maxPauseMs: 2,
      fetch: () => Promise.reject(new TypeError("no network")),
    },
  });
  for (let i = 0; i < 50_000; i++) {
    assertEquals(places.lookUp(`9.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)?.countryCode, "US");
    if (i % 1000 === 0) await sleep(2);
  }
  const { waiting, failedRequests, budget } = places.ipinfoStatus!;
  assertEquals(places.size, 20_000);
  assert(waiting <= 1001, `${waiting} wait`);
  assert(failedRequests > 5, `${failedRequests} requests`);
  assertEquals(budget.spent, 0);
});
