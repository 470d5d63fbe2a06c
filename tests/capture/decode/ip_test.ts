import { assertEquals } from "../../assert.ts";
import { formatAddress } from "../../../capture/address/address.ts";
import { Decoded } from "../../../capture/decode/decode.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { decodeFrame, packetOf } from "../decode_frame.ts";
import { ethernet, type Frame, type Ipv4Options, type Ipv6Options, raw } from "../frame_builder.ts";

const V4 = { source: "192.168.1.20", destination: "93.184.216.34" };
const V6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };
const ETHERNET_HEADER = 14;

function ipv4(options: Partial<Ipv4Options> = {}): Frame {
  return ethernet().ipv4({ ...V4, ...options });
}

function ipv6(options: Partial<Ipv6Options> = {}): Frame {
  return ethernet().ipv6({ ...V6, ...options });
}

function addresses(packet: Packet): string[] {
  return [
    formatAddress([packet.source0, packet.source1, packet.source2, packet.source3]),
    formatAddress([
      packet.destination0,
      packet.destination1,
      packet.destination2,
      packet.destination3,
    ]),
  ];
}

Deno.test("`decodeIp()` reads an IPv4 header", () => {
  const packet = packetOf(ipv4({ identification: 0xbeef }).tcp().payload("hello"));
  assertEquals(packet.ipVersion, 4);
  assertEquals(addresses(packet), [V4.source, V4.destination]);
  assertEquals(packet.ipLength, 20 + 20 + 5);
  assertEquals(packet.protocol, 6);
  assertEquals(packet.fragmentId, 0xbeef);
  assertEquals(packet.transportOffset, ETHERNET_HEADER + 20);
  assertEquals(packet.ipEnd, packet.end);
});

Deno.test("`decodeIp()` reads an IPv6 header", () => {
  const packet = packetOf(ipv6().udp().payload("hello"));
  assertEquals(packet.ipVersion, 6);
  assertEquals(addresses(packet), [V6.source, V6.destination]);
  assertEquals(packet.ipLength, 40 + 8 + 5);
  assertEquals(packet.protocol, 17);
  assertEquals(packet.transportOffset, ETHERNET_HEADER + 40);
});

Deno.test("`decodeIp()` keeps addresses with the highest bit set", () => {
  const packet = packetOf(
    ethernet().ipv4({ source: "255.255.255.254", destination: "128.0.0.1" }).udp(),
  );
  assertEquals(addresses(packet), ["255.255.255.254", "128.0.0.1"]);
});

Deno.test("`decodeIp()` finds the transport header behind IPv4 options of any length", () => {
  for (let words = 0; words <= 10; words++) {
    const options = new Uint8Array(words * 4).fill(1);
    const packet = packetOf(ipv4({ options }).udp({ sourcePort: 1234 }));
    assertEquals(packet.transportOffset, ETHERNET_HEADER + 20 + words * 4);
    assertEquals(packet.sourcePort, 1234);
  }
});

Deno.test("`decodeIp()` leaves link padding out of the packet", () => {
  const packet = packetOf(ethernet({ padding: new Uint8Array(18) }).ipv4(V4).udp());
  assertEquals(packet.ipLength, 28);
  assertEquals(packet.ipEnd, packet.end - 18);
  assertEquals(packet.payloadOffset, packet.ipEnd);
});

Deno.test("`decodeIp()` counts a packet with its stated length, whatever was captured of it", () => {
  const { packet } = decodeFrame(ipv4().udp().payload(new Uint8Array(1000)), { snaplen: 60 });
  assertEquals(packet.ipLength, 1028);
  assertEquals(packet.ipEnd, packet.end);

  const claimsMore = packetOf(ipv4({ totalLength: 9000 }).udp().payload("x"));
  assertEquals(claimsMore.ipLength, 9000);
  assertEquals(claimsMore.ipEnd, claimsMore.end);
});

Deno.test("`decodeIp()` counts a packet without a possible length with what the wire carried", () => {
  const body = new Uint8Array(3000);
  const wireLength = (frame: Frame) => frame.bytes.length - ETHERNET_HEADER;
  const frames: Record<string, Frame> = {
    "IPv4 total length 0": ipv4({ totalLength: 0 }).tcp().payload(body),
    "IPv4 total length under the fixed header": ipv4({ totalLength: 19 }).tcp().payload(body),
    "IPv4 total length under its options": ipv4({
      totalLength: 23,
      options: new Uint8Array(4),
    }).tcp().payload(body),
    "IPv6 payload length 0": ipv6({ payloadLength: 0 }).tcp().payload(body),
    "IPv6 jumbogram": ipv6({ payloadLength: 0 }).hopByHop().tcp().payload(body),
  };
  for (const [name, frame] of Object.entries(frames)) {
    assertEquals(packetOf(frame).ipLength, wireLength(frame), name);
    const cut = decodeFrame(frame, { snaplen: 80 });
    assertEquals(cut.packet.ipLength, wireLength(frame), `${name}, cut`);
    assertEquals(cut.packet.ipEnd, cut.packet.end, `${name}, cut`);
  }
});

Deno.test("`decodeIp()` takes 20 bytes for a header's least length, whatever it says", () => {
  const frame = ipv4({ headerLength: 0, totalLength: 10 }).udp();
  assertEquals(packetOf(frame).ipLength, frame.bytes.length - ETHERNET_HEADER);
});

Deno.test("`decodeIp()` never counts less than was captured for want of a wire length", () => {
  // A capture file can state any wire length, also one under the captured length.
  const frame = ipv4({ totalLength: 0 }).udp().payload("hello");
  const { packet } = decodeFrame(frame, { wireLength: 0 });
  assertEquals(packet.ipLength, frame.bytes.length - ETHERNET_HEADER);
});

Deno.test("`decodeIp()` finds no transport header behind an impossible header length", () => {
  for (let headerLength = 0; headerLength < 5; headerLength++) {
    const { decoded, packet } = decodeFrame(ipv4({ headerLength }).udp());
    assertEquals(decoded, Decoded.Ip);
    assertEquals(addresses(packet), [V4.source, V4.destination]);
    assertEquals(packet.hasTransport, false, `header length ${headerLength}`);
    assertEquals([packet.sourcePort, packet.destinationPort], [0, 0]);
  }
});

Deno.test("`decodeIp()` finds no transport header where the header claims to be longer than the packet", () => {
  const { decoded, packet } = decodeFrame(ipv4({ headerLength: 15 }).udp());
  assertEquals(decoded, Decoded.Ip);
  assertEquals(packet.hasTransport, false);
});

Deno.test("`decodeIp()` reads the fragment fields of IPv4", () => {
  const first = packetOf(ipv4({ moreFragments: true }).udp());
  assertEquals([first.fragmentOffset, first.moreFragments], [0, true]);
  const last = packetOf(ipv4({ fragmentOffset: 65528, protocol: 17 }).payload("x"));
  assertEquals([last.fragmentOffset, last.moreFragments], [65528, false]);
});

Deno.test("`decodeIp()` reads the fragment header of IPv6", () => {
  const first = packetOf(ipv6().fragment({ more: true, identification: 0x80000001 }).udp());
  assertEquals([first.fragmentOffset, first.moreFragments], [0, true]);
  assertEquals(first.fragmentId >>> 0, 0x80000001);
  const last = packetOf(ipv6().fragment({ offset: 65528, nextHeader: 17 }).payload("x"));
  assertEquals([last.fragmentOffset, last.moreFragments], [65528, false]);
  assertEquals(last.protocol, 17);
});

Deno.test("`decodeIp()` goes through every IPv6 extension header to the transport", () => {
  const packet = packetOf(
    ipv6().hopByHop({ length: 16 }).destinationOptions().routing({ length: 24 }).fragment()
      .authentication().destinationOptions({ length: 32 }).udp({ sourcePort: 1234 }),
  );
  assertEquals(packet.protocol, 17);
  assertEquals(packet.transportOffset, ETHERNET_HEADER + 40 + 16 + 8 + 24 + 8 + 24 + 32);
  assertEquals(packet.sourcePort, 1234);
});

Deno.test("`decodeIp()` stops at encrypted content and where nothing follows", () => {
  assertEquals(packetOf(ipv6().protocol(50, new Uint8Array(16))).protocol, 50);
  const empty = packetOf(ethernet({ padding: new Uint8Array(6) }).ipv6(V6));
  assertEquals([empty.protocol, empty.ipLength, empty.hasTransport], [59, 40, false]);
});

Deno.test("`decodeIp()` names the last header of a chain that runs out of the packet", () => {
  const beyond = packetOf(ipv6().hopByHop({ lengthField: 255, nextHeader: 6 }).payload("x"));
  assertEquals([beyond.protocol, beyond.hasTransport], [6, false]);
  assertEquals(beyond.transportOffset, beyond.ipEnd);

  const chain = ipv6().hopByHop().destinationOptions({ nextHeader: 43 });
  const { packet } = decodeFrame(chain);
  assertEquals([packet.protocol, packet.hasTransport], [43, false]);
});

Deno.test("`decodeIp()` takes neither link padding nor a later fragment's content for extension headers", () => {
  const padded = packetOf(ipv6({ payloadLength: 8 }).hopByHop().destinationOptions().udp());
  assertEquals([padded.protocol, padded.hasTransport], [60, false]);
  assertEquals(padded.transportOffset, padded.ipEnd);

  const later = ipv6().fragment({ offset: 8, nextHeader: 60 }).destinationOptions().udp();
  assertEquals([packetOf(later).protocol, packetOf(later).hasTransport], [60, false]);
});

Deno.test("`decodeIp()` ends on a chain of as many headers as a packet can hold", () => {
  let frame = raw().ipv6(V6);
  for (let i = 0; i < 500; i++) frame = frame.destinationOptions();
  assertEquals(packetOf(frame.udp({ sourcePort: 1234 })).sourcePort, 1234);
});

Deno.test("`decodeIp()` refuses a header that was not captured whole", () => {
  for (const [frame, length] of [[ipv4().udp(), 20], [ipv6().udp(), 40]] as const) {
    const whole = ETHERNET_HEADER + length;
    assertEquals(decodeFrame(frame, { snaplen: whole - 1 }).decoded, Decoded.BadIp);
    assertEquals(decodeFrame(frame, { snaplen: whole }).decoded, Decoded.Ip);
  }
});
