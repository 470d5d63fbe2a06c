/**
 * Transport headers: TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792) and ICMPv6 (RFC 4443); of SCTP (RFC 9260), DCCP
 * (RFC 4340) and UDP-Lite (RFC 3828) the ports.
 *
 * ICMP has no ports. As Zeek and the Community ID specification do, its messages stand in their place: of a message
 * that has a counterpart (echo request and reply) its own type is the source port and the counterpart's type the
 * destination port, so that question and answer are the two directions of one flow. Of a message without one, the
 * type is the source port and the code the destination port, and the flow has one direction.
 */

import {
  int32,
  type Packet,
  PROTOCOL_DCCP,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_UDP_LITE,
  uint16,
} from "./packet.ts";

const TCP_HEADER_LENGTH = 20;
const UDP_HEADER_LENGTH = 8;

/** Decodes the header at `packet.transportOffset`; sets `hasTransport` and what follows it in `Packet`. */
export function decodeTransport(packet: Packet): void {
  packet.hasTransport = false;
  packet.sourcePort = packet.destinationPort = 0;
  packet.tcpFlags = 0;
  packet.payloadOffset = packet.ipEnd;
  if (packet.fragmentOffset !== 0) return;
  switch (packet.protocol) {
    case PROTOCOL_TCP:
      return decodeTcp(packet);
    case PROTOCOL_UDP:
      return decodeUdp(packet);
    case PROTOCOL_SCTP:
    case PROTOCOL_DCCP:
    case PROTOCOL_UDP_LITE:
      decodePorts(packet);
      return;
    case PROTOCOL_ICMP:
      return decodeIcmp(packet, ICMP_COUNTERPART);
    case PROTOCOL_ICMPV6:
      return decodeIcmp(packet, ICMPV6_COUNTERPART);
  }
}

/** Ports (4): at the same place in all protocols that have them, and all that a flow needs of a header cut short. */
function decodePorts(packet: Packet): boolean {
  const { bytes, transportOffset: offset } = packet;
  if (packet.ipEnd - offset < 4) return false;
  packet.sourcePort = uint16(bytes, offset);
  packet.destinationPort = uint16(bytes, offset + 2);
  return packet.hasTransport = true;
}

/** RFC 9293, 3.1. */
function decodeTcp(packet: Packet): void {
  const { bytes, transportOffset: offset, ipEnd } = packet;
  if (!decodePorts(packet) || ipEnd - offset < TCP_HEADER_LENGTH) return;
  packet.tcpSequence = int32(bytes, offset + 4);
  const headerLength = (bytes[offset + 12] >> 4) * 4;
  packet.tcpFlags = bytes[offset + 13];
  if (headerLength >= TCP_HEADER_LENGTH) {
    packet.payloadOffset = Math.min(offset + headerLength, ipEnd);
  }
}

function decodeUdp(packet: Packet): void {
  const { transportOffset: offset, ipEnd } = packet;
  if (!decodePorts(packet)) return;
  packet.payloadOffset = Math.min(offset + UDP_HEADER_LENGTH, ipEnd);
}

/** Type to the type that answers it or that it answers; the first of each pair is the question. */
function counterparts(pairs: readonly (readonly [question: number, answer: number])[]): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (const [question, answer] of pairs) {
    table[question] = answer;
    table[answer] = question;
  }
  return table;
}

/** Echo, router discovery, timestamp, information and address mask. */
const ICMP_PAIRS = [[8, 0], [10, 9], [13, 14], [15, 16], [17, 18]] as const;
/** Echo, listener discovery, router and neighbour discovery, node information, home agent discovery. */
const ICMPV6_PAIRS = [[128, 129], [130, 131], [133, 134], [135, 136], [139, 140], [
  144,
  145,
]] as const;
const ICMP_COUNTERPART = counterparts(ICMP_PAIRS);
const ICMPV6_COUNTERPART = counterparts(ICMPV6_PAIRS);
const ICMP_ANSWERS: ReadonlySet<number> = new Set(ICMP_PAIRS.map(([, answer]) => answer));
const ICMPV6_ANSWERS: ReadonlySet<number> = new Set(ICMPV6_PAIRS.map(([, answer]) => answer));

/** Type (1), code (1). */
function decodeIcmp(packet: Packet, counterpart: Int16Array): void {
  const { bytes, transportOffset: offset } = packet;
  if (packet.ipEnd - offset < 2) return;
  const type = bytes[offset];
  packet.hasTransport = true;
  packet.sourcePort = type;
  packet.destinationPort = counterpart[type] >= 0 ? counterpart[type] : bytes[offset + 1];
}

/** Whether an ICMP or ICMPv6 message type has a counterpart, so that its flow has two directions. */
export function icmpHasCounterpart(protocol: number, type: number): boolean {
  return (protocol === PROTOCOL_ICMP ? ICMP_COUNTERPART : ICMPV6_COUNTERPART)[type] >= 0;
}

/** Whether a message of this type answers another, so that its receiver began the flow. */
export function icmpIsAnswer(protocol: number, type: number): boolean {
  return (protocol === PROTOCOL_ICMP ? ICMP_ANSWERS : ICMPV6_ANSWERS).has(type);
}
