/**
 * Forgets the guest, and is killed at one of its steps. Arguments: RAM log, archive folder, cache of places, number of the
 * step to die at. Prints `done` at last.
 */

import { forgetLog } from "../../forget/forget_log.ts";
import { moveLeftOver } from "../../service/log/counted_wear.ts";
import { forgetPlaceCache } from "../../service/places/forget_places.ts";
import { systemClock } from "../../system/clock.ts";
import { dieAtStep } from "../die_at_step.ts";
import { FORGET_GUEST } from "./kept_home.ts";

const [ramLogPath, archiveDir, cachePath, step] = Deno.args;
const clock = systemClock;
await forgetLog({
  archiveDir,
  order: FORGET_GUEST,
  compressLevel: 6,
  flush: async () => {
    await moveLeftOver({ ramLogPath, archiveDir }, { clock, warn: () => {} });
    // A flush that is killed has a test of its own.
    dieAtStep(Number(step));
  },
  forgetPlaces: () => forgetPlaceCache(cachePath, { clock, say: () => {} }),
});
console.log("done");
