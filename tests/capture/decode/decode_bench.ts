/** What it costs to decode a frame: each kind that is common, 1,000 times. */

import { assertEquals } from "../../assert.ts";
import { decode, Decoded } from "../../../capture/decode/decode.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, type Frame, LINK_TYPE } from "../frame_builder.ts";

const V4 = { source: "192.168.1.20", destination: "93.184.216.34" };
const V6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };
const FRAMES: Record<string, Frame> = {
  "TCP over IPv4": ethernet().ipv4(V4).tcp().payload("hello"),
  "UDP over IPv6": ethernet().ipv6(V6).udp().payload("hello!"),
  "UDP over IPv6, extension headers": ethernet().ipv6(V6).hopByHop().destinationOptions().udp(),
  "TCP over IPv4, two VLAN tags": ethernet({ vlan: [7, 8] }).ipv4(V4).tcp().payload("hello"),
};

const decodeLink = linkDecoder(LINK_TYPE.ethernet)!;
for (const [name, frame] of Object.entries(FRAMES)) {
  const packet = packetOf(frame);
  assertEquals(decode(packet, decodeLink), Decoded.Ip);
  Deno.bench(`1,000 frames: ${name}`, () => {
    for (let i = 0; i < 1000; i++) decode(packet, decodeLink);
  });
}
