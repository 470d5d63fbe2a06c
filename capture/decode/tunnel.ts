/**
 * Tunnels: from the header of an IP packet that carries another one to that of the other.
 *
 *     IPv4 or IPv6 -> IP (RFC 2003, RFC 2473, RFC 4213: 6in4)
 *                  -> GRE (RFC 2784, RFC 2890) -> IP, or Ethernet -> IP
 *                  -> UDP -> VXLAN (RFC 7348) -> Ethernet -> IP
 */

import { decodeEthernet } from "./link_layer.ts";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, type Packet, PROTOCOL_UDP, uint16 } from "./packet.ts";

const PROTOCOL_IPV4 = 4;
const PROTOCOL_IPV6 = 41;
const PROTOCOL_GRE = 47;
/** Transparent Ethernet bridging, RFC 1701's list: an Ethernet frame follows. */
const ETHERTYPE_BRIDGING = 0x6558;
/** Of GRE's first two bytes: what follows, and the version, which is 0. */
const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_VERSION = 0x0007;
/** IANA's port, and the one that Linux had before. */
const VXLAN_PORTS = [4789, 8472];
const VXLAN_HEADER_LENGTH = 8;
const VXLAN_HAS_ID = 0x08;
const IPV4_HEADER_LENGTH = 20;
const IPV6_HEADER_LENGTH = 40;

/**
 * Steps from an IP header that was decoded, transport included, to the one inside: sets `etherType` and `ipOffset`, and the
 * MAC address where the tunnel carries frames. Returns false, and changes nothing, where there is none inside that is whole,
 * or the packet is a fragment.
 */
export function enterTunnel(packet: Packet): boolean {
  if (packet.moreFragments || packet.fragmentOffset !== 0) return false;
  const { transportOffset } = packet;
  switch (packet.protocol) {
    case PROTOCOL_IPV4:
      return enterIp(packet, ETHERTYPE_IPV4, transportOffset);
    case PROTOCOL_IPV6:
      return enterIp(packet, ETHERTYPE_IPV6, transportOffset);
    case PROTOCOL_GRE:
      return enterGre(packet, transportOffset);
    case PROTOCOL_UDP:
      return packet.hasTransport && VXLAN_PORTS.includes(packet.destinationPort) &&
        enterVxlan(packet, packet.payloadOffset);
    default:
      return false;
  }
}

function enterIp(packet: Packet, etherType: number, offset: number): boolean {
  const version = packet.bytes[offset] >> 4;
  const isWhole = etherType === ETHERTYPE_IPV4
    ? packet.ipEnd - offset >= IPV4_HEADER_LENGTH && version === 4
    : packet.ipEnd - offset >= IPV6_HEADER_LENGTH && version === 6;
  if (!isWhole) return false;
  packet.etherType = etherType;
  packet.ipOffset = offset;
  return true;
}

function enterGre(packet: Packet, offset: number): boolean {
  const { bytes, ipEnd } = packet;
  if (ipEnd - offset < 4) return false;
  const flags = uint16(bytes, offset);
  if ((flags & (GRE_ROUTING | GRE_VERSION)) !== 0) return false;
  const etherType = uint16(bytes, offset + 2);
  offset += 4;
  for (const flag of [GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE]) if ((flags & flag) !== 0) offset += 4;
  if (etherType === ETHERTYPE_BRIDGING) return enterEthernet(packet, offset);
  const isIp = etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
  return isIp && enterIp(packet, etherType, offset);
}

function enterVxlan(packet: Packet, offset: number): boolean {
  const hasId = packet.ipEnd - offset >= VXLAN_HEADER_LENGTH &&
    (packet.bytes[offset] & VXLAN_HAS_ID) !== 0;
  return hasId && enterEthernet(packet, offset + VXLAN_HEADER_LENGTH);
}

function enterEthernet(packet: Packet, offset: number): boolean {
  const { etherType, ipOffset, hasMac, macHigh, macLow } = packet;
  if (
    offset <= packet.ipEnd && decodeEthernet(packet, offset) &&
    enterIp(packet, packet.etherType, packet.ipOffset)
  ) return true;
  Object.assign(packet, { etherType, ipOffset, hasMac, macHigh, macLow });
  return false;
}
