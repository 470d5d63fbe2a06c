/** How long ago the machine started. */

import { readSystemFile } from "./system_file.ts";

/** Milliseconds, to the hundredth of a second, those included in which it was suspended; `undefined` where that is not told. */
export function bootMs(): number | undefined {
  const seconds = parseFloat(readSystemFile("/proc/uptime") ?? "");
  return Number.isNaN(seconds) ? undefined : seconds * 1e3;
}
