import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import type { NameEvidence } from "../../../capture/payload/name_evidence.ts";
import { PayloadInspector } from "../../../capture/payload/payload_inspector.ts";
import { assertEquals } from "../../assert.ts";
import { concat, hex, text, uint32, uint8 } from "../wire/build_bytes.ts";
import { clientHello, echExtension, serverHello } from "../tls/build_client_hello.ts";
import { chloFor, publicHeaderDatagram, q046Datagram } from "../quic/build_gquic.ts";
import {
  CONNECTION_ID,
  cryptoFrame,
  googleCryptoFrame,
  initialPacket,
  otherLongPacket,
} from "../quic/build_quic.ts";

interface Inspected {
  evidence: NameEvidence;
  state: "wanting" | "done";
  heldBytes: number;
}

function inspect(...datagrams: readonly Uint8Array[]): Inspected {
  const budget = new InspectorBudget();
  using inspector = new PayloadInspector(budget);
  for (const datagram of datagrams) {
    const batch = new Uint8Array(datagram);
    inspector.addUdp(batch);
    batch.fill(0);
  }
  return {
    evidence: JSON.parse(JSON.stringify(inspector.evidence)),
    state: inspector.state,
    heldBytes: budget.heldBytes,
  };
}

const HELLO = clientHello({ serverName: "example.com" });
const WHOLE = cryptoFrame(0, HELLO);
const NAMED: Inspected = {
  evidence: { protocol: "quic", quicServerName: "example.com" },
  state: "done",
  heldBytes: 0,
};
const UNNAMED: Inspected = { evidence: { protocol: "quic" }, state: "wanting", heldBytes: 1024 };
const SERVER_ID = hex("f067a5502a4262b5");

Deno.test("PayloadInspector names the hello of a client's Initial, in each version", () => {
  assertEquals(inspect(initialPacket({ frames: WHOLE })), NAMED);
  assertEquals(inspect(initialPacket({ frames: WHOLE, version: "2" })), NAMED);
  assertEquals(inspect(initialPacket({ frames: WHOLE, version: "draft-29" })), NAMED);
  const googleTls = googleCryptoFrame(0, HELLO);
  assertEquals(inspect(initialPacket({ frames: googleTls, version: "T051" })), NAMED);
  const googleCrypto = googleCryptoFrame(0, chloFor("example.com"));
  assertEquals(inspect(initialPacket({ frames: googleCrypto, version: "Q050" })), NAMED);
  assertEquals(inspect(publicHeaderDatagram(43, chloFor("example.com"))), NAMED);
  assertEquals(inspect(q046Datagram(chloFor("example.com"))), NAMED);
});

Deno.test("PayloadInspector names a hello cut anywhere into two datagrams, in both orders", () => {
  for (let cut = 1; cut < HELLO.length; cut++) {
    const first = initialPacket({ frames: cryptoFrame(0, HELLO.subarray(0, cut)) });
    const second = initialPacket({
      frames: cryptoFrame(cut, HELLO.subarray(cut)),
      packetNumber: 1,
    });
    assertEquals(inspect(first, second), NAMED, `cut at ${cut}`);
    assertEquals(inspect(second, first), NAMED, `cut at ${cut}, the second first`);
  }
});

Deno.test("PayloadInspector names a hello in shuffled frames of several datagrams", () => {
  const hello = clientHello({ serverName: "example.com", length: 1800 });
  const piece = (from: number, to: number) => cryptoFrame(from, hello.subarray(from, to));
  const datagrams = [
    concat(piece(900, 1000), uint8(0x01), piece(40, 70), piece(0, 10)),
    concat(piece(1000, 1800), new Uint8Array(3), piece(8, 45)),
    concat(piece(300, 900), piece(70, 310)),
  ].map((frames, packetNumber) => initialPacket({ frames, packetNumber }));
  for (const [i, j, k] of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
    assertEquals(inspect(datagrams[i], datagrams[j], datagrams[k]), NAMED);
  }
});

Deno.test("PayloadInspector names a hello in an Initial between other packets of a datagram", () => {
  const initial = initialPacket({ frames: WHOLE, length: 600 });
  const datagram = concat(otherLongPacket(1, 300), initial, otherLongPacket(2, 400));
  assertEquals(inspect(datagram), NAMED);
  const two = concat(
    initialPacket({ frames: cryptoFrame(0, HELLO.subarray(0, 60)), length: 700 }),
    initialPacket({ frames: cryptoFrame(60, HELLO.subarray(60)), length: 700, packetNumber: 1 }),
  );
  assertEquals(inspect(two), NAMED);
});

Deno.test("PayloadInspector follows a client to the connection ID that the server chose", () => {
  const first = initialPacket({ frames: cryptoFrame(0, HELLO.subarray(0, 60)) });
  const server = initialPacket({
    frames: cryptoFrame(0, serverHello()),
    destinationId: new Uint8Array(0),
    sourceId: SERVER_ID,
    keysFrom: CONNECTION_ID,
    from: "server",
  });
  const second = initialPacket({
    frames: cryptoFrame(60, HELLO.subarray(60)),
    destinationId: SERVER_ID,
    keysFrom: CONNECTION_ID,
    packetNumber: 1,
  });
  assertEquals(inspect(first, server, second), NAMED);
});

Deno.test("PayloadInspector begins anew with the keys of a Retry's connection ID", () => {
  const pieceOf = (hello: Uint8Array) => cryptoFrame(0, hello.subarray(0, 60));
  const before = initialPacket({ frames: pieceOf(clientHello({ serverName: "another.com" })) });
  const retry = otherLongPacket(3, 60);
  for (const destinationId of [SERVER_ID, SERVER_ID.subarray(0, 4), new Uint8Array(0)]) {
    const token = text("token");
    const after = [
      initialPacket({ frames: pieceOf(HELLO), destinationId, token, packetNumber: 1 }),
      initialPacket({
        frames: cryptoFrame(60, HELLO.subarray(60)),
        destinationId,
        token,
        packetNumber: 2,
      }),
    ];
    assertEquals(inspect(before, retry, ...after), NAMED);
  }
});

Deno.test("PayloadInspector names a hello that comes again after it was damaged", () => {
  const damaged = initialPacket({ frames: WHOLE });
  damaged[700] ^= 1;
  assertEquals(inspect(damaged), UNNAMED);
  assertEquals(inspect(damaged, initialPacket({ frames: WHOLE, packetNumber: 1 })), NAMED);
});

Deno.test("PayloadInspector waits through what a version negotiation is made of", () => {
  const provoking = concat(uint8(0xc0), uint32(0xbabababa), new Uint8Array(1200).fill(8));
  const negotiation = concat(uint8(0xc0), uint32(0), new Uint8Array(40));
  assertEquals(inspect(provoking).evidence, {});
  assertEquals(inspect(provoking, negotiation, initialPacket({ frames: WHOLE })), NAMED);
});

Deno.test("PayloadInspector tells of an encrypted hello over QUIC", () => {
  const hello = clientHello({ serverName: "public.example", extensions: [echExtension(9)] });
  assertEquals(inspect(initialPacket({ frames: cryptoFrame(0, hello) })).evidence, {
    protocol: "quic",
    quicServerName: "public.example",
    ech: { kind: "outer", configId: 9 },
  });
});

Deno.test("PayloadInspector takes no name out of a datagram that a server would discard", () => {
  assertEquals(inspect(initialPacket({ frames: WHOLE, length: 1199 })), UNNAMED);
  assertEquals(inspect(initialPacket({ frames: WHOLE, from: "server" })), UNNAMED);
});

Deno.test("PayloadInspector is done at once with what is not QUIC", () => {
  const done = { evidence: {}, state: "done", heldBytes: 0 };
  const payloads = {
    "DNS": hex("12340100000100000000000003777777076578616d706c6503636f6d0000010001"),
    "RTP": hex("8000000100000000deadbeef").subarray(0),
    "a QUIC short header": concat(uint8(0x40), new Uint8Array(40)),
    "an unknown version": concat(uint8(0xc0), uint32(0x12345678), new Uint8Array(1200)),
    "a connection ID that is too long": concat(
      uint8(0xc0),
      uint32(1),
      uint8(21),
      new Uint8Array(99),
    ),
    "one byte": uint8(0xc0),
  };
  for (const [what, payload] of Object.entries(payloads)) {
    assertEquals(inspect(payload), done, what);
  }
});

Deno.test("PayloadInspector decrypts no more than 16 packets of a flow", () => {
  const foreign = initialPacket({ frames: WHOLE, from: "server" });
  const before = (count: number) => Array<Uint8Array>(count).fill(foreign);
  const hello = initialPacket({ frames: WHOLE });
  assertEquals(inspect(...before(15), hello), NAMED);
  assertEquals(inspect(...before(16), hello), { ...UNNAMED, state: "done", heldBytes: 0 });
});

Deno.test("PayloadInspector is done after 64 datagrams", () => {
  const datagrams = Array<Uint8Array>(65).fill(otherLongPacket(2, 100));
  assertEquals(inspect(...datagrams.slice(1)), UNNAMED);
  assertEquals(inspect(...datagrams).state, "done");
});
