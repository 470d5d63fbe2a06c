/** What this process has taken of the processor. */

import process from "node:process";

/** Seconds of processor time, of user and of system, since the process began. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
