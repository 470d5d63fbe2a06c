/** MAC addresses that are not the sender's own: a repeater or a router shows its own in place of those behind it. */

import { LRUCache } from "lru-cache";
import { macKey } from "../address/address_key.ts";
import type { Mac } from "../address/mac.ts";

/** Forwarders remembered; more push out the longest unused. A household has a few. */
const MAX_FORWARDERS = 256;
/** How long one is taken for one after it was last seen to forward. */
const LIFETIME_US = 24 * 3600e6;

/** Which devices forward for others. Times are in microseconds since 1970. */
export class LinkForwarders {
  /** When each was last seen to. */
  readonly #seenUs = new LRUCache<string, number>({ max: MAX_FORWARDERS });

  /** Forwarders remembered now. */
  get size(): number {
    return this.#seenUs.size;
  }

  /** A packet of somebody else's came from a MAC address. */
  add(mac: Mac, nowUs: number): void {
    this.#seenUs.set(macKey(mac), nowUs);
  }

  has(mac: Mac, nowUs: number): boolean {
    const seenUs = this.#seenUs.get(macKey(mac));
    return seenUs !== undefined && nowUs - seenUs <= LIFETIME_US;
  }
}
