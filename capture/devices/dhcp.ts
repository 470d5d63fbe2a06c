/**
 * DHCP for IPv4 (RFC 2131, options RFC 2132): who asks for an address, under which name, and who is given which.
 *
 * Options stand behind the fixed header and, where option 52 says so, in the fields of the boot file's and the server's
 * name too. One option may be split over all of them (RFC 3396).
 */

import type { AddressWords } from "../address/address.ts";
import { ByteCursor } from "../wire/byte_cursor.ts";
import { deviceName, deviceNameFromBytes } from "./device_name.ts";
import { readWireName } from "../dns/dns_wire_name.ts";
import { deviceMac, type Mac, MAC_LENGTH } from "../address/mac.ts";
import { int32, IPV4_MAPPED } from "../decode/packet.ts";

/** Option 53, RFC 2132, 9.6, as far as a message tells of names or addresses. */
export const DhcpType = {
  Request: 3,
  Decline: 4,
  Ack: 5,
  Release: 7,
  Inform: 8,
} as const;

/** What a message says. An address that is not stated, or 0.0.0.0, is `undefined`. */
export interface DhcpMessage {
  /** One of `DhcpType`, or another. */
  readonly type: number;
  /** BOOTREQUEST: the client speaks. */
  readonly isFromClient: boolean;
  /** chaddr of an Ethernet or Wi-Fi client. */
  readonly clientMac: Mac | undefined;
  /** ciaddr: what the client uses already. */
  readonly clientAddress: AddressWords | undefined;
  /** yiaddr: what the server gives. */
  readonly yourAddress: AddressWords | undefined;
  /** Option 50: what the client wants. */
  readonly requestedAddress: AddressWords | undefined;
  /** Option 54 is there: in a request, the client takes what that server offered it. */
  readonly hasServerId: boolean;
  /** Option 51. */
  readonly leaseSeconds: number | undefined;
  /** Option 12, where it is a name (see `deviceName()`). */
  readonly hostName: string | undefined;
  /** Option 81, RFC 4702, where it is a name; it may lack its domain. */
  readonly fqdn: string | undefined;
}

/** Where the fields of the header stand, RFC 2131, 2, figure 1. */
const OP = 0;
const HTYPE = 1;
const HLEN = 2;
const CIADDR = 12;
const YIADDR = 16;
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
/** RFC 2131, 3: four bytes before the options that tell DHCP from BOOTP. */
const COOKIE = 236;
const OPTIONS = 240;

const BOOTREQUEST = 1;
const BOOTREPLY = 2;
const HTYPE_ETHERNET = 1;
const MAGIC_COOKIE = 0x63825363;

/** Option codes, RFC 2132. */
const PAD = 0;
const HOST_NAME = 12;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const SERVER_ID = 54;
/** RFC 4702, 2. */
const CLIENT_FQDN = 81;
const END = 255;

/** Values of option 52, RFC 2132, 9.3: which fields hold options too; both bits may be set. */
const OVERLOADS_FILE = 1;
const OVERLOADS_SNAME = 2;

/** RFC 4702, 2.1: flags (1), two result codes (2), then the name. */
const FQDN_NAME = 3;
/** The E bit: the name is in wire form, otherwise in ASCII. */
const FQDN_IS_WIRE_FORM = 0x04;

/**
 * Reads a UDP payload. `undefined` when it is no DHCP message, has no type, or an option reaches beyond the end of
 * its field.
 */
export function parseDhcp(message: Uint8Array): DhcpMessage | undefined {
  if (message.length < OPTIONS || int32(message, COOKIE) !== MAGIC_COOKIE) return undefined;
  const op = message[OP];
  if (op !== BOOTREQUEST && op !== BOOTREPLY) return undefined;
  const options = optionsOf(message);
  if (options === undefined) return undefined;
  const type = valueOf(options, MESSAGE_TYPE);
  if (type.length !== 1) return undefined;
  return {
    type: type[0],
    isFromClient: op === BOOTREQUEST,
    clientMac: clientMac(message),
    clientAddress: ipv4At(message, CIADDR),
    yourAddress: ipv4At(message, YIADDR),
    requestedAddress: requestedAddress(valueOf(options, REQUESTED_ADDRESS)),
    hasServerId: options.has(SERVER_ID),
    leaseSeconds: leaseSeconds(valueOf(options, LEASE_TIME)),
    hostName: deviceNameFromBytes(valueOf(options, HOST_NAME)),
    fqdn: fqdnOf(valueOf(options, CLIENT_FQDN)),
  };
}

/** The pieces of each option by its code, in the order of RFC 3396, 5. */
type Options = Map<number, Uint8Array[]>;

function optionsOf(message: Uint8Array): Options | undefined {
  const options: Options = new Map();
  const collect = (field: Uint8Array) => collectOptions(options, field);
  if (!collect(message.subarray(OPTIONS))) return undefined;
  // Option 52 is looked for before the other fields are read, because it cannot stand in them.
  const overload = valueOf(options, OVERLOAD)[0] ?? 0;
  const isWhole = ((overload & OVERLOADS_FILE) === 0 || collect(message.subarray(FILE, COOKIE))) &&
    ((overload & OVERLOADS_SNAME) === 0 || collect(message.subarray(SNAME, FILE)));
  return isWhole ? options : undefined;
}

/**
 * Adds the options of one field: code (1), length (1), value, up to END or the end of the field. Returns whether all of
 * them are whole.
 */
function collectOptions(options: Options, field: Uint8Array): boolean {
  const cursor = new ByteCursor(field);
  while (!cursor.atEnd) {
    const code = cursor.uint8();
    if (code === PAD) continue;
    if (code === END) return true;
    const piece = cursor.vector8();
    if (cursor.overrun) return false;
    const pieces = options.get(code);
    if (pieces === undefined) options.set(code, [piece]);
    else pieces.push(piece);
  }
  return true;
}

/** An option's value, empty where it is not there. */
function valueOf(options: Options, code: number): Uint8Array {
  const pieces = options.get(code) ?? [];
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function clientMac(message: Uint8Array): Mac | undefined {
  const isMac = message[HTYPE] === HTYPE_ETHERNET && message[HLEN] === MAC_LENGTH;
  return isMac ? deviceMac(message, CHADDR) : undefined;
}

function ipv4At(bytes: Uint8Array, offset: number): AddressWords | undefined {
  const word = int32(bytes, offset);
  return word === 0 ? undefined : [0, 0, IPV4_MAPPED, word];
}

function requestedAddress(option: Uint8Array): AddressWords | undefined {
  return option.length === 4 ? ipv4At(option, 0) : undefined;
}

function leaseSeconds(option: Uint8Array): number | undefined {
  return option.length === 4 ? int32(option, 0) >>> 0 : undefined;
}

function fqdnOf(option: Uint8Array): string | undefined {
  if (option.length <= FQDN_NAME) return undefined;
  const name = option.subarray(FQDN_NAME);
  if ((option[0] & FQDN_IS_WIRE_FORM) === 0) return deviceNameFromBytes(name);
  const text = readWireName(name);
  return text === undefined ? undefined : deviceName(text);
}
