/** One frame of every kind that the decoders read, each with a name for messages. */

import {
  bsdNull,
  cookedV1,
  cookedV2,
  ethernet,
  type Frame,
  loop,
  ppp,
  pppoeLink,
  raw,
} from "./frame_builder.ts";

const V4 = { source: "192.168.1.20", destination: "93.184.216.34" };
const V6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };
const OPTIONS = Uint8Array.of(1, 1, 1, 0);

/** What an IP header can carry, each whole and true. */
const CONTENTS: Record<string, (frame: Frame) => Frame> = {
  "TCP over IPv4": (frame) => frame.ipv4(V4).tcp({ flags: "PA" }).payload("hello"),
  "UDP over IPv4": (frame) => frame.ipv4(V4).udp().payload("hello!"),
  "ICMP": (frame) => frame.ipv4(V4).icmp({ type: 8 }).payload("ping"),
  "TCP over IPv6": (frame) => frame.ipv6(V6).tcp({ flags: "S", options: OPTIONS }),
  "ICMPv6": (frame) => frame.ipv6(V6).icmpv6({ type: 128 }).payload("ping"),
};

/** Headers that only some packets have. */
const ODDITIES: Record<string, Frame> = {
  "IPv4 options": ethernet().ipv4({ ...V4, options: OPTIONS }).tcp().payload("x"),
  "first IPv4 fragment": ethernet().ipv4({ ...V4, moreFragments: true }).udp({ length: 24 })
    .payload("eight by"),
  "later IPv4 fragment": ethernet().ipv4({ ...V4, protocol: 17, fragmentOffset: 16 })
    .payload("eight by"),
  "IPv6 extension headers": ethernet().ipv6(V6).hopByHop().routing().destinationOptions({
    length: 16,
  }).udp().payload("x"),
  "first IPv6 fragment": ethernet().ipv6(V6).fragment({ more: true }).udp({ length: 24 })
    .payload("eight by"),
  "later IPv6 fragment": ethernet().ipv6(V6).fragment({ offset: 16, nextHeader: 17 })
    .payload("eight by"),
  "IPv6 authentication header": ethernet().ipv6(V6).authentication().tcp({ flags: "F" }),
  "one VLAN tag": ethernet({ vlan: [7] }).ipv4(V4).udp().payload("x"),
  "three VLAN tags": ethernet({ vlan: [7, 8, 9], vlanTypes: [0x88a8, 0x9100, 0x8100] }).ipv6(V6)
    .udp().payload("x"),
  "PPPoE in a VLAN": ethernet({ vlan: [7] }).pppoe().ipv6(V6).tcp(),
  "another protocol": ethernet().ipv4(V4).protocol(47, Uint8Array.of(0, 0, 8, 0)),
  "no next header": ethernet().ipv6(V6),
};

const LINKS: Record<string, Frame> = {
  "Ethernet": ethernet(),
  "cooked v1": cookedV1(),
  "cooked v2": cookedV2(),
  "raw": raw(),
  "null": bsdNull(),
  "null of a big-endian machine": bsdNull({ littleEndian: false }),
  "loop": loop(),
  "PPP": ppp(),
  "PPP without an address, its protocol short": ppp({ hasAddress: false, isShort: true }),
  "PPPoE": pppoeLink(),
};

/** Name and frame of each kind. */
export const SAMPLE_FRAMES: readonly (readonly [name: string, frame: Frame])[] = [
  ...Object.entries(LINKS).flatMap(([link, frame]) =>
    Object.entries(CONTENTS).map(([content, build]) =>
      [`${content} on ${link}`, build(frame)] as const
    )
  ),
  ...Object.entries(ODDITIES),
];
