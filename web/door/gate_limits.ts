/** What the gate before the pages lets through. */

import type { GateLimits } from "../../system/gate/visitor.ts";

/** systemd-socket-proxyd lets through 256 at once; with fewer here, it is the gate that chooses who has to go. */
export const GATE_LIMITS: GateLimits = {
  maxConnections: 200,
  maxHeadBytes: 64 << 10,
  requestMs: 10_000,
  idleMs: 60_000,
  writeMs: 20_000,
};
