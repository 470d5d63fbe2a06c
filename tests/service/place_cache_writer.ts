/**
 * A process that saves a cache of places without a pause, until it is killed. Argument: the file.
 * Each time one more place than before is in it, and all of them name the number of places there are.
 */

import { Places } from "../../enrich/places.ts";
import { savePlaceCache } from "../../service/place_cache_file.ts";

const [path] = Deno.args;
for (let count = 1000;; count++) {
  const organization = `one of ${count}`;
  const places = new Places({
    databases: () => [{ name: "a", builtAt: new Date(0), place: () => ({ organization }) }],
  });
  for (let i = 0; i < count; i++) places.lookUp(`9.9.${i >> 8}.${i & 255}`);
  await savePlaceCache(places, path, (_level, _component, message) => {
    throw new Error(message);
  });
  if (count === 1000) console.log("saved");
}
