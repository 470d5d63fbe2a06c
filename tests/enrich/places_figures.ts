/**
 * What places cost: look-ups a second, memory, and the file. `scripts/dev.sh bench:places` runs it. A figure of memory is
 * what the process holds more than before, after a collection; one of speed is the median of seven rounds.
 */

import { systemClock } from "../../system/clock.ts";
import { openCountryDatabase } from "../../enrich/country_database.ts";
import { openOwnerDatabase } from "../../enrich/owner_table.ts";
import { placeCacheText } from "../../enrich/place_cache_text.ts";
import { MAX_PLACES, Places } from "../../enrich/places.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { addressSpread } from "./address_spread.ts";

const ROUNDS = 7;

async function heldBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  (globalThis as { gc?: () => void }).gc!();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

async function measure<T>(what: string, make: () => T | Promise<T>): Promise<T> {
  const before = await heldBytes();
  const made = await make();
  const bytes = await heldBytes() - before;
  console.log(`${what}: ${megabytes(bytes)} of memory`);
  return made;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Looks the addresses up in what `makePlaces` gives each round. */
function speed(what: string, addresses: readonly string[], makePlaces: () => Places): void {
  const seconds = Array.from({ length: ROUNDS }, () => {
    const places = makePlaces();
    const start = performance.now();
    for (const address of addresses) places.lookUp(address);
    return (performance.now() - start) / 1e3;
  }).sort((a, b) => a - b);
  const perSecond = addresses.length / seconds[ROUNDS >> 1];
  console.log(
    `${what}: ${Number(perSecond.toPrecision(2)).toLocaleString("en")} look-ups a second`,
  );
}

/** A full cache of what ipinfo.io said; an address shares its place with `sharing` - 1 others. */
function fullText(sharing: number): string {
  const learntMs = Date.now();
  return placeCacheText({
    answers: addressSpread(MAX_PLACES).map((address, i) => {
      const place = Math.floor(i / sharing);
      return [address, {
        learntMs,
        place: {
          countryCode: "US",
          countryName: "United States",
          regionName: `Region ${place}`,
          cityName: `City no. ${place}`,
          latitude: 37.4056,
          longitude: -122.0775,
          asNumber: 15169,
          organization: `Network owner ${place}, Inc.`,
        },
      }];
    }),
  });
}

const countries = await measure(
  "database of countries",
  async () => openCountryDatabase(await programTable("countries")),
);
const owners = await measure(
  "table of network owners",
  async () => openOwnerDatabase(await programTable("owners")),
);
const databases = [countries, owners];

await measure(`full cache, ${MAX_PLACES} places by the databases inside`, () => {
  const places = new Places({ databases: () => databases, clock: systemClock });
  for (const address of addressSpread(MAX_PLACES + 1000)) places.lookUp(address);
  return places;
});
for (const sharing of [1, 6]) {
  const text = fullText(sharing);
  const what = `full cache, ${MAX_PLACES} addresses by ipinfo.io, ${sharing} a place`;
  console.log(`${what}: a file of ${megabytes(text.length)}`);
  await measure(what, () => {
    const places = new Places({ databases: () => databases, clock: systemClock });
    places.load(text);
    return places;
  });
}

const addresses = addressSpread(MAX_PLACES);
const remembered = new Places({ databases: () => databases, clock: systemClock });
for (const address of addresses) remembered.lookUp(address);
speed("from the cache", addresses, () => remembered);
speed(
  "from the databases inside",
  addresses,
  () => new Places({ databases: () => databases, clock: systemClock }),
);
