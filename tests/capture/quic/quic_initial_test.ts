import { cryptoPiecesOf } from "../../../capture/quic/quic_frames.ts";
import { QuicInitialKeys } from "../../../capture/quic/quic_initial.ts";
import { longHeadersOf } from "../../../capture/quic/quic_long_header.ts";
import { parseClientHello } from "../../../capture/tls/client_hello.ts";
import { assert, assertEquals } from "../../assert.ts";
import { concat, hex, text, uint16, uint32, uint8, vector8 } from "../wire/build_bytes.ts";
import {
  cryptoFrame,
  initialPacket,
  type InitialParts,
  otherLongPacket,
  varint,
} from "./build_quic.ts";

/** The client's first frame in appendix A.2 of RFC 9001 and of RFC 9369, which they both protect. */
const RFC_CRYPTO_FRAME = hex(
  "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
    "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
    "616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
    "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
    "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
    "0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
    "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
    "75300901100f088394c8f03e51570806048000ffff",
);

/**
 * The beginning and the end of the protected packets there. The end is the tag, which depends on every bit of the
 * packet, its keys and its header.
 */
const RFC_PACKETS = {
  "1": [
    "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
    "e221af44860018ab0856972e194cd934",
  ],
  "2": [
    "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
    "a18b2faa745b6fe189cf772a9f84cbfc",
  ],
} as const;

function open(datagram: Uint8Array): Uint8Array | undefined {
  const [header] = longHeadersOf(datagram);
  return header && new QuicInitialKeys(header).open(datagram, header);
}

for (const [version, [begin, end]] of Object.entries(RFC_PACKETS)) {
  Deno.test(`QuicInitialKeys opens the packet of appendix A.2, version ${version}`, () => {
    const packet = initialPacket({
      version: version as InitialParts["version"],
      packetNumber: 2,
      frames: RFC_CRYPTO_FRAME,
    });
    assertEquals(packet.length, 1200);
    assertEquals(packet.subarray(0, 32), hex(begin));
    assertEquals(packet.subarray(-16), hex(end));

    const before = new Uint8Array(packet);
    const payload = open(packet);
    assert(payload !== undefined);
    assertEquals(packet, before, "the datagram is left as it was");
    const [piece, ...others] = cryptoPiecesOf(payload);
    assertEquals([piece.offset, piece.bytes.length, others.length], [0, 241, 0]);
    assertEquals(parseClientHello(piece.bytes), { serverName: "example.com", ech: undefined });
  });
}

Deno.test("QuicInitialKeys opens several packets with the same keys", () => {
  const packets = [0, 1, 255, 256, 2 ** 31].map((packetNumber) =>
    initialPacket({ packetNumber, frames: cryptoFrame(0, text(`packet ${packetNumber}`)) })
  );
  const [header] = longHeadersOf(packets[0]);
  const keys = new QuicInitialKeys(header);
  for (const packet of packets) assert(keys.open(packet, longHeadersOf(packet)[0]));
});

Deno.test("QuicInitialKeys opens nothing that was changed, nor what a server sealed", () => {
  const packet = initialPacket({ frames: RFC_CRYPTO_FRAME });
  // The flags, the version, the connection ID, the token length, the packet number, the payload and the tag.
  for (const offset of [0, 4, 6, 20, 30, 600, 1199]) {
    const changed = new Uint8Array(packet);
    changed[offset] ^= 1;
    assertEquals(open(changed), undefined, `bit changed at ${offset}`);
  }
  assertEquals(open(initialPacket({ from: "server", frames: RFC_CRYPTO_FRAME })), undefined);
});

Deno.test("QuicInitialKeys reads no sample beyond a packet's end", () => {
  for (let length = 0; length < 40; length++) {
    const datagram = concat(
      uint8(0xc0),
      uint32(1),
      vector8(new Uint8Array(8)),
      vector8(),
      varint(0),
      uint16(0x4000 | length),
      new Uint8Array(length),
    );
    assertEquals(open(datagram), undefined);
  }
});

Deno.test("longHeadersOf() walks the packets of a datagram", () => {
  const initial = initialPacket({ frames: RFC_CRYPTO_FRAME, length: 400 });
  const datagram = concat(otherLongPacket(1, 50), initial, otherLongPacket(2, 70), uint8(0x40));
  const headers = longHeadersOf(datagram);
  assertEquals(headers.map(({ isInitial }) => isInitial), [false, true, false]);
  assertEquals(headers[1].end - headers[1].start, 400);
  const payload = new QuicInitialKeys(headers[1]).open(datagram, headers[1]);
  assert(payload !== undefined && payload.length > RFC_CRYPTO_FRAME.length);
});

Deno.test("longHeadersOf() ends at what is no packet of a known version with a length", () => {
  const ends = {
    "a Retry": otherLongPacket(3, 60),
    "an unknown version": concat(uint8(0xc0), uint32(0x1234), new Uint8Array(100)),
    "a version negotiation": concat(uint8(0xc0), uint32(0), new Uint8Array(100)),
    "a connection ID that is too long": concat(
      uint8(0xc0),
      uint32(1),
      vector8(new Uint8Array(21)),
      new Uint8Array(100),
    ),
    "a length beyond the datagram": otherLongPacket(2, 70).subarray(0, 60),
    "a cut header": otherLongPacket(2, 70).subarray(0, 10),
    "no fixed bit": concat(uint8(0x80), uint32(1), new Uint8Array(100)),
  };
  for (const [what, bytes] of Object.entries(ends)) {
    assertEquals(longHeadersOf(bytes), [], what);
    assertEquals(longHeadersOf(concat(otherLongPacket(1, 40), bytes)).length, 1, what);
  }
});

Deno.test("longHeadersOf() tells an Initial's token", () => {
  const [without] = longHeadersOf(initialPacket({ frames: RFC_CRYPTO_FRAME }));
  const [withToken] = longHeadersOf(
    initialPacket({ frames: RFC_CRYPTO_FRAME, token: text("token") }),
  );
  assertEquals([without.hasToken, withToken.hasToken], [false, true]);
});

Deno.test("cryptoPiecesOf() finds the pieces between other frames", () => {
  const padding = new Uint8Array(5);
  const ping = uint8(0x01);
  const ack = concat(uint8(0x02), ...[9, 0, 1, 3, 1, 2].map(varint));
  const ackWithEcn = concat(uint8(0x03), ...[9, 0, 0, 3, 1, 2, 3].map(varint));
  const connectionClose = concat(uint8(0x1c), ...[0, 0, 0].map(varint));
  const pieces = cryptoPiecesOf(concat(
    padding,
    cryptoFrame(5, text("later")),
    ping,
    ack,
    ackWithEcn,
    cryptoFrame(0, text("first")),
    connectionClose,
    cryptoFrame(10, text("beyond")),
  ));
  assertEquals(pieces, [
    { offset: 5, bytes: text("later") },
    { offset: 0, bytes: text("first") },
  ]);
});

Deno.test("cryptoPiecesOf() ends at a frame that does not fit", () => {
  const whole = cryptoFrame(0, text("whole"));
  const cut = cryptoFrame(5, text("cut")).subarray(0, -1);
  const endlessAck = concat(uint8(0x02), varint(9), varint(0), hex("ffffffffffffffff"), varint(0));
  assertEquals(cryptoPiecesOf(concat(whole, cut)).length, 1);
  assertEquals(cryptoPiecesOf(concat(whole, endlessAck)).length, 1);
});
