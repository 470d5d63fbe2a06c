/**
 * Databases of places in MaxMind's format (MMDB, https://maxmind.github.io/MaxMind-DB/), which many fill and each in a
 * shape of its own. The shapes read here are those of
 *
 *     MaxMind, DB-IP    {country: {iso_code}, subdivisions: [{names: {en}}], city: {names: {en}}, location: {latitude,
 *                       longitude}}; {autonomous_system_number, autonomous_system_organization}
 *     IPinfo            {country_code, region, city, lat, lng, asn: "AS15169", as_name}; older ones {country: "US"}
 *     ip-location-db    {country_code, state1, city, latitude, longitude}; autonomous systems as MaxMind
 */

import { LRUCache } from "lru-cache";
import { bytesInMemory, type ByteSource } from "./mmdb/byte_source.ts";
import { MmdbReader, MmdbSyntaxError } from "./mmdb/mmdb_reader.ts";
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

/** Places that are remembered by where their records are, 200 bytes each: many networks have the same. */
const MAX_RECORDS = 1024;

/**
 * Opens a database; it keeps `bytes`, and a look-up walks them. One in a file that is written over meanwhile says nothing
 * any more.
 *
 * @throws {PlaceDatabaseError}
 */
export function openPlaceDatabase(bytes: Uint8Array | ByteSource, name: string): PlaceDatabase {
  const source = bytes instanceof Uint8Array ? bytesInMemory(bytes) : bytes;
  const reader = readerOf(source);
  const places = new LRUCache<number, Place>({ max: MAX_RECORDS });
  let isWhole = true;

  const find = (address: string): Place | undefined => {
    const offset = reader.offsetOf(address);
    if (offset === undefined) return undefined;
    let place = places.get(offset);
    if (place === undefined) {
      const fields = reader.record(offset);
      place = isObject(fields) ? placeOfFields(fields) : {};
      places.set(offset, place);
    }
    return isEmptyPlace(place) ? undefined : place;
  };

  try {
    const { ipVersion } = reader.metadata;
    for (const address of [...PROBES, ...(ipVersion === 6 ? PROBES_IPV6 : [])]) find(address);
  } catch (cause) {
    throw new PlaceDatabaseError("it is damaged", { cause });
  }
  return {
    name,
    builtAt: reader.metadata.builtAt,
    place(address) {
      if (!isWhole) return undefined;
      let place: Place | undefined;
      try {
        place = find(address);
      } catch {
        // Damaged where that address is.
      }
      isWhole = source.isUnchanged();
      return isWhole ? place : undefined;
    },
  };
}

function readerOf(source: ByteSource): MmdbReader {
  try {
    return new MmdbReader(source);
  } catch (cause) {
    const why = cause instanceof MmdbSyntaxError ? cause.message : "it is damaged";
    throw new PlaceDatabaseError(why, { cause });
  }
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
