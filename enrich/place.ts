/** What can be known of an address: where it is, and whose network it is in. */

/** What is known; every part may be missing. */
export interface Place {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly countryCode?: string;
  /** The country's English name; there whenever the code is. */
  readonly countryName?: string;
  /** State, canton, province. */
  readonly regionName?: string;
  readonly cityName?: string;
  /** Degrees, north positive. There with `longitude` or not at all. */
  readonly latitude?: number;
  /** Degrees, east positive. */
  readonly longitude?: number;
  /** Number of the autonomous system that announces the address. */
  readonly asNumber?: number;
  /** Who runs that autonomous system. */
  readonly organization?: string;
}

/** The same as a source gives it: anything may be anything. */
export type RawPlace = { readonly [part in Exclude<keyof Place, "countryName">]?: unknown };

/** Longer names are cut: no source has them, and a lying one must not fill the log. */
const MAX_NAME_LENGTH = 120;
/** Four decimals, ten metres: more than anybody knows, and what single precision leaves behind them is noise. */
const DEGREE_PARTS = 1e4;
const MAX_AS_NUMBER = 2 ** 32 - 1;

const displayNames = new Intl.DisplayNames("en", { type: "region" });
/** Kept, because making a name takes longer than the rest of a look-up, and a copy each would fill the cache. */
const countryNames = new Map<string, string>();

/** The English name of a country, by its code; the code itself where no country has it. */
export function countryNameOf(code: string): string {
  let name = countryNames.get(code);
  if (name === undefined) {
    name = displayNames.of(code) ?? code;
    countryNames.set(code, name);
  }
  return name;
}

/**
 * A place out of what a source gave. Parts of the wrong kind are left out; numbers may be text. An AS number may have its
 * `AS` before it.
 */
export function toPlace(raw: RawPlace): Place {
  const countryCode = isCountryCode(raw.countryCode) ? raw.countryCode : undefined;
  const latitude = degrees(raw.latitude, 90);
  const longitude = degrees(raw.longitude, 180);
  const isLocated = latitude !== undefined && longitude !== undefined;
  const place: Place = {
    countryCode,
    countryName: countryCode && countryNameOf(countryCode),
    regionName: name(raw.regionName),
    cityName: name(raw.cityName),
    latitude: isLocated ? latitude : undefined,
    longitude: isLocated ? longitude : undefined,
    asNumber: asNumber(raw.asNumber),
    organization: name(raw.organization),
  };
  return withoutMissing(place);
}

/** Whether nothing is known. */
export function isEmptyPlace(place: Place): boolean {
  for (const _part in place) return false;
  return true;
}

/**
 * One place out of several, the most trusted first. What belongs together stays together: where it is comes from the
 * first that knows the city, otherwise the country, and whose it is from the first that knows the network.
 */
export function mergePlaces(places: readonly Place[]): Place {
  const where = places.find(({ cityName }) => cityName !== undefined) ??
    places.find(({ countryCode }) => countryCode !== undefined);
  const whose = places.find(({ asNumber }) => asNumber !== undefined) ??
    places.find(({ organization }) => organization !== undefined);
  return withoutMissing({ ...where, asNumber: whose?.asNumber, organization: whose?.organization });
}

/** Whether this is the code of a country, or may be. */
export function isCountryCode(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z]{2}$/.test(code);
}

/** Each address that is new comes here three times: 0.05 us by hand, 0.3 by `Object.entries()` and `Object.fromEntries()`. */
function withoutMissing(place: Place): Place {
  const kept: Record<string, unknown> = {};
  for (const part in place) {
    const value = place[part as keyof Place];
    if (value !== undefined) kept[part] = value;
  }
  return kept;
}

function name(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.trim().slice(0, MAX_NAME_LENGTH) || undefined;
}

function degrees(value: unknown, most: number): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !(Math.abs(number) <= most)) return undefined;
  return Math.round(number * DEGREE_PARTS) / DEGREE_PARTS;
}

function asNumber(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(/^(?:AS)?(\d{1,10})$/.exec(value)?.[1]) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return undefined;
  return number > 0 && number <= MAX_AS_NUMBER ? number : undefined;
}
