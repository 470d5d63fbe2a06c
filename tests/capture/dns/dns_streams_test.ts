import fc from "fast-check";
import { DnsStreams } from "../../../capture/dns/dns_streams.ts";
import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { assertEquals, assertLessOrEqual } from "../../assert.ts";
import { packetOf } from "../decode_frame.ts";
import { answerBytes, RESOLVER } from "./dns_message.ts";
import { ethernet } from "../frame_builder.ts";
import { concat, vector16 } from "../wire/build_bytes.ts";

const CLIENT = "192.168.1.20";
/** Near the last sequence number, so that the stream wraps around within its first message. */
const ISN = 2 ** 32 - 3;
const STREAM_LIMIT = 16 << 10;

/** A segment's payload at its offset from the stream's first byte. */
type Segment = readonly [offset: number, payload: Uint8Array];

const MESSAGES = ["one.example", "two.example", "three.example"].map((queriedName) =>
  Uint8Array.from(answerBytes({ queriedName, answers: [] }))
);
/** The messages as they stand in a stream, each behind its length. */
const STREAM = concat(...MESSAGES.map((message) => vector16(message)));

interface SegmentOptions {
  readonly payload?: Uint8Array;
  readonly flags?: string;
  /** The client's. */
  readonly port?: number;
  readonly isn?: number;
}

/** From the resolver; an offset of -1 is that of the SYN. */
function segment(
  offset: number,
  { payload = new Uint8Array(0), flags = "A", port = 40_000, isn = ISN }: SegmentOptions,
): Packet {
  return packetOf(
    ethernet().ipv4({ source: RESOLVER, destination: CLIENT }).tcp({
      sourcePort: 53,
      destinationPort: port,
      sequence: (isn + 1 + offset) >>> 0,
      flags,
    }).payload(payload),
  );
}

const SYN_ACK = segment(-1, { flags: "SA" });

/** What comes of packets. Each is kept in memory that is used again, as a batch's is. */
function messagesOf(streams: DnsStreams, packets: readonly Packet[]): Uint8Array[] {
  return packets.flatMap((packet) => {
    const messages = streams.add(packet).map((message) => Uint8Array.from(message));
    packet.bytes.fill(0, packet.payloadOffset);
    return messages;
  });
}

/** What comes of a connection whose resolver sends these segments. */
function messagesAfter(...segments: readonly Segment[]): Uint8Array[] {
  const packets = segments.map(([offset, payload]) => segment(offset, { payload }));
  return messagesOf(new DnsStreams(new InspectorBudget()), [SYN_ACK, ...packets]);
}

/** The bytes of the stream from one offset to another, as a segment. */
function part(start: number, end = STREAM.length): Segment {
  return [start, STREAM.subarray(start, end)];
}

Deno.test("DnsStreams gives all messages of one segment", () => {
  assertEquals(messagesAfter(part(0)), MESSAGES);
});

Deno.test("DnsStreams gives each message as soon as it is whole, wherever the stream is cut", () => {
  for (let cut = 1; cut < STREAM.length; cut++) {
    const streams = new DnsStreams(new InspectorBudget());
    const first = messagesOf(streams, [SYN_ACK, segment(0, { payload: STREAM.subarray(0, cut) })]);
    const rest = messagesOf(streams, [segment(cut, { payload: STREAM.subarray(cut) })]);
    assertEquals([...first, ...rest], MESSAGES, `cut at ${cut}`);
    let end = 0;
    const whole = MESSAGES.filter((message) => (end += 2 + message.length) <= cut);
    assertEquals(first, whole, `cut at ${cut}`);
  }
});

Deno.test("DnsStreams puts a stream together from segments of one byte", () => {
  assertEquals(messagesAfter(...[...STREAM.keys()].map((at) => part(at, at + 1))), MESSAGES);
});

Deno.test("DnsStreams puts segments in order, and gives no message twice", () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 12 });
  const repeated = fc.array(fc.tuple(fc.nat(STREAM.length), fc.nat(STREAM.length)), {
    maxLength: 4,
  });
  const segments = fc.tuple(cuts, repeated).chain(([cuts, repeated]) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
    const parts = edges.slice(1).map((end, i) => part(edges[i], end));
    const again = repeated.map(([one, other]) => part(Math.min(one, other), Math.max(one, other)));
    const all = [...parts, ...again];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
  fc.assert(fc.property(segments, (segments) => {
    assertEquals(messagesAfter(...segments), MESSAGES);
  }));
});

Deno.test("DnsStreams gives nothing of a connection whose beginning was not seen", () => {
  const streams = new DnsStreams(new InspectorBudget());
  assertEquals(messagesOf(streams, [segment(0, { payload: STREAM })]), []);
  const syn = segment(-1, { flags: "S" });
  assertEquals(messagesOf(streams, [syn, segment(0, { payload: STREAM })]), []);
});

Deno.test("DnsStreams keeps connections apart", () => {
  const streams = new DnsStreams(new InspectorBudget());
  const [first, second] = MESSAGES.map((message) => vector16(message));
  const of = (port: number) => (offset: number, payload: Uint8Array) =>
    segment(offset, { payload, port });
  const [one, other] = [of(40_000), of(40_001)];
  const messages = messagesOf(streams, [
    SYN_ACK,
    segment(-1, { flags: "SA", port: 40_001 }),
    one(0, first.subarray(0, 10)),
    other(0, second.subarray(0, 10)),
    other(10, second.subarray(10)),
    one(10, first.subarray(10)),
  ]);
  assertEquals(messages, [MESSAGES[1], MESSAGES[0]]);
});

Deno.test("DnsStreams begins anew when a client uses a port again", () => {
  const streams = new DnsStreams(new InspectorBudget());
  const again = { isn: 1_000_000 };
  const messages = messagesOf(streams, [
    SYN_ACK,
    segment(0, { payload: vector16(MESSAGES[0]) }),
    segment(-1, { ...again, flags: "SA" }),
    segment(0, { ...again, payload: vector16(MESSAGES[1]) }),
  ]);
  assertEquals(messages, [MESSAGES[0], MESSAGES[1]]);
});

Deno.test("DnsStreams takes a repeated SYN for the same connection", () => {
  const streams = new DnsStreams(new InspectorBudget());
  const halves = [part(0, 10), part(10)].map(([at, payload]) => segment(at, { payload }));
  const messages = messagesOf(streams, [SYN_ACK, halves[0], SYN_ACK, halves[1]]);
  assertEquals(messages, MESSAGES);
});

Deno.test("DnsStreams reads the first 16 KiB of a connection", () => {
  const message = answerBytes({ queriedName: "long.example", answers: [] });
  const padded = concat(message, new Uint8Array(STREAM_LIMIT - 2 - message.length));
  const segmentsOf = (stream: Uint8Array) =>
    Array.from({ length: Math.ceil(stream.length / 1000) }, (_, i): Segment => [
      i * 1000,
      stream.subarray(i * 1000, (i + 1) * 1000),
    ]);
  assertEquals(messagesAfter(...segmentsOf(vector16(padded))), [padded]);
  const tooLong = vector16(concat(padded, new Uint8Array(1)));
  assertEquals(messagesAfter(...segmentsOf(tooLong)), []);
  // What comes behind is not read, however the stream goes on.
  assertEquals(messagesAfter(...segmentsOf(concat(STREAM, tooLong, STREAM))), MESSAGES);
});

Deno.test("DnsStreams holds no more than its budget allows, and reads again when there is room", () => {
  const budget = new InspectorBudget(5000);
  const streams = new DnsStreams(budget);
  const half = STREAM.length >> 1;
  const messages: Uint8Array[] = [];
  for (const port of [1, 2, 3]) {
    messages.push(...messagesOf(streams, [
      segment(-1, { flags: "SA", port }),
      segment(half, { payload: STREAM.subarray(half), port }),
    ]));
  }
  assertEquals([budget.heldBytes, budget.refused], [4096, 1]);
  assertEquals(messages, []);
  // The third connection was given up; the others go on.
  const rest = { payload: STREAM.subarray(0, half) };
  assertEquals(messagesOf(streams, [segment(0, { ...rest, port: 3 })]), []);
  assertEquals(messagesOf(streams, [segment(0, { ...rest, port: 1 })]), MESSAGES);
});

Deno.test("DnsStreams keeps a bounded number of connections", () => {
  const budget = new InspectorBudget();
  const streams = new DnsStreams(budget);
  for (let port = 1; port <= 1000; port++) {
    messagesOf(streams, [
      segment(-1, { flags: "SA", port }),
      segment(0, { payload: STREAM, port }),
    ]);
  }
  assertLessOrEqual(budget.heldBytes, 64 * STREAM_LIMIT);
  assertEquals(budget.refused, 0);
});

Deno.test("DnsStreams bears any bytes", () => {
  const packet = fc.tuple(fc.integer({ min: -5, max: 20_000 }), fc.uint8Array({ maxLength: 100 }));
  fc.assert(fc.property(fc.array(packet, { maxLength: 40 }), (segments) => {
    const length = messagesAfter(...segments).reduce((sum, message) => sum + message.length, 0);
    assertLessOrEqual(length, STREAM_LIMIT);
  }));
});
