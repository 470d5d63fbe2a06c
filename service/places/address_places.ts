/** What places know of one address, with the names that the log uses: the answer to `GET /v1/places/ADDRESS`. */

import { anycastOperator } from "../../enrich/anycast.ts";
import { mergePlaces } from "../../enrich/place.ts";
import type { Places } from "../../enrich/places.ts";
import { isPublicAddress } from "../../enrich/public_address.ts";
import type { EndFields } from "../../record/log_record.ts";
import { asFields, geoFields } from "../../record/place_fields.ts";

/** What is known. */
export interface AddressPlaces {
  /** Local, reserved, multicast and documentation addresses have no place. */
  readonly isPublic: boolean;
  /** Who answers this address from many places at once, so that no place of it is true; where that is known. */
  readonly anycast?: string;
  /** What a record would say. */
  readonly geo?: EndFields["geo"];
  readonly as?: EndFields["as"];
  /** What each source says by itself, the most trusted first. */
  readonly sources: readonly {
    /** `ipinfo.io`, or the name of a database. */
    readonly source: string;
    /** When it was learnt there, or when the database was made; RFC 3339. */
    readonly asOf: string;
    readonly geo?: EndFields["geo"];
    readonly as?: EndFields["as"];
  }[];
}

/** Tells what is known of an address in text. Asks nobody. */
export function addressPlaces(address: string, places: Places): AddressPlaces {
  if (!isPublicAddress(address)) return { isPublic: false, sources: [] };
  const sources = places.sources(address);
  const merged = mergePlaces(sources.map(({ place }) => place));
  return {
    isPublic: true,
    anycast: anycastOperator(address),
    geo: geoFields(merged),
    as: asFields(merged),
    sources: sources.map(({ source, asOf, place }) => ({
      source,
      asOf: asOf.toISOString(),
      geo: geoFields(place),
      as: asFields(place),
    })),
  };
}
