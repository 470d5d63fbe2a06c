/** Which device has which address, as DHCP gave it out. */

import { LRUCache } from "lru-cache";
import type { AddressWords } from "../address/address.ts";
import { addressKey } from "../address/address_key.ts";
import { isSameMac, type Mac } from "../address/mac.ts";

/** Leases remembered; more push out the longest unused. */
const MAX_LEASES = 2048;
const DAY_US = 24 * 3600e6;
/**
 * A lease is believed at least so long: renewals go from the client straight to the server, where a switch keeps them
 * from others, while whoever is to have the address next asks for it aloud.
 */
const MIN_LIFETIME_US = DAY_US;
/** And no longer than this, though it be given for ever. */
const MAX_LIFETIME_US = 30 * DAY_US;

/** An address, and the device that has it from now on. */
export interface Grant {
  readonly address: AddressWords;
  readonly holder: Mac;
  /** Microseconds since 1970. */
  readonly grantedUs: number;
  /** @default 0 */
  readonly leaseSeconds?: number;
}

interface Lease {
  readonly holder: Mac;
  readonly endUs: number;
}

/** Leases by address. */
export class DhcpLeases {
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_LEASES });

  /** Leases remembered now. */
  get size(): number {
    return this.#leases.size;
  }

  /** Who has an address at a time in microseconds since 1970; `undefined` when nobody is known to. */
  holder(address: AddressWords, nowUs: number): Mac | undefined {
    const lease = this.#leases.get(addressKey(address));
    return lease !== undefined && nowUs <= lease.endUs ? lease.holder : undefined;
  }

  /** An address was given to a device, or the device says so. */
  grant({ address, holder, grantedUs, leaseSeconds = 0 }: Grant): void {
    const lifetimeUs = Math.min(Math.max(leaseSeconds * 1e6, MIN_LIFETIME_US), MAX_LIFETIME_US);
    this.#leases.set(addressKey(address), { holder, endUs: grantedUs + lifetimeUs });
  }

  /** A device gives an address back, or finds that it may not use it. */
  release(address: AddressWords, holder: Mac): void {
    const key = addressKey(address);
    const lease = this.#leases.get(key);
    if (lease !== undefined && isSameMac(lease.holder, holder)) this.#leases.delete(key);
  }
}
