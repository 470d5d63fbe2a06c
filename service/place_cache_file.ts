/** The file that keeps the cache of places over restarts, `ip_location_cache.json`. */

import { dirname } from "@std/path";
import { PlaceCacheSyntaxError, type Places } from "../enrich/places.ts";
import { writeFileAtomic } from "../storage/atomic_file.ts";
import type { Say } from "./diagnostics.ts";

/** Loads it if there is one. A file that cannot be used is set aside under another name, with a warning. */
export async function loadPlaceCache(places: Places, path: string, say: Say): Promise<void> {
  try {
    places.load(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const why = `cannot use the cache of places ${path}: ${(error as Error).message}`;
    if (!(error instanceof PlaceCacheSyntaxError)) {
      say("warning", "places", `${why}. Going on without it`);
      return;
    }
    await setAside(path, why, say);
  }
}

async function setAside(path: string, why: string, say: Say): Promise<void> {
  const asidePath = `${path}.unusable`;
  try {
    await Deno.rename(path, asidePath);
    say("warning", "places", `${why}. Set aside as ${asidePath}, beginning a new one`);
  } catch (error) {
    say("warning", "places", `${why}, and cannot set it aside: ${(error as Error).message}`);
  }
}

/** Saves it if it has changed. A failure is said and otherwise harmless: the places can be found out again. */
export async function savePlaceCache(places: Places, path: string, say: Say): Promise<void> {
  if (!places.hasChanged) return;
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o750 });
    await writeFileAtomic(path, places.toText(), { mode: 0o600 });
  } catch (error) {
    places.markUnsaved();
    say("warning", "places", `cannot save the cache of places: ${(error as Error).message}`);
  }
}
