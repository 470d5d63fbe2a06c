/** What the kernel knows of its own clock. */

import { loadLibc } from "./native.ts";

/** `TIME_ERROR` of adjtimex(2): nobody has set the clock by a better one since the machine started. */
const TIME_ERROR = 5;
/** `sizeof(struct timex)` is 208 on 64-bit Linux; the first field, `modes`, is 0: read only. */
const timex = new Uint8Array(256);

/**
 * Whether the system clock is kept in step with a better one (NTP): a Pi wakes up without knowing the time. `undefined`
 * when the kernel does not say: a sandbox that forbids setting the clock forbids this question too.
 */
export function kernelClockIsSynced(): boolean | undefined {
  timex.fill(0);
  const state = loadLibc().adjtimex(timex);
  return state < 0 ? undefined : state !== TIME_ERROR;
}
