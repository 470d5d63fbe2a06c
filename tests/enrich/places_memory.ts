/**
 * What places hold in memory: `deno run -A --v8-flags=--expose-gc tests/enrich/places_memory.ts`. Each figure is what the
 * process holds more than before, after a collection.
 */

import { openCountryDatabase } from "../../enrich/country_database.ts";
import { openOwnerDatabase } from "../../enrich/owner_table.ts";
import type { PlaceDatabase } from "../../enrich/place_database.ts";
import { toPlace } from "../../enrich/place.ts";
import { MAX_PLACES, Places } from "../../enrich/places.ts";
import { programTable } from "../../service/program_tables.ts";
import { addressSpread } from "./address_spread.ts";

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
  console.log(`${what}: ${(bytes / 1e6).toFixed(1)} MB`);
  return made;
}

const countries = await measure(
  "database of countries",
  async () => openCountryDatabase(await programTable("countries")),
);
const owners = await measure(
  "table of network owners",
  async () => openOwnerDatabase(await programTable("owners")),
);

/** Everything known of every address, in strings of its own each, as answers of ipinfo.io come. */
const cities: PlaceDatabase = {
  name: "a",
  builtAt: new Date(0),
  place: (address) =>
    toPlace({
      countryCode: "US",
      regionName: `Region of ${address}`,
      cityName: `City of ${address}`,
      latitude: 37.4056,
      longitude: -122.0775,
      asNumber: 15169,
      organization: `Owner of ${address}`,
    }),
};

for (
  const [what, databases] of [["databases inside", [countries, owners]], ["cities", [
    cities,
  ]]] as const
) {
  await measure(`full cache, ${MAX_PLACES} places by ${what}`, () => {
    const places = new Places({ databases: () => databases });
    for (const address of addressSpread(MAX_PLACES + 1000)) places.lookUp(address);
    return places;
  });
}
