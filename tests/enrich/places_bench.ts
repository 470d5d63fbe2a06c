/** What a look-up costs: `scripts/dev.sh bench:micro tests/enrich`. Each is 1000 addresses, spread over the Internet. */

import { systemClock } from "../../system/clock.ts";
import { openCountryDatabase } from "../../enrich/country_database.ts";
import { openOwnerDatabase } from "../../enrich/owner_table.ts";
import { Places } from "../../enrich/places.ts";
import { placeCacheText } from "../../enrich/place_cache_text.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { addressSpread } from "./address_spread.ts";

const countries = openCountryDatabase(await programTable("countries"));
const owners = openOwnerDatabase(await programTable("owners"));
const databases = [countries, owners];
const addresses = addressSpread(1000);
/** Of few networks, as what a household talks to. */
const ordinary = addresses.map((_, i) => `142.250.${i >> 8}.${i & 255}`);

const remembered = new Places({ databases: () => databases, clock: systemClock });
for (const address of addresses) remembered.lookUp(address);

Deno.bench("1000 look-ups from the cache", () => {
  for (const address of addresses) remembered.lookUp(address);
});

Deno.bench("1000 look-ups from the databases, new to the cache", () => {
  const places = new Places({ databases: () => databases, clock: systemClock });
  for (const address of addresses) places.lookUp(address);
});

Deno.bench("the same, of one network owner", () => {
  const places = new Places({ databases: () => databases, clock: systemClock });
  for (const address of ordinary) places.lookUp(address);
});

const unreachable = new Places({
  clock: systemClock,
  databases: () => databases,
  ipinfo: {
    token: "any",
    monthlyBudget: 45_000,
    fetch: () => Promise.reject(new TypeError("no network")),
  },
});
const many = addressSpread(20_000);
for (const address of many) unreachable.lookUp(address);
let next = 0;

Deno.bench("1000 look-ups with ipinfo.io out of reach, of 20,000 addresses", () => {
  for (let i = 0; i < 1000; i++) unreachable.lookUp(many[next++ % many.length]);
});

Deno.bench("1000 look-ups in the database of countries", () => {
  for (const address of addresses) countries.place(address);
});

Deno.bench("1000 look-ups in the table of network owners", () => {
  for (const address of addresses) owners.place(address);
});

Deno.bench("the text of a full cache, 20,000 places", { n: 10, warmup: 2 }, (b) => {
  const places = new Places({ databases: () => databases, clock: systemClock });
  const place = { countryCode: "US", cityName: "Mountain View", asNumber: 15169 };
  const learntMs = Date.now();
  places.load(placeCacheText({
    answers: many.map((address, i) => [address, {
      learntMs,
      place: { ...place, organization: `Owner ${i >> 2}` },
    }]),
  }));
  b.start();
  places.toText();
  b.end();
});
