/** Forgetting places where no logger runs: the file that keeps them is written anew. */

import { Places } from "../../enrich/places.ts";
import type { Clock } from "../../system/clock.ts";
import { pathExists } from "../../system/files/path_exists.ts";
import type { Say } from "../program/diagnostics.ts";
import { PlaceCacheFile } from "./place_cache_file.ts";

/** What is spent of ipinfo.io's budget stays known. Without a file nothing is done. */
export async function forgetPlaceCache(
  path: string,
  { clock, say }: { readonly clock: Clock; readonly say: Say },
): Promise<void> {
  if (!await pathExists(path)) return;
  using places = new Places({ databases: () => [], clock });
  const file = new PlaceCacheFile({ places, path, clock, say });
  await file.load();
  places.forget();
  places.markUnsaved();
  await file.save();
}
