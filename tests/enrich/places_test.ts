import { assert, assertEquals, assertInstanceOf, assertThrows } from "../assert.ts";
import { countryNameOf, type Place, toPlace } from "../../enrich/place.ts";
import type { PlaceDatabase } from "../../enrich/place_database.ts";
import { PlaceCacheSyntaxError, Places, type PlacesOptions } from "../../enrich/places.ts";
import { eventually, wait } from "./eventually.ts";
import { type IpinfoServer, refusal, serveIpinfo, TOKEN } from "./ipinfo_server.ts";

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
  return { now: () => nowMs };
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

/** What a cache file holds after these addresses were looked up. */
function cacheText(addresses: readonly string[]): string {
  const places = placesOf(KNOWN);
  for (const address of addresses) places.lookUp(address);
  return places.toText();
}

/** Places that have loaded a cache file, with the databases that gave it. */
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

/** The connections that `fetch` keeps open would count as leaks. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
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
  assertEquals([places.size, places.hasChanged], [0, false]);
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

Deno.test("`Places` remembers no more than its bound", () => {
  const places = new Places({
    databases: () => [{ name: "a", builtAt: new Date(0), place: () => country("US") }],
  });
  for (let i = 0; i < 20_500; i++) places.lookUp(`9.9.${i >> 8}.${i & 255}`);
  assertEquals(places.size, 20_000);
});

Deno.test("`Places.databasesChanged()` forgets what the old databases said", () => {
  let databases = [KNOWN];
  const places = placesOf(KNOWN, { databases: () => databases });
  places.lookUp("9.9.9.9");
  databases = [database({ "9.9.9.9": country("FR") }).database];
  places.databasesChanged();
  assertEquals(places.lookUp("9.9.9.9"), country("FR"));
});

Deno.test("`Places.load()` takes what `toText()` gave, the longest unused first", () => {
  const text = cacheText(["9.9.9.9", "8.8.4.4", "7.7.7.7"]);
  const places = loaded(text);
  assertEquals(places.size, 3);
  assertEquals(places.toText(), text);
  assertEquals(places.lookUp("8.8.4.4"), country("CH"));

  const order = Object.keys(JSON.parse(places.toText()).places);
  assertEquals(order, ["9.9.9.9", "7.7.7.7", "8.8.4.4"]);
});

Deno.test("`Places.load()` takes every part of a place", () => {
  const place = toPlace({
    countryCode: "CH",
    regionName: "Zurich",
    cityName: "Zürich",
    latitude: 47.37,
    longitude: 8.55,
    asNumber: 559,
    organization: "SWITCH",
  });
  const { database: full } = database({ "129.132.1.1": place });
  const places = placesOf(full);
  places.lookUp("129.132.1.1");
  const empty = placesOf({ ...full, place: () => undefined });
  empty.load(places.toText());
  assertEquals(empty.lookUp("129.132.1.1"), place);
});

Deno.test("`Places.hasChanged` tells whether there is something to save", () => {
  const places = placesOf(KNOWN);
  assertEquals(places.hasChanged, false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged, true);
  places.toText();
  assertEquals(places.hasChanged, false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged, false);
  places.markUnsaved();
  assertEquals(places.hasChanged, true);

  // What is learnt while the file is being written is not in it.
  places.toText();
  places.lookUp("7.7.7.7");
  assertEquals(places.hasChanged, true);
});

Deno.test("`Places.load()` leaves out what is older than thirty days, or from a time to come", () => {
  const text = cacheText(["9.9.9.9"]);
  assertEquals(loaded(text, NOW_MS + 30 * DAY_MS).size, 1);
  assertEquals(loaded(text, NOW_MS + 30 * DAY_MS + 1).size, 0);
  assertEquals(loaded(text, NOW_MS - 2 * DAY_MS).size, 0);
});

Deno.test("`Places.load()` leaves out what other databases gave", () => {
  const text = cacheText(["9.9.9.9"]);
  for (const change of [{ builtAt: new Date(NOW_MS) }, { name: "another" }]) {
    const places = placesOf({ ...KNOWN, ...change });
    places.load(text);
    assertEquals(places.size, 0);
  }
});

Deno.test("`Places.load()` refuses a file that is damaged, older, or another program's, and takes nothing", () => {
  const entry = (change: Record<string, unknown> = {}) => ({
    country_iso_code: "US",
    source: "databases",
    learnt: new Date(NOW_MS).toISOString(),
    ...change,
  });
  const whole = JSON.parse(cacheText(["8.8.4.4"]));
  const file = (change: Record<string, unknown>) => JSON.stringify({ ...whole, ...change });
  const place = (change: Record<string, unknown>) =>
    file({ places: { "8.8.4.4": entry(), "9.9.9.9": entry(change) } });
  assertEquals(loaded(place({})).size, 2);
  const budget = { month: "2026-11", spent: 5 };
  assertEquals(loaded(file({ ipinfo: { plan: "lite", budget } })).size, 1);

  const damaged = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    cacheText(["9.9.9.9"]).slice(0, -5),
    file({ version: 1 }),
    file({ version: 3 }),
    file({ places: null }),
    file({ places: [] }),
    file({ places: { "9.9.9.9": null } }),
    file({ databases: undefined }),
    file({ databases: [7] }),
    // The cache of the script that this program replaces: another shape under the same name.
    '{"9.9.9.9":{"country":"US","city":"Berkeley"}}',
    place({ source: "elsewhere" }),
    place({ learnt: "yesterday" }),
    place({ learnt: NOW_MS }),
    place({ failed: "never" }),
    file({ ipinfo: null }),
    file({ ipinfo: { plan: "gold", budget } }),
    file({ ipinfo: { plan: "lite" } }),
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
  const entry = '{"country_iso_code":"US","source":"ipinfo","learnt":"2026-11-22T12:00:00Z"}';
  const places = loaded(
    `{"version":2,"databases":[],"places":{"__proto__":${entry},"constructor":${entry}}}`,
  );
  assertEquals(places.lookUp("1.2.3.4"), undefined);
  assertEquals(Object.hasOwn(Object.prototype, "country_iso_code"), false);
});

test("`Places.lookUp()` gives what is known at once, and what ipinfo.io answers later", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  assertEquals(places.lookUp("9.9.9.9"), country("US"));
  assertEquals(places.lookUp("5.5.5.5"), undefined);
  await eventually(() => places.lookUp("9.9.9.9")?.cityName === "Mountain View");
  await eventually(() => places.lookUp("5.5.5.5")?.asNumber === 15169);
});

test("`Places` asks ipinfo.io for each address exactly once, and never for a local one", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  const remote = Array.from({ length: 300 }, (_, i) => `9.9.${i >> 8}.${i & 255}`);
  for (let round = 0; round < 20; round++) {
    for (const address of [...remote, "192.168.1.7", "fe80::1", "224.0.0.251"]) {
      places.lookUp(address);
    }
    await wait(5);
  }
  await eventually(() => places.ipinfoStatus?.answered === 300);
  assertEquals(server.asked.size, 300);
  assertEquals([...server.asked.values()].every((times) => times === 1), true);
  assertEquals(server.requests.flatMap(({ addresses }) => addresses).length, 300);
});

test("`Places` does not ask for what the cache file has", async () => {
  await using server = serveIpinfo("legacy");
  using first = asking(server);
  first.lookUp("9.9.9.9");
  await eventually(() => first.ipinfoStatus?.answered === 1);
  const before = server.requests.length;

  using second = asking(server);
  second.load(first.toText());
  assertEquals(second.lookUp("9.9.9.9")?.cityName, "Mountain View");
  await wait(40);
  assertEquals(server.requests.length, before);
  assertEquals(second.ipinfoStatus?.plan, "legacy");
  assertEquals(second.ipinfoStatus?.budget.spent, first.ipinfoStatus?.budget.spent);
});

test("`Places` keeps the budget that was spent while no token is set", async () => {
  await using server = serveIpinfo("lite");
  using first = asking(server);
  first.lookUp("9.9.9.9");
  await eventually(() => first.ipinfoStatus?.answered === 1);
  const without = placesOf(KNOWN);
  without.load(first.toText());
  using later = asking(server);
  later.load(without.toText());
  assertEquals(later.ipinfoStatus?.budget.spent, 3);
});

test("`Places` asks again in the background when a place comes near its end, and meanwhile uses it", async () => {
  let now = NOW_MS;
  await using server = serveIpinfo("core");
  using places = asking(server, { clock: { now: () => now } });
  places.lookUp("9.9.9.9");
  await eventually(() => places.ipinfoStatus?.answered === 1);
  now += 26 * DAY_MS;
  places.lookUp("9.9.9.9");
  await wait(30);
  assertEquals(server.asked.get("9.9.9.9"), 1);
  now += 2 * DAY_MS;
  assertEquals(places.lookUp("9.9.9.9")?.cityName, "Mountain View");
  await eventually(() => server.asked.get("9.9.9.9") === 2);
  await eventually(() => places.ipinfoStatus?.answered === 2);
  places.lookUp("9.9.9.9");
  await wait(30);
  assertEquals(server.asked.get("9.9.9.9"), 2);
});

test("`Places` asks again after an hour for what ipinfo.io could not say, also over a restart", async () => {
  let now = NOW_MS;
  const clock = { now: () => now };
  await using server = serveIpinfo("core");
  server.misbehave = ({ addresses: [ip] }) => Response.json({ ip, bogon: true });
  using first = asking(server, { clock });
  first.lookUp("9.9.9.9");
  await eventually(() => first.ipinfoStatus?.failed === 1);
  assertEquals(first.lookUp("9.9.9.9"), country("US"));

  using places = asking(server, { clock });
  places.load(first.toText());
  now += HOUR_MS - 1;
  places.lookUp("9.9.9.9");
  await wait(30);
  assertEquals(server.requests.length, 1);
  now += 1;
  server.misbehave = () => undefined;
  places.lookUp("9.9.9.9");
  await eventually(() => places.lookUp("9.9.9.9")?.cityName === "Mountain View");
});

test("`Places.sources()` tells what each source says, and asks nobody", async () => {
  await using server = serveIpinfo("lite");
  using places = asking(server);
  places.lookUp("8.8.4.4");
  await eventually(() => places.ipinfoStatus?.answered === 1);
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
  await wait(30);
  assertEquals(server.requests.length, before);
});

test("`Places` goes on with the databases when ipinfo.io refuses the token", async () => {
  await using server = serveIpinfo("core");
  server.misbehave = () => refusal(403);
  using places = asking(server);
  places.lookUp("9.9.9.9");
  await eventually(() => places.ipinfoStatus?.state === "token refused");
  assertEquals(places.lookUp("9.9.9.9"), country("US"));
  assert(!places.toText().includes(TOKEN));
});

test("`Places.toText()` does not hold the token", async () => {
  await using server = serveIpinfo("core");
  using places = asking(server);
  places.lookUp("9.9.9.9");
  await eventually(() => places.ipinfoStatus?.answered === 1);
  assertEquals(places.toText().includes(TOKEN), false);
});

test("`Places` stays within its bounds while the network is gone, and spends nothing", async () => {
  const us = { name: "a", builtAt: new Date(0), place: () => country("US") };
  using places = new Places({
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
    if (i % 1000 === 0) await wait(2);
  }
  const { waiting, failedRequests, budget } = places.ipinfoStatus!;
  assertEquals(places.size, 20_000);
  assert(waiting <= 1001, `${waiting} wait`);
  assert(failedRequests > 5, `${failedRequests} requests`);
  assertEquals(budget.spent, 0);
});
