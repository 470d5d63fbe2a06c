/**
 * Where addresses are: what was found out stays in an LRU cache, which is kept over restarts.
 *
 * The file (`ip_location_cache.json`) belongs to the caller: this gives and takes its text.
 */

import { LRUCache } from "lru-cache";
import type { CountryDatabase } from "./country_database.ts";

/** What is known of an address's place. */
export interface Place {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly countryCode: string;
  /** The country's English name. */
  readonly countryName: string;
}

/** A place as the cache file holds it. */
interface CachedPlace {
  readonly country_iso_code: string;
  /** Where it was learnt: `embedded` is the database inside the program. */
  readonly source: "embedded";
  /** When, RFC 3339 UTC. */
  readonly learnt: string;
}

interface PlaceCacheFile {
  readonly version: 1;
  readonly places: Record<string, CachedPlace>;
}

/** A cache file that is damaged, or another program's. */
export class PlaceCacheSyntaxError extends SyntaxError {
  override name = "PlaceCacheSyntaxError";
}

/** Addresses whose place is remembered; more push out the longest unused. About 3 MB when full. */
const MAX_PLACES = 20_000;
const MAX_AGE_MS = 30 * 24 * 3600e3;

const countryNames = new Intl.DisplayNames("en", { type: "region" });

/** Places of addresses, remembered. */
export class Places {
  readonly #cache = new LRUCache<string, CachedPlace>({ max: MAX_PLACES });
  readonly #countries: CountryDatabase;
  readonly #clock: { now(): number };
  #changed = false;

  /** `clock.now()` is in milliseconds since 1970. */
  constructor(countries: CountryDatabase, clock: { now(): number } = Date) {
    this.#countries = countries;
    this.#clock = clock;
  }

  /** Addresses remembered now. */
  get size(): number {
    return this.#cache.size;
  }

  /** Whether `toText()` would say something else than what was last loaded or saved. */
  get hasChanged(): boolean {
    return this.#changed;
  }

  /** The place of an address in text, `undefined` where nothing is known. Never waits. */
  lookUp(address: string): Place | undefined {
    const cached = this.#cache.get(address) ?? this.#learn(address);
    if (cached === undefined) return undefined;
    const countryCode = cached.country_iso_code;
    return { countryCode, countryName: countryNames.of(countryCode) ?? countryCode };
  }

  #learn(address: string): CachedPlace | undefined {
    const countryCode = this.#countries.countryCode(address);
    if (countryCode === undefined || !isCountryCode(countryCode)) return undefined;
    const place: CachedPlace = {
      country_iso_code: countryCode,
      source: "embedded",
      learnt: new Date(this.#clock.now()).toISOString(),
    };
    this.#cache.set(address, place);
    this.#changed = true;
    return place;
  }

  /** The cache as text for its file, the longest unused first. */
  toText(): string {
    const places: Record<string, CachedPlace> = {};
    for (const address of this.#cache.rkeys()) places[address] = this.#cache.peek(address)!;
    const file: PlaceCacheFile = { version: 1, places };
    return JSON.stringify(file) + "\n";
  }

  /** Says that the last `toText()` is in the file. */
  markSaved(): void {
    this.#changed = false;
  }

  /**
   * Takes the text of a cache file. Places that are too old, or that an older embedded database gave, are left out.
   *
   * @throws {PlaceCacheSyntaxError} and takes nothing
   */
  load(text: string): void {
    const { places } = parseCacheFile(text);
    const oldestMs = Math.max(this.#clock.now() - MAX_AGE_MS, this.#countries.builtAt.getTime());
    for (const [address, place] of Object.entries(places)) {
      if (Date.parse(place.learnt) >= oldestMs) this.#cache.set(address, place);
    }
    this.#changed = false;
  }
}

function isCountryCode(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z]{2}$/.test(code);
}

function parseCacheFile(text: string): PlaceCacheFile {
  let file: Partial<PlaceCacheFile> | null;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new PlaceCacheSyntaxError("it is not JSON", { cause });
  }
  if (file?.version !== 1 || typeof file.places !== "object" || file.places === null) {
    throw new PlaceCacheSyntaxError("it is no cache of places of version 1");
  }
  for (const [address, place] of Object.entries<Partial<CachedPlace> | null>(file.places)) {
    const isWhole = isCountryCode(place?.country_iso_code) && place?.source === "embedded" &&
      typeof place.learnt === "string" && !Number.isNaN(Date.parse(place.learnt));
    if (!isWhole) throw new PlaceCacheSyntaxError(`its entry for ${address} is damaged`);
  }
  return file as PlaceCacheFile;
}
