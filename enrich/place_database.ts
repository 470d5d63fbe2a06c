/**
 * Databases of places in MaxMind's format (MMDB, https://maxmind.github.io/MaxMind-DB/), which many fill and each in a
 * shape of its own. The shapes read here are those of
 *
 *     MaxMind, DB-IP    {country: {iso_code}, subdivisions: [{names: {en}}], city: {names: {en}}, location: {latitude,
 *                       longitude}}; {autonomous_system_number, autonomous_system_organization}
 *     IPinfo            {country_code, region, city, lat, lng, asn: "AS15169", as_name}; older ones {country: "US"}
 *     ip-location-db    {country_code, state1, city, latitude, longitude}; autonomous systems as MaxMind
 */

import { Buffer } from "node:buffer";
import { type CountryResponse, Reader } from "mmdb-lib";
import { isCountryCode, isEmptyPlace, type Place, toPlace } from "./place.ts";

/** Looks up places. */
export interface PlaceDatabase {
  /** What a person calls it: a path, or that it is inside the program. */
  readonly name: string;
  /** When the data were gathered. */
  readonly builtAt: Date;
  /** What is known of an address in text. Never throws. */
  place(address: string): Place | undefined;
}

/** A file that is no database, or a damaged one. */
export class PlaceDatabaseError extends Error {
  override name = "PlaceDatabaseError";
}

/** A record as it may be: every part is looked at before it is used. */
interface Fields {
  readonly [name: string]: unknown;
}

/** Somewhere in the address space; a database that can be asked about these is whole as far as can be told quickly. */
const PROBES = ["1.1.1.1", "9.9.9.9", "80.80.80.80", "130.130.130.130", "200.200.200.200"];
const PROBES_IPV6 = ["2001:4860:4860::8888", "2a00::1", "2600::1"];

/**
 * Opens a database that is in memory; it keeps `bytes`, and a look-up walks them.
 *
 * @throws {PlaceDatabaseError}
 */
export function openPlaceDatabase(bytes: Uint8Array, name: string): PlaceDatabase {
  const reader = readerOf(bytes);
  const hasIpv6 = reader.metadata.ipVersion === 6;
  // The library's types know MaxMind's own shapes only.
  const fields = (address: string) => reader.get(address) as unknown;
  const find = (address: string): Place | undefined => {
    if (!hasIpv6 && address.includes(":")) return undefined;
    const found = fields(address);
    if (!isObject(found)) return undefined;
    const place = placeOfFields(found);
    return isEmptyPlace(place) ? undefined : place;
  };
  try {
    for (const address of [...PROBES, ...(hasIpv6 ? PROBES_IPV6 : [])]) find(address);
  } catch (cause) {
    throw new PlaceDatabaseError("it is damaged", { cause });
  }
  return {
    name,
    builtAt: reader.metadata.buildEpoch,
    place(address) {
      try {
        return find(address);
      } catch {
        return undefined; // damaged where that address is
      }
    },
  };
}

function readerOf(bytes: Uint8Array): Reader<CountryResponse> {
  let reader: Reader<CountryResponse>;
  try {
    reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new PlaceDatabaseError("it is no MaxMind database (MMDB), or cut short", { cause });
  }
  const { searchTreeSize, buildEpoch, ipVersion } = reader.metadata;
  const isSound = searchTreeSize < bytes.length && !Number.isNaN(buildEpoch.getTime()) &&
    (ipVersion === 4 || ipVersion === 6);
  if (!isSound) throw new PlaceDatabaseError("it is damaged");
  return reader;
}

/** The place in a record of any of the shapes. */
function placeOfFields(fields: Fields): Place {
  const { country, city, location, traits, subdivisions } = fields;
  const region = Array.isArray(subdivisions) ? subdivisions[0] : undefined;
  const at = isObject(location) ? location : fields;
  const as = isObject(traits) ? traits : fields;
  return toPlace({
    countryCode: countryCodeOf(fields.country_code, country, fields.registered_country),
    regionName: nameOf(region) ?? fields.region ?? fields.region_name ?? fields.state1,
    cityName: nameOf(city) ?? fields.city_name,
    latitude: at.latitude ?? at.lat,
    longitude: at.longitude ?? at.lng,
    asNumber: as.autonomous_system_number ?? as.asn,
    organization: as.autonomous_system_organization ?? as.as_name,
  });
}

/** The first of these that is a code, or has one. */
function countryCodeOf(...candidates: readonly unknown[]): string | undefined {
  return candidates.map((one) => isObject(one) ? one.iso_code : one).find(isCountryCode);
}

/** The English name in MaxMind's shape, or the text itself. */
function nameOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  return isObject(value.names) ? value.names.en : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
