/** Gap records for packets that could not be decoded. */

import type { Gap } from "./record_builder.ts";

/** Counts those that no gap has reported yet. */
export class BadPackets {
  #reported = 0;
  #reportedUpToUs: number;

  /** `sinceUs`: from when on packets are looked at, microseconds since 1970. */
  constructor(sinceUs: number) {
    this.#reportedUpToUs = sinceUs;
  }

  /** The gap for what came since the last call, up to `nowUs`; `undefined` when there was none. `total`: ever. */
  gap(total: number, nowUs: number): Gap | undefined {
    const count = total - this.#reported;
    const startUs = this.#reportedUpToUs;
    const endUs = Math.max(nowUs, startUs);
    this.#reported = total;
    this.#reportedUpToUs = endUs;
    return count > 0 ? { reason: "undecodable", startUs, endUs, count } : undefined;
  }
}
