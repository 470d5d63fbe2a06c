/** How long ago the machine started. Not from /proc/uptime, which a sandbox may hide. */

import { loadLibc } from "./native.ts";

const CLOCK_BOOTTIME = 7;
/** `struct timespec`: seconds and nanoseconds, 64 bits each. */
const timespec = new BigInt64Array(2);

/** Milliseconds, those included in which it was suspended; `undefined` where that is not told. */
export function bootMs(): number | undefined {
  if (loadLibc().clock_gettime(CLOCK_BOOTTIME, timespec) !== 0) return undefined;
  return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
}
