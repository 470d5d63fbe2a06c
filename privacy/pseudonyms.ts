/**
 * Pseudonyms of devices: HMAC-SHA-256 (RFC 2104) under a key of the logger's own, so that one device stays one device,
 * and who does not have the key cannot find out which by trying all addresses.
 *
 * They have the form of what they stand for, since programs that read the log expect it, and lie where no real ones are:
 * MAC addresses are locally administered, IPv4 addresses are of 240.0.0.0/4 (reserved, RFC 1112), IPv6 addresses of
 * 100::/64 (discard-only, RFC 6666).
 */

import type { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { formatAddress, isIpv4, parseAddress } from "../capture/address/address.ts";
import { IPV4_MAPPED } from "../capture/decode/packet.ts";

/** Bytes of the key. */
export const PSEUDONYM_KEY_BYTES = 32;
/** Pseudonyms that are remembered; beyond it they are made anew. */
const MAX_REMEMBERED = 4_096;
/** Digits of a name's pseudonym: 40 bits. */
const NAME_DIGITS = 10;

/** Gives pseudonyms; the same for the same text, as long as the key is. */
export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #remembered = new Map<string, string>();

  constructor(key: Uint8Array) {
    if (key.length !== PSEUDONYM_KEY_BYTES) throw new RangeError("the key has another length");
    this.#key = key;
  }

  /** Of a MAC address as `aa:bb:cc:dd:ee:ff`. */
  mac(mac: string): string {
    return this.#remember("mac", mac, (hash) => {
      const bytes = hash.subarray(0, 6);
      bytes[0] = bytes[0] & 0xfc | 0x02; // of one device, locally administered (IEEE 802, 8.2)
      return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    });
  }

  /** Of an address in text: one of the same IP version. */
  address(ip: string): string {
    return this.#remember("ip", ip, (hash) => {
      const words = parseAddress(ip);
      if (words === undefined) throw new TypeError(`${JSON.stringify(ip)} is no address`);
      const [high, low] = [hash.readInt32BE(0), hash.readInt32BE(4)];
      return isIpv4(words)
        ? formatAddress([0, 0, IPV4_MAPPED, high & 0x0fffffff | 0xf0000000])
        : formatAddress([0x01000000, 0, high, low]);
    });
  }

  /** Of a device's name: `device-0a1b2c3d4e`. */
  name(name: string): string {
    return this.#remember(
      "name",
      name.toLowerCase(),
      (hash) => `device-${hash.toString("hex").slice(0, NAME_DIGITS)}`,
    );
  }

  #remember(kind: string, text: string, make: (hash: Buffer) => string): string {
    const message = `${kind} ${text}`;
    let pseudonym = this.#remembered.get(message);
    if (pseudonym === undefined) {
      pseudonym = make(createHmac("sha256", this.#key).update(message).digest());
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(message, pseudonym);
    }
    return pseudonym;
  }
}
