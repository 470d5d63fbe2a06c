/** What the kernel knows of its own clock. */

import { loadLibc } from "./native.ts";
import { readSystemFile } from "./system_file.ts";

/** `TIME_ERROR` of adjtimex(2): nobody has set the clock by a better one since the machine started. */
const TIME_ERROR = 5;
/** Made by systemd-timesyncd once it has set the clock. */
const TIMESYNCD_FILE = "/run/systemd/timesync/synchronized";
/** `sizeof(struct timex)` is 208 on 64-bit Linux; the first field, `modes`, is 0: read only. */
const timex = new Uint8Array(256);

/**
 * Whether the system clock is kept in step with a better one (NTP): a Pi wakes up without knowing the time. A sandbox
 * that forbids setting the clock forbids this question too; then only systemd-timesyncd's own word counts.
 */
export function clockIsSynced(): boolean {
  timex.fill(0);
  const state = loadLibc().adjtimex(timex);
  return state < 0 ? readSystemFile(TIMESYNCD_FILE) !== undefined : state !== TIME_ERROR;
}
