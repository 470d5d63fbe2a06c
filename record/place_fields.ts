/** A place as the fields of a log record. */

import type { Place } from "../enrich/place.ts";
import type { EndFields } from "./log_record.ts";

/** Where it is; `undefined` when nothing of that is known. */
export function geoFields(place: Place): EndFields["geo"] {
  const { countryCode, countryName, regionName, cityName, latitude, longitude } = place;
  const isLocated = latitude !== undefined && longitude !== undefined;
  if (!isLocated && (countryCode ?? regionName ?? cityName) === undefined) return undefined;
  return {
    country_iso_code: countryCode,
    country_name: countryName,
    region_name: regionName,
    city_name: cityName,
    location: isLocated ? { lat: latitude, lon: longitude } : undefined,
  };
}

/** Whose network it is in; `undefined` when that is not known. */
export function asFields({ asNumber, organization }: Place): EndFields["as"] {
  if (asNumber === undefined && organization === undefined) return undefined;
  return {
    number: asNumber,
    organization: organization === undefined ? undefined : { name: organization },
  };
}
