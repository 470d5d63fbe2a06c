/** DHCPv6 messages (RFC 8415) that read like the message. */

import ipaddr from "ipaddr.js";
import { concat, uint16, uint32, uint8, vector16 } from "../wire/build_bytes.ts";
import { wireForm } from "./build_dhcp.ts";
import { macBytes } from "./build_mac.ts";

/** RFC 8415, 7.3. */
export const DHCPV6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  renew: 5,
  reply: 7,
  relayForward: 12,
  relayReply: 13,
} as const;

export function option6(code: number, ...value: readonly Uint8Array[]): Uint8Array {
  return concat(uint16(code), vector16(...value));
}

export function dhcpv6Message(type: number, ...options: readonly Uint8Array[]): Uint8Array {
  return concat(uint8(type), Uint8Array.of(1, 2, 3), ...options);
}

/** RFC 8415, 9, around a message. */
export function relayed(
  type: number,
  { peer, options = [] }: { readonly peer: string; readonly options?: readonly Uint8Array[] },
  message: Uint8Array,
): Uint8Array {
  const link = ipv6("2001:db8::1");
  return concat(uint8(type), uint8(0), link, ipv6(peer), ...options, option6(9, message));
}

/** RFC 8415, 11.4. */
export function duidLl(mac: string, hardwareType = 1): Uint8Array {
  return option6(1, uint16(3), uint16(hardwareType), macBytes(mac));
}

/** RFC 8415, 11.2. */
export function duidLlt(mac: string): Uint8Array {
  return option6(1, uint16(1), uint16(1), uint32(700_000_000), macBytes(mac));
}

/** RFC 8415, 11.5. */
export function duidUuid(): Uint8Array {
  return option6(1, uint16(4), new Uint8Array(16).fill(7));
}

/** RFC 6939, 4. */
export function clientMacOption(mac: string): Uint8Array {
  return option6(79, uint16(1), macBytes(mac));
}

/** RFC 4704, 4. */
export function clientFqdn6(name: string): Uint8Array {
  return option6(39, uint8(1), wireForm(name));
}

/** RFC 8415, 21.4, with one address. */
export function iaNa(address: string, validSeconds = 3600): Uint8Array {
  return option6(3, uint32(1), uint32(0), uint32(0), iaAddress(address, validSeconds));
}

/** RFC 8415, 21.5, with one address. */
export function iaTa(address: string, validSeconds = 3600): Uint8Array {
  return option6(4, uint32(1), iaAddress(address, validSeconds));
}

function iaAddress(address: string, validSeconds: number): Uint8Array {
  return option6(5, ipv6(address), uint32(validSeconds), uint32(validSeconds));
}

function ipv6(address: string): Uint8Array {
  return Uint8Array.from(ipaddr.parse(address).toByteArray());
}
