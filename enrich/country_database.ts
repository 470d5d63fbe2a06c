/**
 * The country of an address, from the database that is embedded in the program: no token, no network.
 *
 * The data: geo-whois-asn-country of the ip-location-db project, made from geofeeds and from the registries' WHOIS and
 * statistics (NRO, CC BY 4.0).
 */

import { openPlaceDatabase, type PlaceDatabase } from "./place_database.ts";

/** Loads the embedded database (7.8 MB, kept as it is; a look-up walks its tree). */
export async function openCountryDatabase(): Promise<PlaceDatabase> {
  // Imported on demand: `--version` and the like need not load it.
  const { default: bytes } = await import("country-db/geo-whois-asn-country.mmdb", {
    with: { type: "bytes" },
  });
  return openPlaceDatabase(bytes, "countries inside the program");
}
