/**
 * Where addresses are, and whose: what was found out stays in an LRU cache, which is kept over restarts.
 *
 *     lookUp() -> cache -> databases on this machine -> answered at once with what is known
 *             \-> ipinfo.io, where there is a token: asked in the background, for the records that come later
 *
 * An answer of ipinfo.io is merged with what the databases say when it is looked up; both count, and which for what, is
 * in `mergePlaces()`. The file (`ip_location_cache.json`) belongs to the caller: this gives and takes its text. It holds
 * what ipinfo.io said; what the databases say costs nothing to ask again.
 */

import { LRUCache } from "lru-cache";
import type { Clock } from "../system/clock.ts";
import { Ipinfo, type IpinfoOptions, type IpinfoState, type IpinfoStatus } from "./ipinfo.ts";
import { isEmptyPlace, mergePlaces, type Place } from "./place.ts";
import { parsePlaceCache, placeCacheText, type RememberedAnswer } from "./place_cache_text.ts";
import type { PlaceDatabase } from "./place_database.ts";

export type { Place } from "./place.ts";
export { PlaceCacheSyntaxError } from "./place_cache_text.ts";

/** What places are made from. */
export interface PlacesOptions {
  /** The databases on this machine, the most trusted first; asked for each time, for they may be replaced. */
  readonly databases: () => readonly PlaceDatabase[];
  /** How ipinfo.io is asked; without it, it is not. */
  readonly ipinfo?: Omit<IpinfoOptions, "clock" | "onAnswer" | "onPlan">;
  readonly clock: Clock;
  /** Addresses that are remembered; more push out the longest unused. @default MAX_PLACES */
  readonly maxPlaces?: number;
}

/** What one source says of an address. */
export interface SourcedPlace {
  /** `ipinfo.io`, or the name of a database. */
  readonly source: string;
  /** When it was learnt there, or when the database was made. */
  readonly asOf: Date;
  /** Empty where it was asked and knew nothing. */
  readonly place: Place;
}

/** In the cache. Times are milliseconds since 1970. */
interface Entry extends Omit<RememberedAnswer, "place"> {
  /** Where `place` was learnt: from databases on this machine, or from ipinfo.io. */
  readonly origin: "databases" | "ipinfo";
  place: Place;
  /** What it comes to, with everything else; made once. */
  merged: Place | undefined;
}

/** Addresses that are remembered. Full, with a city each, 10 MB (`scripts/dev.sh bench:places`). */
export const MAX_PLACES = 20_000;
/**
 * Places that are the same object for all addresses that have them: with the tables inside the program, 20,000
 * addresses all over the world have 3,500.
 */
const MAX_SHARED_PLACES = 4_096;
const DAY_MS = 24 * 3600e3;
const MAX_AGE_MS = 30 * DAY_MS;
/** From here on, what is used is asked for again, so that it is there when its time is over. */
const REFRESH_AGE_MS = 27 * DAY_MS;
const FAILURE_AGE_MS = 3600e3;

/** Places of addresses, remembered. */
export class Places implements Disposable {
  readonly #cache: LRUCache<string, Entry>;
  /** By their JSON. */
  readonly #shared = new LRUCache<string, Place>({ max: MAX_SHARED_PLACES });
  readonly #databases: () => readonly PlaceDatabase[];
  readonly #clock: Clock;
  readonly #ipinfo: Ipinfo | undefined;
  /** Of a former run, when there is no token now: the budget is spent all the same. */
  #keptState: IpinfoState | undefined;
  #changed = false;
  /** In the text that was last given. */
  #givenState: IpinfoState | undefined;
  #evicted = 0;

  constructor({ databases, ipinfo, clock, maxPlaces = MAX_PLACES }: PlacesOptions) {
    this.#databases = databases;
    this.#clock = clock;
    this.#cache = new LRUCache({
      max: maxPlaces,
      dispose: (_entry, _address, reason) => {
        if (reason === "evict") this.#evicted++;
      },
    });
    this.#ipinfo = ipinfo && new Ipinfo({
      ...ipinfo,
      clock,
      onAnswer: (address, place) => this.#takeAnswer(address, place),
      onPlan: () => this.#changed = true,
    });
  }

  /** Addresses remembered now. */
  get size(): number {
    return this.#cache.size;
  }

  /** Addresses that had to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** What ipinfo.io was asked, and how that goes; `undefined` without a token. */
  get ipinfoStatus(): IpinfoStatus | undefined {
    return this.#ipinfo?.status;
  }

  /** Whether there is something to save: an answer, the plan, or, at the end, what of the budget was set apart in vain. */
  hasChanged({ isLast = false } = {}): boolean {
    return this.#changed || isLast && this.#ipinfo?.isFileAhead === true;
  }

  /** Whether ipinfo.io waits until the file is saved, with the next part of the budget set apart in it. */
  get waitsForFile(): boolean {
    return this.#ipinfo?.waitsForFile === true;
  }

  /** What is known of an address in text, `undefined` where that is nothing. Never waits. */
  lookUp(address: string): Place | undefined {
    const nowMs = this.#clock.wallMs();
    const entry = this.#fresh(address, nowMs) ?? this.#learn(address, nowMs);
    if (this.#ipinfo !== undefined && isToBeAsked(entry, nowMs)) this.#ipinfo.request(address);
    if (entry === undefined) return undefined;
    entry.merged ??= entry.origin === "databases"
      ? entry.place
      : this.#merge([entry.place, ...this.#local(address)]);
    return isEmptyPlace(entry.merged) ? undefined : entry.merged;
  }

  /** As `lookUp()`, but asks nobody and remembers nothing. */
  known(address: string): Place | undefined {
    const entry = this.#cache.peek(address);
    if (entry?.merged !== undefined) return isEmptyPlace(entry.merged) ? undefined : entry.merged;
    const place = mergePlaces([
      ...(entry === undefined ? [] : [entry.place]),
      ...this.#local(address),
    ]);
    return isEmptyPlace(place) ? undefined : place;
  }

  /** What each source says of an address by itself, the most trusted first. Asks nobody. */
  sources(address: string): SourcedPlace[] {
    const entry = this.#cache.peek(address);
    const asked: SourcedPlace[] = entry?.origin === "ipinfo"
      ? [{ source: "ipinfo.io", asOf: new Date(entry.learntMs), place: entry.place }]
      : entry?.failedMs !== undefined
      ? [{ source: "ipinfo.io", asOf: new Date(entry.failedMs), place: {} }]
      : [];
    const local = this.#databases().flatMap((database) => {
      const place = database.place(address);
      return place === undefined ? [] : [{ source: database.name, asOf: database.builtAt, place }];
    });
    return [...asked, ...local];
  }

  /** Forgets which addresses were looked up. @returns how many those were */
  forget(): number {
    const { size } = this.#cache;
    this.#cache.clear();
    this.#changed ||= size > 0;
    return size;
  }

  /** The databases were replaced: what the old ones said is forgotten. */
  databasesChanged(): void {
    for (const [address, entry] of [...this.#cache.entries()]) {
      const isFromThem = entry.origin === "databases";
      if (isFromThem && entry.failedMs === undefined) this.#cache.delete(address);
      else if (isFromThem) entry.place = this.#merge(this.#local(address));
      entry.merged = undefined;
    }
  }

  /** What is to be kept, as text for its file, the longest unused first. `markSaved()` or `markUnsaved()` comes next. */
  toText({ isLast = false } = {}): string {
    this.#givenState = this.#ipinfo?.stateForFile({ isLast });
    this.#changed = false;
    return placeCacheText({
      ipinfo: this.#givenState ?? this.#keptState,
      answers: this.#answers(),
    });
  }

  /** What `toText()` gave is in the file. */
  markSaved(): void {
    if (this.#givenState !== undefined) this.#ipinfo?.filed(this.#givenState);
  }

  /** What `toText()` gave could not be saved. */
  markUnsaved(): void {
    this.#changed = true;
  }

  /**
   * Takes the text of a cache file. What is too old is left out.
   *
   * @throws {PlaceCacheSyntaxError} and takes nothing
   */
  load(text: string): void {
    const { ipinfo, answers } = parsePlaceCache(text);
    const nowMs = this.#clock.wallMs();
    for (const [address, { place, learntMs, failedMs }] of answers) {
      if (!isYoung(learntMs, nowMs)) continue;
      const known: Entry = place === undefined
        ? this.#entryOfDatabases(address, learntMs)
        : { place, origin: "ipinfo", learntMs, merged: undefined };
      this.#cache.set(address, { ...known, failedMs });
    }
    this.#keptState = ipinfo;
    if (ipinfo !== undefined) this.#ipinfo?.restore(ipinfo);
    this.#changed = false;
  }

  /** Gives up what ipinfo.io is being asked. */
  [Symbol.dispose](): void {
    this.#ipinfo?.[Symbol.dispose]();
  }

  #fresh(address: string, nowMs: number): Entry | undefined {
    const entry = this.#cache.get(address);
    return entry !== undefined && isYoung(entry.learntMs, nowMs) ? entry : undefined;
  }

  #local(address: string): Place[] {
    return this.#databases().flatMap((database) => database.place(address) ?? []);
  }

  #merge(places: readonly Place[]): Place {
    const merged = mergePlaces(places);
    const key = JSON.stringify(merged);
    const known = this.#shared.get(key);
    if (known === undefined) this.#shared.set(key, merged);
    return known ?? merged;
  }

  #learn(address: string, nowMs: number): Entry | undefined {
    const entry = this.#entryOfDatabases(address, nowMs);
    if (isEmptyPlace(entry.place)) return undefined;
    this.#cache.set(address, entry);
    return entry;
  }

  #entryOfDatabases(address: string, learntMs: number): Entry {
    const place = this.#merge(this.#local(address));
    return { place, origin: "databases", learntMs, merged: place };
  }

  #takeAnswer(address: string, place: Place | undefined): void {
    const nowMs = this.#clock.wallMs();
    this.#changed = true;
    if (place !== undefined) {
      this.#cache.set(address, { place, origin: "ipinfo", learntMs: nowMs, merged: undefined });
      return;
    }
    const known = this.#fresh(address, nowMs) ?? this.#entryOfDatabases(address, nowMs);
    this.#cache.set(address, { ...known, failedMs: nowMs });
  }

  *#answers(): Generator<readonly [string, RememberedAnswer]> {
    const nowMs = this.#clock.wallMs();
    for (const address of this.#cache.rkeys()) {
      const { origin, place, learntMs, failedMs } = this.#cache.peek(address)!;
      if (nowMs - learntMs > MAX_AGE_MS) continue;
      if (origin === "ipinfo") yield [address, { place, learntMs, failedMs }];
      else if (failedMs !== undefined) yield [address, { learntMs: failedMs, failedMs }];
    }
  }
}

/** A time that lies ahead was taken by a clock that was wrong. */
function isYoung(learntMs: number, nowMs: number): boolean {
  return nowMs - learntMs <= MAX_AGE_MS && learntMs - nowMs <= DAY_MS;
}

function isToBeAsked(entry: Entry | undefined, nowMs: number): boolean {
  if (entry === undefined) return true;
  const { failedMs, origin, learntMs } = entry;
  if (failedMs !== undefined && Math.abs(nowMs - failedMs) < FAILURE_AGE_MS) return false;
  return origin !== "ipinfo" || nowMs - learntMs >= REFRESH_AGE_MS;
}
