/**
 * The country of an address, from the database that comes with the program: no token, no network.
 *
 * The data: geo-whois-asn-country of the ip-location-db project, made from geofeeds and from the registries' WHOIS and
 * statistics (NRO, CC BY 4.0).
 */

import { openPlaceDatabase, type PlaceDatabase } from "./place_database.ts";

/** Opens the database that comes with the program (7.8 MB, kept as it is; a look-up walks its tree). */
export function openCountryDatabase(bytes: Uint8Array): PlaceDatabase {
  return openPlaceDatabase(bytes, "countries inside the program");
}
