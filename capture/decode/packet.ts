/**
 * One decoded packet. The decoders fill the same object again and again, so that a packet costs no allocation;
 * what it holds is valid until the next packet is decoded into it.
 *
 * Addresses are four 32-bit words in host arithmetic, the first being the most significant. An IPv4 address stands
 * in its IPv4-mapped form (RFC 4291, 2.5.5.2: 0, 0, 0xffff, address), so that one comparison serves both families.
 * The words are signed, as `|` leaves them: compare them with `===`, order them with `>>> 0`.
 */
export class Packet {
  /** The memory that the packet stands in; offsets below are into it. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Time of capture, microseconds since 1970 (exact in a double until the year 2255). */
  timeUs = 0;
  /** Bytes on the wire, link header included. */
  wireLength = 0;
  /** Where the frame begins, at its link header. */
  frameOffset = 0;
  /** One past the last byte that was captured. */
  end = 0;

  /** The sender's MAC address, where the link has one: its first 2 and last 4 bytes. */
  hasMac = false;
  macHigh = 0;
  macLow = 0;

  /** What the link header says comes next: an EtherType, here only IPv4 or IPv6. */
  etherType = 0;
  /** Where the IP header begins. */
  ipOffset = 0;

  /** It was found inside another one, which carried it: 6in4, IPIP, GRE or VXLAN. */
  isTunneled = false;
  /** 4 or 6. */
  ipVersion = 0;
  /** Whole length of the IP packet as its header states it, in bytes (see `ip.ts` for odd ones). */
  ipLength = 0;
  /** IANA protocol number after IPv6 extension headers. */
  protocol = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;

  /** Fragment offset in bytes; 0 for a whole packet and for a first fragment. */
  fragmentOffset = 0;
  moreFragments = false;
  fragmentId = 0;

  /** Where the transport header begins. */
  transportOffset = 0;
  /** Where the IP packet ends by its own length, at most `end`: what lies behind is link padding. */
  ipEnd = 0;

  /** The transport header was captured (its ports, or its ICMP type) and is no later fragment. */
  hasTransport = false;
  /** Ports of TCP, UDP and those like them; for ICMP see `transport.ts`; 0 where there are none. */
  sourcePort = 0;
  destinationPort = 0;
  /** `TCP_*` bits, RFC 9293, 3.1. */
  tcpFlags = 0;
  tcpSequence = 0;
  /** Where the payload begins, at most `ipEnd`. */
  payloadOffset = 0;
}

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

/** IANA protocol numbers. */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_DCCP = 33;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_SCTP = 132;
export const PROTOCOL_UDP_LITE = 136;

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_ACK = 0x10;

/** Third word of an IPv4-mapped address. */
export const IPV4_MAPPED = 0xffff;

export function uint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset] << 8 | bytes[offset + 1];
}

/** Network byte order; signed, see `Packet`. */
export function int32(bytes: Uint8Array, offset: number): number {
  return bytes[offset] << 24 | bytes[offset + 1] << 16 | bytes[offset + 2] << 8 | bytes[offset + 3];
}
