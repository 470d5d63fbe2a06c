import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import { Decoded } from "../../../capture/decode/decode.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { decodeFrame } from "../decode_frame.ts";
import { LINK_TYPE } from "../frame_builder.ts";
import { SAMPLE_FRAMES } from "../sample_frames.ts";

/** What a packet says, without the memory it stands in. */
function fieldsOf(packet: Packet): Record<string, unknown> {
  const { bytes: _, ...fields } = packet;
  return fields;
}

/** What `Packet` promises of a packet that was decoded. */
function checkContract(packet: Packet, what: string): void {
  for (const [field, value] of Object.entries(fieldsOf(packet))) {
    assert(typeof value === "boolean" || Number.isSafeInteger(value), `${what}: ${field}=${value}`);
  }
  const ipHeaderLength = packet.ipVersion === 4 ? 20 : 40;
  assertLessOrEqual(packet.ipOffset + ipHeaderLength, packet.end, what);
  assertLessOrEqual(packet.ipEnd, packet.end, what);
  assertLessOrEqual(ipHeaderLength, packet.ipLength, what);
  assertLessOrEqual(packet.payloadOffset, packet.ipEnd, what);
  assertLessOrEqual(packet.ipOffset, packet.payloadOffset, what);
  if (!packet.hasTransport) {
    assertEquals([packet.sourcePort, packet.destinationPort], [0, 0], what);
    return;
  }
  assertEquals(packet.fragmentOffset, 0, what);
  assertLessOrEqual(packet.ipOffset + ipHeaderLength, packet.transportOffset, what);
  assertLessOrEqual(packet.transportOffset + 2, packet.ipEnd, what);
  assertLessOrEqual(packet.transportOffset, packet.payloadOffset, what);
}

/** Decodes a frame among different bytes, and checks that none of them is seen. */
function decodeAmongPoison(
  frame: Uint8Array,
  { linkType, snaplen, what }: { linkType: number; snaplen?: number; what: string },
): void {
  const poisons = [
    new Uint8Array(64).fill(0x45),
    new Uint8Array(64).fill(0xff),
    // What was cut off is the poison that is easiest to be taken in by; as long as the others.
    Uint8Array.from({ length: 64 }, (_, i) => frame[(snaplen ?? 0) + i] ?? 0),
  ];
  const [first, ...others] = poisons.map((around) =>
    decodeFrame(frame, { linkType, snaplen, around })
  );
  for (const other of others) {
    assertEquals(first.decoded, other.decoded, what);
    if (first.decoded === Decoded.Ip) {
      assertEquals(fieldsOf(first.packet), fieldsOf(other.packet), what);
    }
  }
  if (first.decoded === Decoded.Ip) checkContract(first.packet, what);
}

Deno.test("`decode()` of a frame cut at any length sees nothing behind the cut", () => {
  for (const [name, frame] of SAMPLE_FRAMES) {
    const { bytes, linkType } = frame;
    for (let snaplen = 0; snaplen <= bytes.length; snaplen++) {
      decodeAmongPoison(bytes, { linkType, snaplen, what: `${name}, ${snaplen} bytes` });
    }
  }
});

Deno.test("`decode()` of a frame cut at any length keeps the layers before the cut", () => {
  for (const [name, frame] of SAMPLE_FRAMES) {
    const { bytes } = frame;
    const { packet: whole } = decodeFrame(frame);
    const ipHeaderEnd = whole.ipOffset + (whole.ipVersion === 4 ? 20 : 40);
    for (let snaplen = 0; snaplen <= bytes.length; snaplen++) {
      const what = `${name}, ${snaplen} bytes`;
      const { decoded, packet } = decodeFrame(frame, { snaplen });
      assertEquals(decoded === Decoded.Ip, snaplen >= ipHeaderEnd, what);
      if (decoded !== Decoded.Ip) continue;
      assertEquals(packet.ipLength, whole.ipLength, what);
      assertEquals(packet.source3, whole.source3, what);
      assertEquals(packet.destination3, whole.destination3, what);
      if (!packet.hasTransport) continue;
      assertEquals(packet.sourcePort, whole.sourcePort, what);
      assertEquals(packet.destinationPort, whole.destinationPort, what);
    }
  }
});

Deno.test("`decode()` keeps its contract on random bytes of every link type", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(LINK_TYPE)),
      fc.uint8Array({ maxLength: 120 }),
      (linkType, frame) => {
        decodeAmongPoison(frame, { linkType, what: `link type ${linkType}` });
      },
    ),
    { numRuns: 5000 },
  );
});

Deno.test("`decode()` keeps its contract on frames with some bytes changed", () => {
  const change = fc.tuple(fc.nat(119), fc.nat(255));
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLE_FRAMES),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      ([name, frame], changes) => {
        const { bytes, linkType } = frame;
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodeAmongPoison(bytes, { linkType, what: name });
      },
    ),
    { numRuns: 20_000 },
  );
});

/** What a packet says that has a meaning for it: other fields keep what an earlier packet left in them. */
function meaningOf(packet: Packet): Record<string, unknown> {
  const { macHigh, macLow, fragmentId, tcpSequence, ...meaning } = fieldsOf(packet);
  const isFragment = packet.moreFragments || packet.fragmentOffset !== 0;
  return {
    ...meaning,
    mac: packet.hasMac ? [macHigh, macLow] : undefined,
    fragmentId: isFragment ? fragmentId : undefined,
    tcpSequence: packet.tcpFlags !== 0 ? tcpSequence : undefined,
  };
}

Deno.test("`decode()` says the same of a frame whatever was decoded before it", () => {
  for (const [name, frame] of SAMPLE_FRAMES) {
    const afresh = meaningOf(decodeFrame(frame).packet);
    for (const [nameBefore, before] of SAMPLE_FRAMES) {
      const { packet: into } = decodeFrame(before);
      const { packet } = decodeFrame(frame, { into });
      assertEquals(meaningOf(packet), afresh, `${name} after ${nameBefore}`);
    }
  }
});
