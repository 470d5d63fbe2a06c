/**
 * A process that saves a cache of places without a pause, until it is killed. Argument: the file.
 * Each time one more place than before is in it, and all of them name the number of places there are.
 */

import { systemClock } from "../../../system/clock.ts";
import { placeCacheText } from "../../../enrich/place_cache_text.ts";
import { Places } from "../../../enrich/places.ts";
import { PlaceCacheFile } from "../../../service/places/place_cache_file.ts";

/** Long enough to be killed while it is being written: about 400 kB. */
const FIRST_COUNT = 4_000;

const [path] = Deno.args;
const say = (_level: string, _component: string, message: string) => {
  throw new Error(message);
};
for (let count = FIRST_COUNT;; count++) {
  const organization = `one of ${count}`;
  const learntMs = Date.now();
  const places = new Places({ databases: () => [], clock: systemClock });
  places.load(placeCacheText({
    answers: Array.from(
      { length: count },
      (_, i) => [`9.9.${i >> 8}.${i & 255}`, { place: { organization, asNumber: i }, learntMs }],
    ),
  }));
  places.markUnsaved();
  await new PlaceCacheFile({ places, path, clock: systemClock, say }).save();
  if (count === FIRST_COUNT) console.log("saved");
}
