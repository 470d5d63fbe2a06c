/**
 * DHCP for IPv6 (RFC 8415): under which name a client asks (option 39, RFC 4704), and which addresses it is given.
 *
 *     relay-forward -> relay message -> ... -> client's message -> IA_NA or IA_TA -> IA address
 *
 * A relay wraps the messages of both sides; what it says about the client is kept from the one next to the client.
 */

import type { AddressWords } from "../address/address.ts";
import { ByteCursor } from "../wire/byte_cursor.ts";
import { deviceName } from "./device_name.ts";
import { readWireName } from "../dns/dns_wire_name.ts";
import { deviceMac, type Mac, MAC_LENGTH } from "../address/mac.ts";
import { int32 } from "../decode/packet.ts";

/** An address that a client holds. */
export interface Dhcpv6Address {
  readonly address: AddressWords;
  /** Valid lifetime, RFC 8415, 21.6. */
  readonly validSeconds: number;
}

/** What a message says, relays around it taken off. */
export interface Dhcpv6Message {
  /** The client speaks, to a server or to all. */
  readonly isFromClient: boolean;
  /** A server grants the addresses: a reply, and no advertisement of what it might grant. */
  readonly isReply: boolean;
  /** The client's address as its relay saw it; `undefined` where no relay stands between. */
  readonly relayedPeer: AddressWords | undefined;
  /**
   * The client's MAC address, as the relay saw it (RFC 6939) or else out of the client's DUID, which may hold that of
   * another interface of the device (RFC 8415, 11).
   */
  readonly clientMac: Mac | undefined;
  /** Client FQDN, where it is a name (see `deviceName()`); it may lack its domain. */
  readonly fqdn: string | undefined;
  /** Addresses in the message with some time left. */
  readonly addresses: readonly Dhcpv6Address[];
}

/** Message types, RFC 8415, 7.3. */
const REPLY = 7;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** Solicit, request, confirm, renew, rebind, release, decline, information-request. */
const FROM_CLIENT: ReadonlySet<number> = new Set([1, 3, 4, 5, 6, 8, 9, 11]);
/** Advertise, reply, reconfigure. */
const FROM_SERVER: ReadonlySet<number> = new Set([2, REPLY, 10]);

/** RFC 8415, 7.6 (HOP_COUNT_LIMIT): relays that a message may go through. */
const MAX_RELAYS = 8;
/** What a message may list; a real one has a few. */
const MAX_ADDRESSES = 64;

/** Option codes, RFC 8415, 21. */
const CLIENT_ID = 1;
const IA_NA = 3;
const IA_TA = 4;
const IA_ADDRESS = 5;
const RELAY_MESSAGE = 9;
/** RFC 4704, 4. */
const CLIENT_FQDN = 39;
/** RFC 6939, 4. */
const CLIENT_MAC = 79;

/** Transaction identifier behind the type, RFC 8415, 8. */
const TRANSACTION_ID_LENGTH = 3;
const ADDRESS_LENGTH = 16;
/** IAID (4), T1 (4), T2 (4), RFC 8415, 21.4; an IA_TA has the first alone, 21.5. */
const IA_NA_HEADER_LENGTH = 12;
const IA_TA_HEADER_LENGTH = 4;

/** DUIDs that hold a MAC address, RFC 8415, 11.2 and 11.4: type (2), hardware type (2), then for LLT a time (4). */
const DUID_LLT = 1;
const DUID_LL = 3;
const DUID_TIME_LENGTH = 4;
const HARDWARE_ETHERNET = 1;

/** What is put together while the options are read. */
interface Reading {
  relayedPeer?: AddressWords;
  /** As the relay next to the client saw it. */
  relayedMac?: Mac;
  duidMac?: Mac;
  fqdn?: string;
  readonly addresses: Dhcpv6Address[];
}

/** Reads a UDP payload. `undefined` when it is no whole DHCPv6 message. */
export function parseDhcpv6(message: Uint8Array): Dhcpv6Message | undefined {
  const reading: Reading = { addresses: [] };
  const inner = withoutRelays(message, reading);
  if (inner === undefined) return undefined;
  const cursor = new ByteCursor(inner);
  const type = cursor.uint8();
  cursor.take(TRANSACTION_ID_LENGTH);
  if (cursor.overrun || !(FROM_CLIENT.has(type) || FROM_SERVER.has(type))) return undefined;
  if (!forEachOption(cursor, (code, value) => readOption(code, value, reading))) return undefined;
  return {
    isFromClient: FROM_CLIENT.has(type),
    isReply: type === REPLY,
    relayedPeer: reading.relayedPeer,
    clientMac: reading.relayedMac ?? reading.duidMac,
    fqdn: reading.fqdn,
    addresses: reading.addresses,
  };
}

/** RFC 8415, 9: hop count (1), link address (16), peer address (16), then options, one of them the message inside. */
function withoutRelays(message: Uint8Array, reading: Reading): Uint8Array | undefined {
  let inner: Uint8Array | undefined = message;
  for (let relays = 0; relays <= MAX_RELAYS; relays++) {
    const cursor: ByteCursor = new ByteCursor(inner);
    const type = cursor.uint8();
    if (type !== RELAY_FORWARD && type !== RELAY_REPLY) return inner;
    cursor.take(1 + ADDRESS_LENGTH);
    const peer = cursor.take(ADDRESS_LENGTH);
    if (cursor.overrun) return undefined;
    reading.relayedPeer = ipv6Of(peer);
    reading.relayedMac = undefined;
    let relayed: Uint8Array | undefined;
    const isWhole = forEachOption(cursor, (code, value) => {
      if (code === RELAY_MESSAGE) relayed = value;
      else if (code === CLIENT_MAC) reading.relayedMac = typedMac(new ByteCursor(value));
    });
    if (!isWhole || relayed === undefined) return undefined;
    inner = relayed;
  }
  return undefined;
}

/** Code (2), length (2), value, RFC 8415, 21.1. Returns whether the last one ended where the message does. */
function forEachOption(
  cursor: ByteCursor,
  take: (code: number, value: Uint8Array) => void,
): boolean {
  while (!cursor.atEnd) {
    const code = cursor.uint16();
    const value = cursor.vector16();
    if (cursor.overrun) return false;
    take(code, value);
  }
  return true;
}

function readOption(code: number, value: Uint8Array, reading: Reading): void {
  switch (code) {
    case CLIENT_ID:
      reading.duidMac = duidMac(value);
      break;
    case CLIENT_FQDN:
      reading.fqdn = fqdnOf(value);
      break;
    case IA_NA:
      readAddresses(value, IA_NA_HEADER_LENGTH, reading.addresses);
      break;
    case IA_TA:
      readAddresses(value, IA_TA_HEADER_LENGTH, reading.addresses);
      break;
  }
}

/** The addresses of an identity association, RFC 8415, 21.6: address (16), preferred and valid lifetime (4 each). */
function readAddresses(
  association: Uint8Array,
  headerLength: number,
  addresses: Dhcpv6Address[],
): void {
  const options = new ByteCursor(association);
  options.take(headerLength);
  forEachOption(options, (code, value) => {
    if (code !== IA_ADDRESS || addresses.length === MAX_ADDRESSES) return;
    const cursor = new ByteCursor(value);
    const address = cursor.take(ADDRESS_LENGTH);
    cursor.uint32();
    const validSeconds = cursor.uint32();
    if (cursor.overrun || validSeconds === 0) return;
    addresses.push({ address: ipv6Of(address), validSeconds });
  });
}

function duidMac(duid: Uint8Array): Mac | undefined {
  const cursor = new ByteCursor(duid);
  const type = cursor.uint16();
  if (type !== DUID_LLT && type !== DUID_LL) return undefined;
  return typedMac(cursor, type === DUID_LLT ? DUID_TIME_LENGTH : 0);
}

/** Hardware type (2), `skipped` bytes, and a MAC address up to the end. */
function typedMac(cursor: ByteCursor, skipped = 0): Mac | undefined {
  const hardwareType = cursor.uint16();
  cursor.take(skipped);
  const bytes = cursor.take(MAC_LENGTH);
  const isMac = hardwareType === HARDWARE_ETHERNET && !cursor.overrun && cursor.atEnd;
  return isMac ? deviceMac(bytes) : undefined;
}

/** Flags (1), then the name in wire form, RFC 4704, 4. */
function fqdnOf(option: Uint8Array): string | undefined {
  const text = readWireName(option.subarray(1));
  return text === undefined ? undefined : deviceName(text);
}

function ipv6Of(bytes: Uint8Array): AddressWords {
  return [int32(bytes, 0), int32(bytes, 4), int32(bytes, 8), int32(bytes, 12)];
}
