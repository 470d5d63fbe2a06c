/**
 * Whether the network keeps the clock: the kernel's word or, in a sandbox that keeps it from answering, that of
 * systemd-timesyncd, which leaves a file, or of systemd-timedated, which is asked in the background.
 */

import type { Clock } from "./clock.ts";
import { kernelClockIsSynced } from "./kernel_clock.ts";
import { readSystemFile } from "./system_file.ts";
import { askTimedated } from "./timedated.ts";

/** Made by systemd-timesyncd once it has set the clock. */
const TIMESYNCD_FILE = "/run/systemd/timesync/synchronized";
/** The daemon ends itself 30 s after a question: asked more often, it would stay. */
const ASK_AGAIN_MS = 60_000;
/** The kernel takes a clock for lost only hours after the network was. */
const ASK_AGAIN_SYNCED_MS = 600_000;

/** A look at the clock that costs little, to be had once a second; no before the first answer is there. */
export function clockSync(clock: Clock): () => boolean {
  let told = false;
  let nextAskAt = 0;
  const ask = async () => {
    nextAskAt = Infinity;
    try {
      told = await askTimedated();
    } catch {
      told = false; // nobody here knows
    }
    nextAskAt = clock.monotonicMs() + (told ? ASK_AGAIN_SYNCED_MS : ASK_AGAIN_MS);
  };
  return () => {
    const kernelSays = kernelClockIsSynced();
    if (kernelSays !== undefined) return kernelSays;
    if (readSystemFile(TIMESYNCD_FILE) !== undefined) return true;
    if (clock.monotonicMs() >= nextAskAt) void ask();
    return told;
  };
}
