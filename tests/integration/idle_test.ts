/** What the executable takes of a machine on which nothing passes. */

import { memory, wakeUps } from "../../scripts/bench/process_usage.ts";
import { seconds, Wire } from "../../scripts/bench/wire.ts";
import { compiled } from "../appliance/compiled.ts";
import { assert, assertLessOrEqual } from "../assert.ts";
import { whyNoRuntimeBase } from "../scripts/runtime_base_missing.ts";
import { testWhen } from "../skip.ts";
import { liveMissing } from "./live_household.ts";

/** What the start needed is let go of 10 seconds after it. */
const SETTLE_SECONDS = 13;
const MOST_RESIDENT = 85e6;
const MOST_WAKE_UPS = 3;
const WINDOW_SECONDS = 5;
/** V8 tidies up now and then, which wakes its threads: the median leaves that out. */
const WINDOWS = 5;

testWhen(
  liveMissing ?? await whyNoRuntimeBase(),
  "run holds 85 MB at most and wakes three times a second at most when nothing passes",
  async () => {
    const binary = await compiled(Deno.build.arch);
    await using wire = await Wire.open();
    const { pid } = await wire.startLogger(binary);
    await seconds(SETTLE_SECONDS);
    const { resident } = memory(pid);
    assertLessOrEqual(resident, MOST_RESIDENT);
    const perSecond: number[] = [];
    for (let i = 0; i < WINDOWS; i++) {
      const before = wakeUps(pid);
      await seconds(WINDOW_SECONDS);
      perSecond.push((wakeUps(pid) - before) / WINDOW_SECONDS);
    }
    const median = perSecond.toSorted((a, b) => a - b)[(WINDOWS - 1) / 2];
    assert(median <= MOST_WAKE_UPS, `wake-ups a second: ${perSecond.join(", ")}`);
  },
);
