/**
 * Multicast DNS (RFC 6762) and LLMNR (RFC 4795): what hosts answer to be called, address by address.
 *
 * Only names of hosts count, the owners of A and AAAA records. Names of service instances ("Printer in the attic") are
 * those of a service, of which a device may have many, and are left aside.
 *
 * Messages are decoded by `dns-packet`, which throws on damage and takes what it is given: the message is looked at
 * first, and is small.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, decode, type DecodedPacket } from "dns-packet";
import { type AddressWords, parseAddress } from "../address/address.ts";
import { deviceName } from "./device_name.ts";
import { uint16 } from "../decode/packet.ts";

/** An address, and what the message calls the host that has it. */
export interface HostAddress {
  /** As `deviceName()` gives it; with `.local` where the wire had it. */
  readonly name: string;
  readonly address: AddressWords;
}

/** RFC 6762, 17: the longest message; LLMNR's are shorter (RFC 4795, 2.1). */
const MAX_MESSAGE_LENGTH = 9000;
/** RFC 1035, 4.1.1. */
const HEADER_LENGTH = 12;
const FLAGS = 2;
const COUNTS = [4, 6, 8, 10] as const;
/** The shortest entry of a section: a question for the root, RFC 1035, 4.1.2. */
const MIN_ENTRY_LENGTH = 5;
const RESPONSE = 0x8000;
/** Operation and response code: both 0 in answers that count (RFC 6762, 18.3 and 18.11; RFC 4795, 2.1.1). */
const OPCODE_AND_RCODE = 0x780f;
/** RFC 4795, 2.1.1: another host has answered to the name too, or this one has yet to find that out. */
const LLMNR_CONFLICT_OR_TENTATIVE = 0x0500;

/** RFC 6762, 3: one label, and the domain in which a host chooses its name itself. */
const MDNS_HOST = /^[^.]+\.local$/i;
const LLMNR_HOST = /^[^.]+$/;

/** The hosts that a multicast DNS message answers about; `undefined` when it could not be decoded. */
export function mdnsHosts(message: Uint8Array): readonly HostAddress[] | undefined {
  return isAnswer(message, OPCODE_AND_RCODE) ? hostsOf(message, MDNS_HOST) : [];
}

/** The hosts that an LLMNR message answers about; `undefined` when it could not be decoded. */
export function llmnrHosts(message: Uint8Array): readonly HostAddress[] | undefined {
  return isAnswer(message, OPCODE_AND_RCODE | LLMNR_CONFLICT_OR_TENTATIVE)
    ? hostsOf(message, LLMNR_HOST)
    : [];
}

/** Whether the message is a response without any of the flags `unwanted`; one that is too short to tell is. */
function isAnswer(message: Uint8Array, unwanted: number): boolean {
  if (message.length < HEADER_LENGTH) return true;
  return (uint16(message, FLAGS) & (RESPONSE | unwanted)) === RESPONSE;
}

function hostsOf(message: Uint8Array, pattern: RegExp): readonly HostAddress[] | undefined {
  const decoded = decodeGuarded(message);
  if (decoded === undefined) return undefined;
  // A goodbye (RFC 6762, 10.1), with no time to live, says what a host is called no more.
  const records = [...decoded.answers ?? [], ...decoded.additionals ?? []];
  return records.flatMap((record) => hostOf(record, pattern) ?? []);
}

function decodeGuarded(message: Uint8Array): DecodedPacket | undefined {
  const { buffer, byteOffset, byteLength } = message;
  if (byteLength < HEADER_LENGTH || byteLength > MAX_MESSAGE_LENGTH) return undefined;
  // The decoder makes room for as many entries as the header promises, before it looks for them.
  const entries = COUNTS.reduce((sum, offset) => sum + uint16(message, offset), 0);
  if (entries * MIN_ENTRY_LENGTH > byteLength - HEADER_LENGTH) return undefined;
  try {
    return decode(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
  } catch {
    return undefined;
  }
}

function hostOf(record: Answer, pattern: RegExp): HostAddress | undefined {
  if (record.type !== "A" && record.type !== "AAAA") return undefined;
  if (record.class !== "IN" || !record.ttl || !pattern.test(record.name)) return undefined;
  const name = deviceName(record.name);
  const address = parseAddress(record.data);
  return name === undefined || address === undefined ? undefined : { name, address };
}
