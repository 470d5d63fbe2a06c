/**
 * The text of the cache file, `ip_location_cache.json`: version 3.
 *
 *     {"version": 3, "ipinfo": {"plan": "core", "takesBatches": true, "budget": {"month": "2026-11", "spent": 812}},
 *      "places": [{"country_iso_code": "US", "city_name": "Mountain View", ...}, ...],
 *      "addresses": {"8.8.8.8": [0, 1795348800], "9.9.9.9": [null, 1795348800, 1795348800], ...}}
 *
 * An address has the number of its place, or null where ipinfo.io knew none; when that was learnt, in seconds since
 * 1970; and, where it was asked in vain, when. Many addresses have the same place, which is why it is written
 * once: the file is a quarter as long, and it is written whole to a card that every write wears.
 */

import type { IpinfoState } from "./ipinfo.ts";
import { isIpinfoPlan } from "./ipinfo_plan.ts";
import { type Place, toPlace } from "./place.ts";

/** What ipinfo.io said of an address. Times are milliseconds since 1970; the file holds whole seconds. */
export interface RememberedAnswer {
  /** Absent where it knew nothing. */
  readonly place?: Place;
  readonly learntMs: number;
  /** When it had last nothing to say. */
  readonly failedMs?: number;
}

/** What the file holds: what asking was paid for, and no more. */
export interface PlaceCacheContent {
  readonly ipinfo?: IpinfoState;
  /** By address, the longest unused first. */
  readonly answers: Iterable<readonly [string, RememberedAnswer]>;
}

/** A cache file that is damaged, older, or another program's. */
export class PlaceCacheSyntaxError extends SyntaxError {
  override name = "PlaceCacheSyntaxError";
}

/** A place as the file holds it, with the names that the log uses. */
interface WrittenPlace {
  readonly country_iso_code?: unknown;
  readonly region_name?: unknown;
  readonly city_name?: unknown;
  readonly location?: { readonly lat?: unknown; readonly lon?: unknown };
  readonly as?: { readonly number?: unknown; readonly organization?: unknown };
}

/** The number of its place, when it was learnt, when it failed. */
type WrittenAnswer = readonly [place: number | null, learnt: number, failed?: number];

type Fields = Readonly<Record<string, unknown>>;

const VERSION = 3;

/** Writes it. */
export function placeCacheText({ ipinfo, answers }: PlaceCacheContent): string {
  const numbers = new Map<string, number>();
  const known = new Map<Place, number>();
  const numberOf = (place: Place): number => {
    const text = JSON.stringify(writtenPlace(place));
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    known.set(place, number);
    return number;
  };
  const addresses = Object.fromEntries(
    Array.from(answers, ([address, { place, learntMs, failedMs }]): [string, WrittenAnswer] => {
      const number = place === undefined ? null : known.get(place) ?? numberOf(place);
      const learnt = seconds(learntMs);
      return [
        address,
        failedMs === undefined ? [number, learnt] : [number, learnt, seconds(failedMs)],
      ];
    }),
  );
  const head = JSON.stringify({ version: VERSION, ipinfo }).slice(0, -1);
  const places = `[${[...numbers.keys()].join(",")}]`;
  return `${head},"places":${places},"addresses":${JSON.stringify(addresses)}}\n`;
}

/** Reads it. @throws {PlaceCacheSyntaxError} */
export function parsePlaceCache(text: string): PlaceCacheContent {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new PlaceCacheSyntaxError("it is not JSON", { cause });
  }
  const { version, ipinfo, places, addresses } = isObject(file) ? file : {};
  if (version !== VERSION || !Array.isArray(places) || !isObject(addresses)) {
    throw new PlaceCacheSyntaxError(`it is no cache of places of version ${VERSION}`);
  }
  const readPlaces = places.map(readPlace);
  return {
    ipinfo: ipinfo === undefined ? undefined : readState(ipinfo),
    answers: Object.entries(addresses).map((
      [address, written],
    ) => [address, readAnswer(address, written, readPlaces)]),
  };
}

function writtenPlace(place: Place): WrittenPlace {
  const { countryCode, regionName, cityName, latitude, longitude, asNumber, organization } = place;
  const isOwned = asNumber !== undefined || organization !== undefined;
  return {
    country_iso_code: countryCode,
    region_name: regionName,
    city_name: cityName,
    location: latitude === undefined ? undefined : { lat: latitude, lon: longitude },
    as: isOwned ? { number: asNumber, organization } : undefined,
  };
}

function readPlace(written: unknown): Place {
  if (!isObject(written)) throw new PlaceCacheSyntaxError("one of its places is damaged");
  const { country_iso_code, region_name, city_name, location, as } = written;
  const { lat, lon } = isObject(location) ? location : {};
  const { number, organization } = isObject(as) ? as : {};
  return toPlace({
    countryCode: country_iso_code,
    regionName: region_name,
    cityName: city_name,
    latitude: lat,
    longitude: lon,
    asNumber: number,
    organization,
  });
}

function readAnswer(
  address: string,
  written: unknown,
  places: readonly Place[],
): RememberedAnswer {
  const [number, learnt, failed] = Array.isArray(written) ? written : [];
  const place = typeof number === "number" ? places[number] : undefined;
  const isWhole = (number === null || place !== undefined) && Number.isFinite(learnt) &&
    (failed === undefined || Number.isFinite(failed));
  if (!isWhole) throw new PlaceCacheSyntaxError(`its entry for ${address} is damaged`);
  return {
    place,
    learntMs: learnt * 1e3,
    failedMs: failed === undefined ? undefined : failed * 1e3,
  };
}

function readState(state: unknown): IpinfoState {
  const { plan, takesBatches, budget } = isObject(state) ? state : {};
  const { month, spent } = isObject(budget) ? budget : {};
  const isWhole = (plan === undefined || isIpinfoPlan(plan)) &&
    typeof takesBatches === (plan === undefined ? "undefined" : "boolean") &&
    typeof month === "string" && /^\d{4}-\d\d$/.test(month) &&
    typeof spent === "number" && Number.isInteger(spent) && spent >= 0;
  if (!isWhole) throw new PlaceCacheSyntaxError("what it says of ipinfo.io is damaged");
  return { plan, takesBatches: takesBatches as boolean | undefined, budget: { month, spent } };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1e3);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
