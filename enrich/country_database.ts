/**
 * The country of an address, from the database that comes with the program: no token, no network.
 *
 * The data: IP to Country Lite by DB-IP (CC BY 4.0), as the ip-location-db project packs it. `docs/places.md` has how
 * right it is, beside others.
 */

import { openPlaceDatabase, type PlaceDatabase } from "./place_database.ts";

/** Opens the database that comes with the program (8.2 MB, kept as it is; a look-up walks its tree). */
export function openCountryDatabase(bytes: Uint8Array): PlaceDatabase {
  return openPlaceDatabase(bytes, "countries inside the program");
}
