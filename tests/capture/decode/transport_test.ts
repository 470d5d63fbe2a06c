import { assertEquals } from "../../assert.ts";
import { icmpHasCounterpart, icmpIsAnswer } from "../../../capture/decode/transport.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { decodeFrame, packetOf } from "../decode_frame.ts";
import { ethernet } from "../frame_builder.ts";

const V4 = ethernet().ipv4({ source: "192.168.1.20", destination: "93.184.216.34" });
const V6 = ethernet().ipv6({ source: "2001:db8::20", destination: "2606:2800:220:1::1946" });
const HEADERS = 14 + 20;

function ports(packet: Packet): [source: number, destination: number] | undefined {
  return packet.hasTransport ? [packet.sourcePort, packet.destinationPort] : undefined;
}

function payloadText(packet: Packet): string {
  return new TextDecoder().decode(packet.bytes.subarray(packet.payloadOffset, packet.ipEnd));
}

Deno.test("`decodeTransport()` reads a TCP header", () => {
  const packet = packetOf(
    V4.tcp({ sourcePort: 65535, destinationPort: 1, flags: "SA", sequence: 0xfffffffe })
      .payload("hello"),
  );
  assertEquals(ports(packet), [65535, 1]);
  assertEquals(packet.tcpFlags, 0x12);
  assertEquals(packet.tcpSequence >>> 0, 0xfffffffe);
  assertEquals(payloadText(packet), "hello");
});

Deno.test("`decodeTransport()` finds the payload behind TCP options", () => {
  const options = new Uint8Array(40).fill(1);
  assertEquals(payloadText(packetOf(V6.tcp({ options }).payload("hello"))), "hello");
});

Deno.test("`decodeTransport()` gives no payload where a TCP header length cannot be", () => {
  for (const headerLength of [0, 4, 15]) {
    const packet = packetOf(V4.tcp({ flags: "F", headerLength }).payload("hello"));
    assertEquals(ports(packet), [40000, 443]);
    assertEquals(packet.tcpFlags, 1);
    assertEquals(payloadText(packet), "");
  }
});

Deno.test("`decodeTransport()` reads a UDP header", () => {
  const packet = packetOf(V6.udp({ sourcePort: 53, destinationPort: 5353 }).payload("hello"));
  assertEquals(ports(packet), [53, 5353]);
  assertEquals(payloadText(packet), "hello");
});

Deno.test("`decodeTransport()` keeps the ports of a header that was cut behind them", () => {
  for (const frame of [V4.tcp(), V4.udp()]) {
    const length = frame.bytes.length - HEADERS;
    for (let kept = 0; kept < length; kept++) {
      const { packet } = decodeFrame(frame, { snaplen: HEADERS + kept });
      assertEquals(ports(packet), kept < 4 ? undefined : [40000, 443], `${kept} bytes`);
      assertEquals(packet.tcpFlags, 0, `${kept} bytes`);
      assertEquals(packet.payloadOffset, packet.ipEnd, `${kept} bytes`);
    }
  }
});

Deno.test("`decodeTransport()` gives type and counterpart of an ICMP message that has one", () => {
  const pairs = [[8, 0], [10, 9], [13, 14], [15, 16], [17, 18]];
  for (const [question, answer] of pairs) {
    assertEquals(ports(packetOf(V4.icmp({ type: question, code: 7 }))), [question, answer]);
    assertEquals(ports(packetOf(V4.icmp({ type: answer, code: 7 }))), [answer, question]);
  }
});

Deno.test("`decodeTransport()` gives type and counterpart of an ICMPv6 message that has one", () => {
  const pairs = [[128, 129], [130, 131], [133, 134], [135, 136], [139, 140], [144, 145]];
  for (const [question, answer] of pairs) {
    assertEquals(ports(packetOf(V6.icmpv6({ type: question, code: 7 }))), [question, answer]);
    assertEquals(ports(packetOf(V6.icmpv6({ type: answer, code: 7 }))), [answer, question]);
  }
});

Deno.test("`decodeTransport()` gives type and code of an ICMP message without counterpart", () => {
  assertEquals(ports(packetOf(V4.icmp({ type: 3, code: 13 }))), [3, 13]);
  assertEquals(ports(packetOf(V6.icmpv6({ type: 1, code: 4 }))), [1, 4]);
});

Deno.test("`decodeTransport()` takes no ICMP message without its code", () => {
  const { packet } = decodeFrame(V4.icmp({ type: 8 }), { snaplen: HEADERS + 1 });
  assertEquals(ports(packet), undefined);
});

Deno.test("`decodeTransport()` gives a protocol without ports none", () => {
  const packet = packetOf(V4.protocol(47, new Uint8Array(8)));
  assertEquals(ports(packet), undefined);
  assertEquals([packet.sourcePort, packet.destinationPort], [0, 0]);
});

Deno.test("`decodeTransport()` reads the ports of SCTP", () => {
  const header = Uint8Array.of(0x0b, 0x59, 0x0b, 0x80, 0, 0, 0, 0, 0, 0, 0, 0);
  assertEquals(ports(packetOf(V4.protocol(132, header))), [2905, 2944]);
});

Deno.test("`decodeTransport()` takes a later fragment's content for no header", () => {
  const later = ethernet().ipv4({
    source: "10.0.0.1",
    destination: "10.0.0.2",
    fragmentOffset: 8,
    protocol: 6,
  }).payload(new Uint8Array(40).fill(0x11));
  assertEquals(ports(packetOf(later)), undefined);
});

Deno.test("`icmpHasCounterpart()` and `icmpIsAnswer()` agree on every type", () => {
  for (const protocol of [1, 58]) {
    const types = Array.from({ length: 256 }, (_, type) => type);
    const paired = types.filter((type) => icmpHasCounterpart(protocol, type));
    const answers = types.filter((type) => icmpIsAnswer(protocol, type));
    assertEquals(answers.every((type) => paired.includes(type)), true);
    assertEquals(answers.length * 2, paired.length);
  }
});
