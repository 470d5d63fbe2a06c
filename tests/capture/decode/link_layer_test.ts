import { assertEquals } from "../../assert.ts";
import { formatMac } from "../../../capture/address/address.ts";
import { Decoded } from "../../../capture/decode/decode.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "../../../capture/decode/packet.ts";
import { decodeFrame } from "../decode_frame.ts";
import {
  bsdNull,
  cookedV1,
  cookedV2,
  ethernet,
  type Frame,
  LINK_TYPE,
  loop,
  pppoeLink,
  raw,
} from "../frame_builder.ts";

const V4 = { source: "192.168.1.20", destination: "93.184.216.34" };
const V6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };
const MAC = "02:11:22:aa:bb:cc";

/** Where the IP header is found behind each link header, and whether a MAC address is. */
const LINKS: Record<string, { frame: Frame; headerLength: number; hasMac: boolean }> = {
  "Ethernet": { frame: ethernet({ source: MAC }), headerLength: 14, hasMac: true },
  "Ethernet with a VLAN tag": {
    frame: ethernet({ source: MAC, vlan: [7] }),
    headerLength: 18,
    hasMac: true,
  },
  "Ethernet with stacked VLAN tags": {
    frame: ethernet({ source: MAC, vlan: [1, 2, 3], vlanTypes: [0x88a8, 0x9100, 0x8100] }),
    headerLength: 26,
    hasMac: true,
  },
  "PPPoE on Ethernet": {
    frame: ethernet({ source: MAC }).pppoe(),
    headerLength: 22,
    hasMac: true,
  },
  "PPPoE in a VLAN": {
    frame: ethernet({ source: MAC, vlan: [7] }).pppoe(),
    headerLength: 26,
    hasMac: true,
  },
  "Linux cooked v1": { frame: cookedV1({ source: MAC }), headerLength: 16, hasMac: true },
  "Linux cooked v1 without address": {
    frame: cookedV1({ addressLength: 0 }),
    headerLength: 16,
    hasMac: false,
  },
  "Linux cooked v2": { frame: cookedV2({ source: MAC }), headerLength: 20, hasMac: true },
  "Linux cooked v2 without address": {
    frame: cookedV2({ addressLength: 0 }),
    headerLength: 20,
    hasMac: false,
  },
  "raw IP": { frame: raw(), headerLength: 0, hasMac: false },
  "null": { frame: bsdNull(), headerLength: 4, hasMac: false },
  "null of a big-endian machine": {
    frame: bsdNull({ littleEndian: false }),
    headerLength: 4,
    hasMac: false,
  },
  "loop": { frame: loop(), headerLength: 4, hasMac: false },
  "PPPoE as link": { frame: pppoeLink(), headerLength: 8, hasMac: false },
};

Deno.test("`linkDecoder()` finds the IP header behind each link header", () => {
  for (const [link, { frame, headerLength, hasMac }] of Object.entries(LINKS)) {
    const ip4 = decodeFrame(frame.ipv4(V4).udp());
    assertEquals(ip4.decoded, Decoded.Ip, link);
    assertEquals(ip4.packet.etherType, ETHERTYPE_IPV4, link);
    assertEquals(ip4.packet.ipOffset, headerLength, link);
    assertEquals(ip4.packet.hasMac, hasMac, link);
    if (hasMac) assertEquals(formatMac([ip4.packet.macHigh, ip4.packet.macLow]), MAC, link);

    const ip6 = decodeFrame(frame.ipv6(V6).udp());
    assertEquals(ip6.decoded, Decoded.Ip, link);
    assertEquals(ip6.packet.etherType, ETHERTYPE_IPV6, link);
    assertEquals(ip6.packet.ipOffset, headerLength, link);
  }
});

Deno.test("`linkDecoder()` knows IPv6 on a BSD null link by every system's number", () => {
  for (const ipv6Family of [10, 24, 28, 30]) {
    for (const littleEndian of [true, false]) {
      const { decoded } = decodeFrame(bsdNull({ littleEndian, ipv6Family }).ipv6(V6).udp());
      assertEquals(decoded, Decoded.Ip, `family ${ipv6Family}`);
    }
  }
});

Deno.test("`linkDecoder()` takes what carries no IP for no IP", () => {
  const frames: Record<string, Frame> = {
    "ARP": ethernet({ etherType: 0x0806 }).payload(new Uint8Array(28)),
    "an 802.3 length": ethernet({ etherType: 38 }).payload(new Uint8Array(38)),
    "ARP in a VLAN": ethernet({ vlan: [7], etherType: 0x0806 }).payload(new Uint8Array(28)),
    "PPPoE discovery": ethernet({ etherType: 0x8863 }).payload(new Uint8Array(28)),
    "PPPoE, a code that is no session data": ethernet().pppoe({ code: 0xa7 }).ipv4(V4).udp(),
    "PPP link control": ethernet().pppoe({ pppProtocol: 0xc021 }).payload(new Uint8Array(20)),
    "cooked v1 ARP": cookedV1({ etherType: 0x0806 }).payload(new Uint8Array(28)),
    "cooked v2 ARP": cookedV2({ etherType: 0x0806 }).payload(new Uint8Array(28)),
    "raw, neither version": raw().ipv4({ ...V4, version: 5 }).udp(),
    "nothing at all": raw(),
  };
  for (const [name, frame] of Object.entries(frames)) {
    assertEquals(decodeFrame(frame).decoded, Decoded.NotIp, name);
  }
});

Deno.test("`linkDecoder()` tells IP that contradicts its link header from no IP", () => {
  const frames = [
    ethernet({ etherType: ETHERTYPE_IPV6 }).ipv4(V4).udp(),
    ethernet({ etherType: ETHERTYPE_IPV4 }).ipv6(V6).udp(),
    ethernet({ etherType: ETHERTYPE_IPV4 }).payload(new Uint8Array(40)),
  ];
  for (const frame of frames) assertEquals(decodeFrame(frame).decoded, Decoded.BadIp);
});

Deno.test("`linkDecoder()` has no decoder for a link type that is not read", () => {
  const read: readonly number[] = [...Object.values(LINK_TYPE), 228, 229];
  for (let linkType = 0; linkType < 300; linkType++) {
    assertEquals(linkDecoder(linkType) !== undefined, read.includes(linkType), `${linkType}`);
  }
});
