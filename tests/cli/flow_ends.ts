/** Which flow a record is of, and how to find one among others. */

import ipaddr from "ipaddr.js";
import type { FlowRecord } from "../../record/log_record.ts";

/** One end of a flow. */
export type End = readonly [address: string, port: string | number | undefined];

/** A key for a five-tuple: the same in both directions, and for all spellings of an IPv6 address. */
export function endsOf(transport: string, one: End, other: End): string {
  const texts = [one, other].map(([address, port]) => `${canonicalAddress(address)} ${port}`);
  return [transport, ...texts.sort()].join(" ");
}

/** The same for a record. */
export function endsOfRecord({ network, source, destination }: FlowRecord): string {
  return endsOf(network.transport, [source.ip, source.port], [destination.ip, destination.port]);
}

/** As records write it: RFC 5952. */
export function canonicalAddress(text: string): string {
  return ipaddr.parse(text).toString();
}
