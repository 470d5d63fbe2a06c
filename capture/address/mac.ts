/** MAC addresses of devices (EUI-48). */

import { int32, uint16 } from "../decode/packet.ts";

/** A MAC address: its first 2 and last 4 bytes, as in `Packet`. */
export type Mac = readonly [high: number, low: number];

/** Bytes of a MAC address. */
export const MAC_LENGTH = 6;

const GROUP_BIT = 0x01 << 8;

/**
 * The MAC address at `offset`, of which `MAC_LENGTH` bytes must be there; `undefined` for one that no device can
 * have: all zeros, or a group's (IEEE 802, 8.2).
 */
export function deviceMac(bytes: Uint8Array, offset = 0): Mac | undefined {
  const high = uint16(bytes, offset);
  const low = int32(bytes, offset + 2);
  return (high & GROUP_BIT) !== 0 || (high === 0 && low === 0) ? undefined : [high, low];
}

/** Whether two MAC addresses are one, or neither is known. */
export function isSameMac(a: Mac | undefined, b: Mac | undefined): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}
