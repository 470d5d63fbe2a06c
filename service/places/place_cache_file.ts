/** The file that keeps the cache of places over restarts, `ip_location_cache.json`. */

import { dirname } from "@std/path";
import { PlaceCacheSyntaxError, type Places } from "../../enrich/places.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import type { CardWrites } from "../../storage/card/card_writes.ts";
import type { Clock } from "../../system/clock.ts";
import type { Say } from "../program/diagnostics.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";

/** What the file is made from. */
export interface PlaceCacheFileOptions {
  readonly places: Places;
  readonly path: string;
  readonly clock: Clock;
  readonly say: Say;
}

/** How the file is saved. */
export interface SaveOptions {
  /** Whether nothing is asked any more: what of ipinfo.io's budget was set apart is given back. @default false */
  readonly isLast?: boolean;
  /** Called with what was written. @default nobody listens */
  readonly card?: CardWrites;
}

/** Between two tries that only ipinfo.io's budget asks for, when the first has failed. */
const RETRY_MS = 60_000;

/** A cache and its file. */
export class PlaceCacheFile {
  readonly #options: PlaceCacheFileOptions;
  /** The write under way, and those that wait for it; never rejects. */
  #saved: Promise<void> = Promise.resolve();
  #isSaving = false;
  #isFailing = false;
  #nextTryAt = 0;

  constructor(options: PlaceCacheFileOptions) {
    this.#options = options;
  }

  /** Loads it if there is one. A file that cannot be used is set aside under another name, with a warning. */
  async load(): Promise<void> {
    const { places, path, say } = this.#options;
    try {
      places.load(await readOwnText(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      const why = `cannot use the cache of places ${path}: ${(error as Error).message}`;
      if (error instanceof PlaceCacheSyntaxError) await this.#setAside(why);
      else say("warning", "places", `${why}. Going on without it`);
    }
  }

  /** Saves it if it has changed. A failure is said, once, and the next call tries again. */
  save(options: SaveOptions = {}): Promise<void> {
    this.#saved = this.#saved.then(() => this.#saveNow(options));
    return this.#saved;
  }

  /** To be called each second: saves it if ipinfo.io waits for that, with the next part of its budget set apart. */
  async saveIfWaitedFor(options: SaveOptions = {}): Promise<void> {
    const { places, clock } = this.#options;
    const isDue = places.waitsForFile && !this.#isSaving &&
      clock.monotonicMs() >= this.#nextTryAt;
    if (isDue) await this.save(options);
  }

  async #saveNow({ isLast = false, card }: SaveOptions): Promise<void> {
    const { places, path, clock, say } = this.#options;
    if (!places.hasChanged({ isLast }) && !places.waitsForFile) return;
    this.#isSaving = true;
    try {
      await makeOwnFolder(dirname(path));
      await writeFileAtomic(path, places.toText({ isLast }), { mode: 0o600, card });
      places.markSaved();
      this.#isFailing = false;
    } catch (error) {
      places.markUnsaved();
      this.#nextTryAt = clock.monotonicMs() + RETRY_MS;
      if (!this.#isFailing) {
        const why = (error as Error).message;
        say("warning", "places", `cannot save the cache of places ${path}: ${why}${this.#cost()}`);
      }
      this.#isFailing = true;
    } finally {
      this.#isSaving = false;
    }
  }

  /** What that means for ipinfo.io, whose budget is counted there. */
  #cost(): string {
    const isAsked = this.#options.places.ipinfoStatus !== undefined;
    return isAsked
      ? ". Until it can be, ipinfo.io is asked for no more than is set apart in it"
      : "";
  }

  async #setAside(why: string): Promise<void> {
    const { path, say } = this.#options;
    const asidePath = `${path}.unusable`;
    try {
      await Deno.rename(path, asidePath);
      say("warning", "places", `${why}. Set aside as ${asidePath}, beginning a new one`);
    } catch (error) {
      say("warning", "places", `${why}, and cannot set it aside: ${(error as Error).message}`);
    }
  }
}
