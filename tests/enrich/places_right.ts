/**
 * How right the countries inside the program are, beside databases in files: `scripts/dev.sh bench:right [FILE.mmdb]...`
 * Goes by the addresses of `known_places.tsv` and, where the captures are here, by how often they disagree about the
 * IPv4 addresses in those.
 */

import { openCountryDatabase } from "../../enrich/country_database.ts";
import { DatabaseFiles } from "../../enrich/database_files.ts";
import { openOwnerDatabase } from "../../enrich/owner_table.ts";
import type { PlaceDatabase } from "../../enrich/place_database.ts";
import { isPublicAddress } from "../../enrich/public_address.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { wifilogger } from "../program.ts";
import { knownPlaces } from "./known_places.ts";

function countryOf(database: PlaceDatabase, address: string): string {
  return database.place(address)?.countryCode ?? "nothing";
}

/** Public IPv4 addresses that the captures' records have. */
async function capturedAddresses(): Promise<string[]> {
  const addresses = new Set<string>();
  for (const path of capturePaths()) {
    const { stdout } = await wifilogger(["read", path]);
    for (const [, address] of stdout.matchAll(/"ip":"([^"]+)"/g)) {
      if (!address.includes(":") && isPublicAddress(address)) addresses.add(address);
    }
  }
  return [...addresses];
}

const inside = openCountryDatabase(await programTable("countries"));
const { databases } = await DatabaseFiles.open(Deno.args);
const places = knownPlaces();
for (const database of [inside, ...databases]) {
  const wrong = places.filter(({ address, country }) => countryOf(database, address) !== country);
  console.log(`${database.name}: right for ${places.length - wrong.length} of ${places.length}`);
  for (const { address, country, witness } of wrong) {
    console.log(`  ${address}: ${countryOf(database, address)}, not ${country} (${witness})`);
  }
}
const why = lacksCaptures();
if (why !== null) console.log(`captures: skipped, ${why}`);
else {
  const addresses = await capturedAddresses();
  for (const database of databases) {
    const differ = addresses.filter((one) => countryOf(inside, one) !== countryOf(database, one));
    console.log(`captures: ${differ.length} of ${addresses.length} differ from ${database.name}`);
  }
  const owners = openOwnerDatabase(await programTable("owners"));
  const unowned = addresses.filter((address) => owners.place(address) === undefined);
  console.log(`captures: ${unowned.length} of ${addresses.length} have no owner`);
}
