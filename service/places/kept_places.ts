/** The places that the logger knows, with the files that keep them: databases, and the cache over restarts. */

import { Places, type PlacesOptions } from "../../enrich/places.ts";
import type { CardWrites } from "../../storage/card/card_writes.ts";
import type { Clock } from "../../system/clock.ts";
import type { Say } from "../program/diagnostics.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import { asksForAddresses } from "./fetched_databases.ts";
import { forgetPlaceCache } from "./forget_places.ts";
import type { LocalPlaces } from "./local_places.ts";
import { PlaceCacheFile } from "./place_cache_file.ts";
import type { Settings } from "../settings/settings.ts";

/** What places are kept with. */
export interface KeptPlacesOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Whether the network has set it. @default never */
  readonly clockIsSynced?: () => boolean;
  readonly databases: LocalPlaces;
  readonly say: Say;
}

/** Addresses of ipinfo.io's budget that a kill may cost: each time so many are spent, the cache of places is saved. */
const IPINFO_BUDGET_BLOCK = 100;

/** Places, loaded once, refreshed and saved now and then. */
export class KeptPlaces implements Disposable {
  readonly places: Places;
  readonly #options: KeptPlacesOptions;
  readonly #cacheFile: PlaceCacheFile;

  constructor(options: KeptPlacesOptions) {
    const { settings, clock, clockIsSynced, databases, say } = options;
    const ipinfo = ipinfoOptions(settings, say);
    this.#options = options;
    this.places = new Places({
      databases: () => databases.databases,
      clock,
      ipinfo: ipinfo && { ...ipinfo, clockIsSynced },
    });
    this.#cacheFile = new PlaceCacheFile({
      places: this.places,
      path: settings.placeCachePath,
      clock,
      say,
    });
  }

  /** Where places are looked up on this machine. */
  get databases(): LocalPlaces["databases"] {
    return this.#options.databases.databases;
  }

  /** Takes up what an earlier logger had learnt; but not where the log is not to know which addresses there were. */
  async load(): Promise<void> {
    if (this.#options.settings.privacy === "full") await this.#cacheFile.load();
  }

  /** Reads the user's databases again where there are newer ones. */
  refreshDatabases(): void {
    const { databases, say } = this.#options;
    if (databases.refresh(say)) this.places.databasesChanged();
  }

  /** Forgets which addresses were looked up, in the file too. */
  async forget(card: CardWrites): Promise<void> {
    const { clock, say, settings: { placeCachePath, privacy } } = this.#options;
    this.places.forget();
    if (!await pathExists(placeCachePath)) return;
    // What is too old to be remembered is in the file still; what is not to be known was never read.
    if (privacy !== "full") return await forgetPlaceCache(placeCachePath, { clock, say });
    this.places.markUnsaved();
    await this.#cacheFile.save({ card });
  }

  /** With the records, when anything was learnt since. */
  async saveWithFlush(card: CardWrites, { isLast }: { isLast: boolean }): Promise<void> {
    await this.#cacheFile.save({ isLast, card });
  }

  /** To be called each second: saves when ipinfo.io may only be asked on after that. */
  async saveSpending(card: CardWrites): Promise<void> {
    await this.#cacheFile.saveIfWaitedFor({ card });
  }

  [Symbol.dispose](): void {
    this.places[Symbol.dispose]();
    this.#options.databases[Symbol.dispose]();
  }
}

function ipinfoOptions(
  { ipinfoToken, ipinfoUse, ipinfoBudget, ipinfoUrl, privacy }: Settings,
  say: Say,
): PlacesOptions["ipinfo"] {
  // What is asked for is told to others, and its answers are kept by address.
  if (privacy !== "full") return undefined;
  if (ipinfoToken === undefined || !asksForAddresses(ipinfoUse)) return undefined;
  return {
    token: ipinfoToken.reveal(),
    monthlyBudget: ipinfoBudget,
    budgetBlock: IPINFO_BUDGET_BLOCK,
    hosts: ipinfoUrl === undefined ? undefined : { api: ipinfoUrl, www: ipinfoUrl },
    onRefused: () =>
      say(
        "warning",
        "places",
        "ipinfo.io refuses the token, and is not asked any more. Set the right IPINFO_TOKEN and restart",
      ),
  };
}
