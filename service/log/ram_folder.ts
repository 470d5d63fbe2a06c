/** Makes sure that the RAM log lies in RAM: mounts a tmpfs where that is missing and allowed. */

import { dirname } from "@std/path";
import { removeRamFiles } from "../../storage/left_over.ts";
import type { Clock } from "../../system/clock.ts";
import { isTmpfs, mountRamFolder } from "../../system/files/tmpfs.ts";
import { moveLeftOver } from "./counted_wear.ts";
import type { Say } from "../program/diagnostics.ts";
import { DEFAULT_RAM_LOG } from "../settings/setting_table.ts";
import type { Settings } from "../settings/settings.ts";

const TMPFS_BYTES = 50 << 20;

/**
 * Mounts a tmpfs at the default folder when it is none and this is root. A folder that was set to another place is the
 * user's own and is left alone. Where the log stays on a disk, that is said.
 */
export async function prepareRamFolder(
  settings: Settings,
  { clock, say }: { clock: Clock; say: Say },
): Promise<void> {
  const folder = dirname(settings.ramLogPath);
  if (isTmpfs(folder)) return;
  const notInRam = `the log in ${folder} is not in RAM and wears the disk`;
  if (settings.ramLogPath !== DEFAULT_RAM_LOG) {
    say("warning", "log", `${notInRam}. Set WIFILOGGER_RAM_LOG to a file on a tmpfs`);
    return;
  }
  if (Deno.uid() !== 0) {
    say("warning", "log", `${notInRam}. Only root can mount a tmpfs there`);
    return;
  }
  try {
    await clearFolder(settings, { clock, say });
    await mountRamFolder(folder, TMPFS_BYTES);
    say("info", "log", `mounted a tmpfs of ${TMPFS_BYTES >> 20} MB at ${folder}`);
  } catch (error) {
    say("warning", "log", `${notInRam}: ${(error as Error).message}`);
  }
}

/** Records that were written before the folder was a tmpfs would be hidden by the mount. */
async function clearFolder(
  settings: Settings,
  { clock, say }: { clock: Clock; say: Say },
): Promise<void> {
  const warn = (message: string) => say("warning", "log", message);
  await moveLeftOver(settings, { clock, warn, countToCard: true });
  await removeRamFiles(settings.ramLogPath);
}
