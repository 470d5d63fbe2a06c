/**
 * Link headers: from the first byte of a frame to its IP header.
 *
 * @see https://www.tcpdump.org/linktypes.html
 */

import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, int32, type Packet, uint16 } from "./packet.ts";

/** Reads a link header. Returns whether an IP packet follows, `packet.etherType` and `.ipOffset` then say which and where. */
export type LinkDecoder = (packet: Packet, offset: number) => boolean;

const DLT_NULL = 0;
const DLT_EN10MB = 1;
const DLT_PPP = 9;
const DLT_RAW = 12;
const DLT_PPP_SERIAL = 50;
const DLT_PPP_ETHER = 51;
const DLT_IEEE802_11 = 105;
const DLT_LOOP = 108;
const DLT_LINUX_SLL = 113;
const DLT_PRISM_HEADER = 119;
const DLT_IEEE802_11_RADIO = 127;
const DLT_IEEE802_11_RADIO_AVS = 163;
const DLT_IPV4 = 228;
const DLT_IPV6 = 229;
const DLT_LINUX_SLL2 = 276;

/** The decoder for a `DLT_*` value, chosen once a capture; `undefined` for a link type that is not read. */
export function linkDecoder(linkType: number): LinkDecoder | undefined {
  switch (linkType) {
    case DLT_EN10MB:
      return decodeEthernet;
    case DLT_LINUX_SLL:
      return decodeCookedV1;
    case DLT_LINUX_SLL2:
      return decodeCookedV2;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return decodeRawIp;
    case DLT_NULL:
    case DLT_LOOP:
      return decodeNull;
    case DLT_PPP:
    case DLT_PPP_SERIAL:
      return decodePpp;
    case DLT_PPP_ETHER:
      return decodePppoeSession;
    default:
      return undefined;
  }
}

/** Whether frames come as they are in the air, each device's encrypted for itself: those of a Wi-Fi in monitor mode. */
export function isOfMonitorMode(linkType: number): boolean {
  switch (linkType) {
    case DLT_IEEE802_11:
    case DLT_PRISM_HEADER:
    case DLT_IEEE802_11_RADIO:
    case DLT_IEEE802_11_RADIO_AVS:
      return true;
    default:
      return false;
  }
}

/** The link types that are read, for messages. */
export const LINK_TYPES_READ =
  "Ethernet, Linux cooked v1 and v2, raw IP, BSD null and loop, PPP, and PPPoE sessions";

const MAC_LENGTH = 6;

function takeMac(packet: Packet, offset: number): void {
  packet.hasMac = true;
  packet.macHigh = uint16(packet.bytes, offset);
  packet.macLow = int32(packet.bytes, offset + 2);
}

/** Destination (6), source (6), EtherType (2). */
export function decodeEthernet(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 14) return false;
  takeMac(packet, offset + 6);
  return decodeEtherType(packet, uint16(packet.bytes, offset + 12), offset + 14);
}

/** Packet type (2), ARPHRD type (2), address length (2), address (8), protocol (2). */
function decodeCookedV1(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 16) return false;
  if (uint16(packet.bytes, offset + 4) === MAC_LENGTH) takeMac(packet, offset + 6);
  return decodeEtherType(packet, uint16(packet.bytes, offset + 14), offset + 16);
}

/** Protocol (2), reserved (2), interface index (4), ARPHRD type (2), packet type (1), address length (1), address (8). */
function decodeCookedV2(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 20) return false;
  if (packet.bytes[offset + 11] === MAC_LENGTH) takeMac(packet, offset + 12);
  return decodeEtherType(packet, uint16(packet.bytes, offset), offset + 20);
}

/** No header: the version of the IP packet says what it is. */
function decodeRawIp(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 1) return false;
  const version = packet.bytes[offset] >> 4;
  packet.etherType = version === 4 ? ETHERTYPE_IPV4 : version === 6 ? ETHERTYPE_IPV6 : 0;
  packet.ipOffset = offset;
  return packet.etherType !== 0;
}

const AF_INET = 2;
/** macOS, FreeBSD, NetBSD and OpenBSD, and Linux number it differently. */
const AF_INET6_VALUES = [30, 28, 24, 10];

/** Address family (4), in the byte order of the machine that captured, or for loop in network order. */
function decodeNull(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 4) return false;
  const { bytes } = packet;
  // A family is below 256: whichever end holds it, the other three bytes are zero.
  const family = bytes[offset] | bytes[offset + 3];
  packet.etherType = family === AF_INET
    ? ETHERTYPE_IPV4
    : AF_INET6_VALUES.includes(family)
    ? ETHERTYPE_IPV6
    : 0;
  packet.ipOffset = offset + 4;
  return packet.etherType !== 0;
}

const ETHERTYPE_8021Q = 0x8100;
const ETHERTYPE_8021AD = 0x88a8;
/** QinQ as it was sent before 802.1ad. */
const ETHERTYPE_QINQ_OLD = 0x9100;
const ETHERTYPE_PPPOE_SESSION = 0x8864;

/** Goes through any VLAN tags (each: tag control information (2), EtherType (2)) to what they carry. */
function decodeEtherType(packet: Packet, etherType: number, offset: number): boolean {
  while (
    etherType === ETHERTYPE_8021Q || etherType === ETHERTYPE_8021AD ||
    etherType === ETHERTYPE_QINQ_OLD
  ) {
    if (packet.end - offset < 4) return false;
    etherType = uint16(packet.bytes, offset + 2);
    offset += 4;
  }
  if (etherType === ETHERTYPE_PPPOE_SESSION) return decodePppoeSession(packet, offset);
  packet.etherType = etherType;
  packet.ipOffset = offset;
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
}

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_ADDRESS = 0xff;
const PPP_CONTROL = 0x03;

/** Version and type (1), code (1), session (2), length (2), PPP protocol (2): RFC 2516, 4; code 0 is data. */
function decodePppoeSession(packet: Packet, offset: number): boolean {
  if (packet.end - offset < 8 || packet.bytes[offset + 1] !== 0) return false;
  return takePppProtocol(packet, uint16(packet.bytes, offset + 6), offset + 8);
}

/**
 * Address and control (2), which the two ends may agree to leave out, and PPP protocol (2, or 1 where it fits): RFC 1662,
 * 3.1, RFC 1661, 6.5 and 6.6.
 */
function decodePpp(packet: Packet, offset: number): boolean {
  const { bytes, end } = packet;
  if (end - offset >= 2 && bytes[offset] === PPP_ADDRESS && bytes[offset + 1] === PPP_CONTROL) {
    offset += 2;
  }
  if (end - offset < 2) return false;
  // The last byte of a protocol number is odd, and all before it are even.
  const isShort = (bytes[offset] & 1) !== 0;
  const protocol = isShort ? bytes[offset] : uint16(bytes, offset);
  return takePppProtocol(packet, protocol, offset + (isShort ? 1 : 2));
}

function takePppProtocol(packet: Packet, protocol: number, ipOffset: number): boolean {
  packet.etherType = protocol === PPP_IPV4
    ? ETHERTYPE_IPV4
    : protocol === PPP_IPV6
    ? ETHERTYPE_IPV6
    : 0;
  packet.ipOffset = ipOffset;
  return packet.etherType !== 0;
}
