/** Telling in gap records of packets that could not be decoded. */

import type { Gap } from "./record_builder.ts";

/** Counts those that no gap has told of yet. */
export class BadPackets {
  #told = 0;
  #toldUs: number;

  /** `sinceUs`: from when on packets are looked at, microseconds since 1970. */
  constructor(sinceUs: number) {
    this.#toldUs = sinceUs;
  }

  /** The gap for what came since the last call, up to `nowUs`; `undefined` when there was none. `total`: ever. */
  gap(total: number, nowUs: number): Gap | undefined {
    const count = total - this.#told;
    const startUs = this.#toldUs;
    const endUs = Math.max(nowUs, startUs);
    this.#told = total;
    this.#toldUs = endUs;
    return count > 0 ? { reason: "undecodable", startUs, endUs, count } : undefined;
  }
}
