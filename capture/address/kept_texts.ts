/**
 * Texts that are asked for again and again for the same few addresses, made once: each is kept in the slot of its hash,
 * until another address with that hash takes the slot.
 *
 * Besides the making, that saves the hashing: a map looks a text up that it has seen in a third of the time that one made
 * anew takes.
 */

import type { Mac } from "./mac.ts";

/** `AddressWords`, which come from a file that uses this one. */
type Words = readonly [number, number, number, number];

/** A power of two. */
const SLOTS = 1024;
const HASH_SHIFT = 32 - Math.log2(SLOTS);

/** `make()`, which gives the same text for the same address, with its texts kept. */
export function keptByAddress(make: (address: Words) => string) {
  const addresses = new Int32Array(SLOTS * 4);
  const texts: string[] = new Array(SLOTS).fill(make([0, 0, 0, 0]));
  return (address: Words): string => {
    const slot = slotOf(address[0] ^ address[1] ^ address[2] ^ address[3]);
    const base = slot * 4;
    const isKept = addresses[base] === address[0] && addresses[base + 1] === address[1] &&
      addresses[base + 2] === address[2] && addresses[base + 3] === address[3];
    if (!isKept) {
      texts[slot] = make(address);
      addresses.set(address, base);
    }
    return texts[slot];
  };
}

/** The same for MAC addresses. */
export function keptByMac(make: (mac: Mac) => string) {
  const macs = new Int32Array(SLOTS * 2);
  const texts: string[] = new Array(SLOTS).fill(make([0, 0]));
  return (mac: Mac): string => {
    const slot = slotOf(mac[0] ^ mac[1]);
    if (macs[slot * 2] !== mac[0] || macs[slot * 2 + 1] !== mac[1]) {
      texts[slot] = make(mac);
      macs.set(mac, slot * 2);
    }
    return texts[slot];
  };
}

function slotOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> HASH_SHIFT;
}
