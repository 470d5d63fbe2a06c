/** The places that the logger knows, with the files that keep them: databases, and the cache over restarts. */

import { Places, type PlacesOptions } from "../enrich/places.ts";
import type { CardWrites } from "../storage/card_writes.ts";
import type { Say } from "./diagnostics.ts";
import type { LocalPlaces } from "./local_places.ts";
import { loadPlaceCache, savePlaceCache } from "./place_cache_file.ts";
import type { Settings } from "./settings.ts";

/** What places are kept with. */
export interface KeptPlacesOptions {
  readonly settings: Settings;
  readonly databases: LocalPlaces;
  readonly say: Say;
}

/** How often the cache of places is saved; a power loss costs what was learnt since, which can be asked for again. */
const CACHE_SAVE_MS = 6 * 3600e3;
/** Addresses that ipinfo.io may have been asked for without any file knowing it, should the logger be killed. */
const MAX_UNSAVED_SPENDING = 500;

/** Places, loaded once, refreshed and saved now and then. */
export class KeptPlaces implements Disposable {
  readonly places: Places;
  readonly #options: KeptPlacesOptions;
  #nextSaveAt = performance.now() + CACHE_SAVE_MS;
  #saving: Promise<void> | undefined;

  constructor(options: KeptPlacesOptions) {
    const { settings, databases, say } = options;
    this.#options = options;
    this.places = new Places({
      databases: () => databases.databases,
      ipinfo: ipinfoOptions(settings, say),
    });
  }

  /** Where places are looked up on this machine. */
  get databases(): LocalPlaces["databases"] {
    return this.#options.databases.databases;
  }

  /** Takes up what an earlier logger had learnt. */
  async load(): Promise<void> {
    const { settings, say } = this.#options;
    await loadPlaceCache(this.places, settings.placeCachePath, say);
  }

  /** Reads the user's databases again where there are newer ones. */
  async refreshDatabases(): Promise<void> {
    const { databases, say } = this.#options;
    if (await databases.refresh(say)) this.places.databasesChanged();
  }

  /** With the records, but less often, since it is written whole; the last time in any case. */
  async saveWithFlush(card: CardWrites, { isLast }: { isLast: boolean }): Promise<void> {
    if (!isLast && performance.now() < this.#nextSaveAt) return;
    this.#nextSaveAt = performance.now() + CACHE_SAVE_MS;
    await this.#save(card);
  }

  /** When so much was asked of ipinfo.io that no file knows of. */
  async saveSpending(card: CardWrites): Promise<void> {
    if (this.places.unsavedSpending >= MAX_UNSAVED_SPENDING) await this.#save(card);
  }

  /** One at a time: they write the same file. */
  async #save(card: CardWrites): Promise<void> {
    const { settings, say } = this.#options;
    this.#saving ??= savePlaceCache(this.places, settings.placeCachePath, say, card)
      .finally(() => this.#saving = undefined);
    await this.#saving;
  }

  [Symbol.dispose](): void {
    this.places[Symbol.dispose]();
  }
}

function ipinfoOptions(
  { ipinfoToken, ipinfoBudget, ipinfoUrl }: Settings,
  say: Say,
): PlacesOptions["ipinfo"] {
  if (ipinfoToken === undefined) return undefined;
  return {
    token: ipinfoToken.reveal(),
    monthlyBudget: ipinfoBudget,
    hosts: ipinfoUrl === undefined ? undefined : { api: ipinfoUrl, www: ipinfoUrl },
    onRefused: () =>
      say(
        "warning",
        "places",
        "ipinfo.io refuses the token, and is not asked any more. Set the right IPINFO_TOKEN and restart",
      ),
  };
}
