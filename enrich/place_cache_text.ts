/** The text of the cache file, `ip_location_cache.json`: version 2. */

import type { IpinfoState } from "./ipinfo.ts";
import { isIpinfoPlan } from "./ipinfo_plan.ts";
import { type Place, toPlace } from "./place.ts";

/** Where a remembered place was learnt: from databases on this machine, or from ipinfo.io. */
export type PlaceOrigin = "databases" | "ipinfo";

/** A place as it is remembered. Times are milliseconds since 1970. */
export interface RememberedPlace {
  /** May be empty, where only a failure is remembered. */
  readonly place: Place;
  readonly origin: PlaceOrigin;
  readonly learntMs: number;
  /** When ipinfo.io had last nothing to say. */
  readonly failedMs?: number;
}

/** What the file holds. */
export interface PlaceCacheContent {
  readonly ipinfo?: IpinfoState;
  /** Which databases the places of origin `databases` came from. */
  readonly databases: readonly string[];
  /** By address, the longest unused first. */
  readonly places: Iterable<readonly [string, RememberedPlace]>;
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
  readonly source?: unknown;
  readonly learnt?: unknown;
  readonly failed?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const VERSION = 2;

/** Writes it. */
export function placeCacheText({ ipinfo, databases, places }: PlaceCacheContent): string {
  const written: [string, WrittenPlace][] = [];
  for (const [address, remembered] of places) written.push([address, writtenPlace(remembered)]);
  const file = { version: VERSION, ipinfo, databases, places: Object.fromEntries(written) };
  return JSON.stringify(file) + "\n";
}

/** Reads it. @throws {PlaceCacheSyntaxError} */
export function parsePlaceCache(text: string): PlaceCacheContent {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new PlaceCacheSyntaxError("it is not JSON", { cause });
  }
  const { version, ipinfo, databases, places } = isObject(file) ? file : {};
  if (version !== VERSION || !isObject(places) || !isListOfText(databases)) {
    throw new PlaceCacheSyntaxError(`it is no cache of places of version ${VERSION}`);
  }
  return {
    ipinfo: ipinfo === undefined ? undefined : readState(ipinfo),
    databases,
    places: Object.entries(places).map(([address, place]) => [address, readPlace(address, place)]),
  };
}

function writtenPlace({ place, origin, learntMs, failedMs }: RememberedPlace): WrittenPlace {
  const { countryCode, regionName, cityName, latitude, longitude, asNumber, organization } = place;
  const isOwned = asNumber !== undefined || organization !== undefined;
  return {
    country_iso_code: countryCode,
    region_name: regionName,
    city_name: cityName,
    location: latitude === undefined ? undefined : { lat: latitude, lon: longitude },
    as: isOwned ? { number: asNumber, organization } : undefined,
    source: origin,
    learnt: new Date(learntMs).toISOString(),
    failed: failedMs === undefined ? undefined : new Date(failedMs).toISOString(),
  };
}

function readPlace(address: string, written: unknown): RememberedPlace {
  const { location, as, source, learnt, failed, ...where } = isObject(written) ? written : {};
  const learntMs = time(learnt);
  const failedMs = time(failed);
  const isWhole = (source === "databases" || source === "ipinfo") && learntMs !== undefined &&
    (failed === undefined || failedMs !== undefined);
  if (!isWhole) throw new PlaceCacheSyntaxError(`its entry for ${address} is damaged`);
  const { lat, lon } = isObject(location) ? location : {};
  const { number, organization } = isObject(as) ? as : {};
  const place = toPlace({
    countryCode: where.country_iso_code,
    regionName: where.region_name,
    cityName: where.city_name,
    latitude: lat,
    longitude: lon,
    asNumber: number,
    organization,
  });
  return { place, origin: source, learntMs, failedMs };
}

function readState(state: unknown): IpinfoState {
  const { plan, takesBatches, budget } = isObject(state) ? state : {};
  const { month, spent } = isObject(budget) ? budget : {};
  const isWhole = (plan === undefined || isIpinfoPlan(plan)) &&
    (takesBatches === undefined || typeof takesBatches === "boolean") &&
    typeof month === "string" && /^\d{4}-\d\d$/.test(month) &&
    typeof spent === "number" && Number.isInteger(spent) && spent >= 0;
  if (!isWhole) throw new PlaceCacheSyntaxError("what it says of ipinfo.io is damaged");
  return { plan, takesBatches, budget: { month, spent } };
}

function time(text: unknown): number | undefined {
  const ms = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
