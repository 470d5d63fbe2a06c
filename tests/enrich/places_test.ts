import { assertEquals, assertInstanceOf, assertThrows } from "../assert.ts";
import type { CountryDatabase } from "../../enrich/country_database.ts";
import { PlaceCacheSyntaxError, Places } from "../../enrich/places.ts";

const DAY_MS = 24 * 3600e3;
const NOW_MS = Date.UTC(2026, 10, 22, 12);

/** A database of a few addresses, which notes what it was asked. */
function database(countries: Record<string, string>, builtMs = NOW_MS - 100 * DAY_MS) {
  const asked: string[] = [];
  const database: CountryDatabase = {
    builtAt: new Date(builtMs),
    countryCode(address) {
      asked.push(address);
      return countries[address];
    },
  };
  return { database, asked };
}

function at(nowMs: number) {
  return { now: () => nowMs };
}

const { database: KNOWN } = database({ "9.9.9.9": "US", "8.8.4.4": "CH", "7.7.7.7": "JP" });

/** What a cache file holds after these addresses were looked up. */
function cacheText(addresses: readonly string[], nowMs = NOW_MS): string {
  const places = new Places(KNOWN, at(nowMs));
  for (const address of addresses) places.lookUp(address);
  return places.toText();
}

/** Places that know nothing but what is in a cache file. */
function loaded(text: string, options: { builtMs?: number; nowMs?: number } = {}): Places {
  const places = new Places(database({}, options.builtMs).database, at(options.nowMs ?? NOW_MS));
  places.load(text);
  return places;
}

Deno.test("`Places.lookUp()` gives the country and its English name", () => {
  const places = new Places(KNOWN);
  assertEquals(places.lookUp("9.9.9.9"), { countryCode: "US", countryName: "United States" });
  assertEquals(places.lookUp("8.8.4.4"), { countryCode: "CH", countryName: "Switzerland" });
});

Deno.test("`Places.lookUp()` asks the database once for each address it knows", () => {
  const { database: known, asked } = database({ "9.9.9.9": "US" });
  const places = new Places(known);
  for (let i = 0; i < 3; i++) places.lookUp("9.9.9.9");
  assertEquals(asked, ["9.9.9.9"]);
  assertEquals(places.size, 1);
});

Deno.test("`Places.lookUp()` gives nothing where nothing is known, nor remembers that", () => {
  const places = new Places(database({ "1.1.1.1": "no code", "2.2.2.2": "us" }).database);
  for (const address of ["1.1.1.1", "2.2.2.2", "3.3.3.3"]) {
    assertEquals(places.lookUp(address), undefined, address);
  }
  assertEquals([places.size, places.hasChanged], [0, false]);
});

Deno.test("`Places.lookUp()` gives a code that no country has as its own name", () => {
  const places = new Places(database({ "1.1.1.1": "QQ" }).database);
  assertEquals(places.lookUp("1.1.1.1")?.countryCode, "QQ");
});

Deno.test("`Places.load()` takes what `toText()` gave, the longest unused first", () => {
  const text = cacheText(["9.9.9.9", "8.8.4.4", "7.7.7.7"]);
  const places = loaded(text);
  assertEquals(places.size, 3);
  assertEquals(places.toText(), text);
  assertEquals(places.lookUp("8.8.4.4")?.countryCode, "CH");

  const order = Object.keys(JSON.parse(places.toText()).places);
  assertEquals(order, ["9.9.9.9", "7.7.7.7", "8.8.4.4"]);
});

Deno.test("`Places.hasChanged` tells whether there is something to save", () => {
  const places = new Places(KNOWN, at(NOW_MS));
  assertEquals(places.hasChanged, false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged, true);
  places.toText();
  assertEquals(places.hasChanged, true);
  places.markSaved();
  assertEquals(places.hasChanged, false);
  places.lookUp("9.9.9.9");
  assertEquals(places.hasChanged, false);
});

Deno.test("`Places.load()` leaves out what is older than thirty days", () => {
  const text = cacheText(["9.9.9.9"]);
  assertEquals(loaded(text, { nowMs: NOW_MS + 30 * DAY_MS }).size, 1);
  assertEquals(loaded(text, { nowMs: NOW_MS + 30 * DAY_MS + 1 }).size, 0);
});

Deno.test("`Places.load()` leaves out what an older embedded database gave", () => {
  const text = cacheText(["9.9.9.9"]);
  assertEquals(loaded(text, { builtMs: NOW_MS }).size, 1);
  assertEquals(loaded(text, { builtMs: NOW_MS + 1 }).size, 0);
});

Deno.test("`Places.load()` refuses a file that is damaged, or another program's, and takes nothing", () => {
  const place = (change: Record<string, unknown>) =>
    JSON.stringify({
      version: 1,
      places: {
        "8.8.4.4": {
          country_iso_code: "CH",
          source: "embedded",
          learnt: new Date(NOW_MS).toISOString(),
        },
        "9.9.9.9": {
          country_iso_code: "US",
          source: "embedded",
          learnt: new Date(NOW_MS).toISOString(),
          ...change,
        },
      },
    });
  assertEquals(loaded(place({})).size, 2);

  const damaged = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    cacheText(["9.9.9.9"]).slice(0, -5),
    '{"version":2,"places":{}}',
    '{"version":1}',
    '{"version":1,"places":null}',
    '{"version":1,"places":{"9.9.9.9":null}}',
    // The cache of the script that this program replaces: another shape under the same name.
    '{"9.9.9.9":{"country":"US","city":"Berkeley"}}',
    place({ country_iso_code: "usa" }),
    place({ country_iso_code: 7 }),
    place({ source: "elsewhere" }),
    place({ learnt: "yesterday" }),
    place({ learnt: NOW_MS }),
  ];
  for (const text of damaged) {
    const places = new Places(database({}).database, at(NOW_MS));
    const error = assertThrows(() => places.load(text), PlaceCacheSyntaxError, "", text);
    assertInstanceOf(error, SyntaxError);
    assertEquals(places.size, 0, text);
  }
});

Deno.test("`Places.load()` is not led astray by the names of an object's own parts", () => {
  const entry = '{"country_iso_code":"US","source":"embedded","learnt":"2026-11-22T12:00:00Z"}';
  const places = loaded(`{"version":1,"places":{"__proto__":${entry},"constructor":${entry}}}`);
  assertEquals(places.lookUp("1.2.3.4"), undefined);
  assertEquals(Object.hasOwn(Object.prototype, "country_iso_code"), false);
});

Deno.test("`Places` remembers no more than its bound", () => {
  const places = new Places({ builtAt: new Date(0), countryCode: () => "US" });
  for (let i = 0; i < 20_500; i++) places.lookUp(`9.9.${i >> 8}.${i & 255}`);
  assertEquals(places.size, 20_000);
});
