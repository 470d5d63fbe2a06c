/** Who began a flow, as far as its first packet tells. */

import {
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  TCP_ACK,
  TCP_SYN,
} from "../decode/packet.ts";
import { icmpHasCounterpart, icmpIsAnswer } from "../decode/transport.ts";

function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
}

/** Whether a packet's flow is one-way by nature: an ICMP message without a counterpart. */
export function isOneWay(packet: Packet): boolean {
  return packet.hasTransport && isIcmp(packet.protocol) &&
    !icmpHasCounterpart(packet.protocol, packet.sourcePort);
}

/** The first port that a client gets without asking for one. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/**
 * Whether the first packet that was seen of a flow is an answer, so that its receiver is the initiator: a SYN with
 * ACK, an ICMP answer, or, where the beginning was missed, what comes from a well-known port to another.
 */
export function comesFromResponder(packet: Packet): boolean {
  if (!packet.hasTransport) return false;
  if (isIcmp(packet.protocol)) return icmpIsAnswer(packet.protocol, packet.sourcePort);
  if (packet.protocol === PROTOCOL_TCP && (packet.tcpFlags & TCP_SYN) !== 0) {
    return (packet.tcpFlags & TCP_ACK) !== 0;
  }
  return packet.sourcePort < FIRST_UNPRIVILEGED_PORT &&
    packet.destinationPort >= FIRST_UNPRIVILEGED_PORT;
}
