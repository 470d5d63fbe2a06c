/**
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers: from `packet.ipOffset` to the transport header.
 *
 * How odd lengths count: a packet counts with the length its own header states, whatever was captured of it and
 * whatever padding the link put behind it. Where that length is 0 (segmentation offload hands the sniffer a packet
 * whose length the network card has yet to write; RFC 2675 jumbograms) or less than the header itself, it counts
 * with what the wire carried behind the link header.
 */

import { ETHERTYPE_IPV4, int32, IPV4_MAPPED, type Packet, uint16 } from "./packet.ts";

const IPV4_HEADER_LENGTH = 20;
const IPV6_HEADER_LENGTH = 40;

/**
 * Decodes the IP header at `packet.ipOffset`. Returns false when its fixed part was not captured whole or says
 * another version than the link: then the packet has no addresses to count it under.
 */
export function decodeIp(packet: Packet): boolean {
  return packet.etherType === ETHERTYPE_IPV4 ? decodeIpv4(packet) : decodeIpv6(packet);
}

/** RFC 791, 3.1. */
function decodeIpv4(packet: Packet): boolean {
  const { bytes, ipOffset: offset } = packet;
  if (packet.end - offset < IPV4_HEADER_LENGTH || bytes[offset] >> 4 !== 4) return false;
  packet.ipVersion = 4;
  const headerLength = (bytes[offset] & 0x0f) * 4;
  const totalLength = uint16(bytes, offset + 2);
  packet.fragmentId = uint16(bytes, offset + 4);
  const flagsAndOffset = uint16(bytes, offset + 6);
  packet.moreFragments = (flagsAndOffset & 0x2000) !== 0;
  packet.fragmentOffset = (flagsAndOffset & 0x1fff) * 8;
  packet.protocol = bytes[offset + 9];
  packet.source0 =
    packet.source1 =
    packet.destination0 =
    packet.destination1 =
      0;
  packet.source2 = packet.destination2 = IPV4_MAPPED;
  packet.source3 = int32(bytes, offset + 12);
  packet.destination3 = int32(bytes, offset + 16);

  setLength(packet, totalLength < Math.max(headerLength, IPV4_HEADER_LENGTH) ? 0 : totalLength);
  // A header length under 20 is a lie: what follows cannot be found.
  packet.transportOffset = headerLength < IPV4_HEADER_LENGTH ? packet.ipEnd : offset + headerLength;
  return true;
}

/** Takes the stated length, or for 0 what the wire carried behind the link header. */
function setLength(packet: Packet, statedLength: number): void {
  packet.ipLength = statedLength;
  if (statedLength === 0) {
    // A capture file may state a wire length that is less than what it holds.
    const frameLength = Math.max(packet.wireLength, packet.end - packet.frameOffset);
    packet.ipLength = frameLength - (packet.ipOffset - packet.frameOffset);
  }
  packet.ipEnd = Math.min(packet.end, packet.ipOffset + packet.ipLength);
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;

/** RFC 8200, 3 and 4. */
function decodeIpv6(packet: Packet): boolean {
  const { bytes, ipOffset: offset } = packet;
  if (packet.end - offset < IPV6_HEADER_LENGTH || bytes[offset] >> 4 !== 6) return false;
  packet.ipVersion = 6;
  const payloadLength = uint16(bytes, offset + 4);
  const nextHeader = bytes[offset + 6];
  packet.source0 = int32(bytes, offset + 8);
  packet.source1 = int32(bytes, offset + 12);
  packet.source2 = int32(bytes, offset + 16);
  packet.source3 = int32(bytes, offset + 20);
  packet.destination0 = int32(bytes, offset + 24);
  packet.destination1 = int32(bytes, offset + 28);
  packet.destination2 = int32(bytes, offset + 32);
  packet.destination3 = int32(bytes, offset + 36);
  packet.fragmentOffset = 0;
  packet.moreFragments = false;

  const isEmpty = payloadLength === 0 && nextHeader === NO_NEXT_HEADER;
  setLength(packet, payloadLength === 0 && !isEmpty ? 0 : IPV6_HEADER_LENGTH + payloadLength);
  skipExtensionHeaders(packet, nextHeader, offset + IPV6_HEADER_LENGTH);
  return true;
}

/** Sets `protocol` and `transportOffset`. A chain that runs out of the packet leaves its last header's number as protocol. */
function skipExtensionHeaders(packet: Packet, nextHeader: number, offset: number): void {
  const { bytes, ipEnd } = packet;
  // Every header is at least 8 bytes long, so that the packet's end bounds the loop.
  while (isExtensionHeader(nextHeader) && ipEnd - offset >= 8 && packet.fragmentOffset === 0) {
    const units = bytes[offset + 1];
    let length = units * 8 + 8;
    if (nextHeader === AUTHENTICATION) {
      length = units * 4 + 8; // RFC 4302, 2.2: in 4-byte units
    } else if (nextHeader === FRAGMENT) {
      length = 8; // RFC 8200, 4.5
      const offsetAndFlags = uint16(bytes, offset + 2);
      packet.fragmentOffset = offsetAndFlags & 0xfff8;
      packet.moreFragments = (offsetAndFlags & 1) !== 0;
      packet.fragmentId = int32(bytes, offset + 4);
    }
    nextHeader = bytes[offset];
    offset += length;
  }
  packet.protocol = nextHeader;
  packet.transportOffset = Math.min(offset, ipEnd);
}

function isExtensionHeader(nextHeader: number): boolean {
  switch (nextHeader) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6:
      return true;
    default:
      return false;
  }
}
