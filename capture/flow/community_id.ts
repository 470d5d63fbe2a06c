/**
 * Community ID version 1: one text for one flow, the same in Zeek, Suricata and here.
 *
 * @see https://github.com/corelight/community-id-spec
 */

import { type AddressWords, isIpv4 } from "../address/address.ts";
import { shortSha1Base64 } from "./short_sha1.ts";

/** A five-tuple; ports as `transport.ts` gives them, `undefined` where the flow has none. */
export interface FiveTuple {
  readonly protocol: number;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** The flow has one direction by nature (ICMP messages without a counterpart): its ends are not put in order. */
  readonly oneWay?: boolean;
}

const PROTOCOLS_WITH_PORTS: ReadonlySet<number> = new Set([1, 6, 17, 58, 132]);

/** `1:` and the Base64 of SHA-1 over seed, addresses, protocol, padding and ports, the lower end first. */
export function communityId(flow: FiveTuple, seed = 0): string {
  let from = flow.source;
  let to = flow.destination;
  let fromPort = flow.sourcePort;
  let toPort = flow.destinationPort;
  if (!flow.oneWay && isAbove(from, fromPort ?? 0, to, toPort ?? 0)) {
    [from, to, fromPort, toPort] = [to, from, toPort, fromPort];
  }

  // A mapped address beside an IPv6 one came in an IPv6 packet.
  const addressLength = isIpv4(from) && isIpv4(to) ? 4 : 16;
  const hasPorts = fromPort !== undefined && PROTOCOLS_WITH_PORTS.has(flow.protocol);
  let offset = 0;
  input.setUint16(offset, seed);
  offset += 2;
  offset = setAddress(offset, from, addressLength);
  offset = setAddress(offset, to, addressLength);
  input.setUint16(offset, flow.protocol << 8); // and one byte of padding
  offset += 2;
  if (hasPorts) {
    input.setUint16(offset, fromPort!);
    input.setUint16(offset + 2, toPort!);
    offset += 4;
  }
  return "1:" + shortSha1Base64(input, offset);
}

/** What is hashed: 42 bytes at most. */
const input = new DataView(new ArrayBuffer(64));

/** Returns where the address ends. */
function setAddress(offset: number, address: AddressWords, length: 4 | 16): number {
  for (let i = 4 - length / 4; i < 4; i++, offset += 4) input.setInt32(offset, address[i]);
  return offset;
}

/** Whether end a comes behind end b, by address as unsigned bytes, then by port. */
function isAbove(a: AddressWords, aPort: number, b: AddressWords, bPort: number): boolean {
  for (let i = 0; i < 4; i++) {
    if (a[i] !== b[i]) return (a[i] >>> 0) > (b[i] >>> 0);
  }
  return aPort > bPort;
}
