import fc from "fast-check";
import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import type { NameEvidence } from "../../../capture/payload/name_evidence.ts";
import { mayBeginTcpNames, quicStartOf } from "../../../capture/payload/payload_start.ts";
import { PayloadInspector } from "../../../capture/payload/payload_inspector.ts";
import { assert, assertEquals } from "../../assert.ts";
import { concat, text } from "../wire/build_bytes.ts";
import { clientHello, echExtension, serverHello, tlsRecords } from "../tls/build_client_hello.ts";
import { chloFor, publicHeaderDatagram, q046Datagram } from "../quic/build_gquic.ts";
import {
  cryptoFrame,
  googleCryptoFrame,
  initialPacket,
  otherLongPacket,
} from "../quic/build_quic.ts";

const BUDGET_BYTES = 20_000;
const HELLO = clientHello({ serverName: "example.com", extensions: [echExtension(1)] });
const REQUEST = "POST http://example.com:80/ HTTP/1.1\r\nHost: [::1]:80\r\nA: b\r\n c\r\n\r\nbody";
const CONNECT = text("CONNECT example.com:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n");
const STREAMS = [
  tlsRecords(HELLO),
  tlsRecords(HELLO, 7),
  tlsRecords(serverHello()),
  text(REQUEST),
  text("HTTP/1.1 200 OK\r\n\r\n"),
  concat(CONNECT, CONNECT, tlsRecords(HELLO)),
];
const DATAGRAMS = [
  initialPacket({ frames: cryptoFrame(0, HELLO) }),
  initialPacket({ frames: googleCryptoFrame(0, chloFor("example.com")), version: "Q050" }),
  publicHeaderDatagram(25, chloFor("example.com")),
  publicHeaderDatagram(43, chloFor("example.com")),
  q046Datagram(chloFor("example.com")),
  concat(otherLongPacket(1, 30), initialPacket({ frames: cryptoFrame(30, HELLO) })),
];

/** Some of `wholes`, cut, and with some of their bytes changed. */
function damaged(wholes: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  return fc.tuple(fc.constantFrom(...wholes), fc.array(change, { maxLength: 6 }), fc.nat(2000)).map(
    ([whole, changes, length]) => {
      const bytes = whole.slice(0, length);
      for (const [at, value] of changes) bytes[at % Math.max(1, bytes.length)] = value;
      return bytes;
    },
  );
}

/** A payload in the midst of other memory, as it is in a batch, so that a read past its end finds something. */
function inBatch(payload: Uint8Array): Uint8Array {
  return concat(text("before"), payload, text("example.org behind")).subarray(
    6,
    6 + payload.length,
  );
}

function assertIsName(name: string | undefined): void {
  if (name === undefined) return;
  assert(/^[\x21-\x7e]{1,1020}$/.test(name), name);
  assert(!name.includes("org"), `${name} was read past the end of a payload`);
}

function assertIsEvidence(evidence: NameEvidence): void {
  assertIsName(evidence.tlsServerName);
  assertIsName(evidence.quicServerName);
  assertIsName(evidence.httpHost);
}

Deno.test("property: no TCP payloads make PayloadInspector throw or hold more than its budget", () => {
  const payload = fc.oneof(damaged(STREAMS), fc.uint8Array({ maxLength: 3000, size: "max" }));
  const segment = fc.tuple(fc.integer({ min: -50, max: 20_000 }), payload, fc.boolean());
  const segments = fc.array(segment, { maxLength: 80, size: "max" });
  fc.assert(fc.property(fc.boolean(), fc.integer(), segments, (withSyn, sequence, list) => {
    const budget = new InspectorBudget(BUDGET_BYTES);
    using inspector = new PayloadInspector(budget);
    if (withSyn) inspector.addSyn(sequence, true);
    for (const [offset, bytes, fromInitiator] of list) {
      inspector.addTcp(sequence + 1 + offset | 0, inBatch(bytes), fromInitiator);
      mayBeginTcpNames(bytes, 0, bytes.length);
      assert(budget.heldBytes <= BUDGET_BYTES);
      if (inspector.state === "done") assertEquals(budget.heldBytes, 0);
    }
    assertIsEvidence(inspector.evidence);
    inspector.close();
    assertEquals(budget.heldBytes, 0);
  }));
});

Deno.test("property: no datagrams make PayloadInspector throw or hold more than its budget", () => {
  const datagrams = fc.array(
    fc.oneof(damaged(DATAGRAMS), fc.uint8Array({ maxLength: 1300, size: "max" })),
    {
      maxLength: 10,
      size: "max",
    },
  );
  fc.assert(fc.property(datagrams, (list) => {
    const budget = new InspectorBudget(BUDGET_BYTES);
    using inspector = new PayloadInspector(budget);
    for (const bytes of list) {
      inspector.addUdp(inBatch(bytes));
      quicStartOf(bytes, 0, bytes.length);
      assert(budget.heldBytes <= BUDGET_BYTES);
    }
    assertIsEvidence(inspector.evidence);
    inspector.close();
    assertEquals(budget.heldBytes, 0);
  }));
});

Deno.test("property: frames that somebody sealed rightly do not make PayloadInspector throw", () => {
  const good = concat(cryptoFrame(0, HELLO.subarray(0, 50)), cryptoFrame(50, HELLO.subarray(50)));
  const frames = fc.array(
    fc.oneof(damaged([good]), fc.uint8Array({ maxLength: 200, size: "max" })),
    {
      maxLength: 4,
    },
  );
  fc.assert(fc.property(frames, (list) => {
    const budget = new InspectorBudget(BUDGET_BYTES);
    using inspector = new PayloadInspector(budget);
    for (const bytes of list) inspector.addUdp(initialPacket({ frames: bytes }));
    assert(budget.heldBytes <= BUDGET_BYTES);
    assertIsEvidence(inspector.evidence);
  }));
});

Deno.test("property: however a stream is cut and shuffled, its name is the same", () => {
  const named = [
    [tlsRecords(HELLO), "tlsServerName"],
    [tlsRecords(HELLO, 60), "tlsServerName"],
    [text(REQUEST), "httpHost"],
    [concat(CONNECT, tlsRecords(HELLO)), "tlsServerName"],
  ] as const;
  const cuts = fc.array(fc.nat(600), { maxLength: 20, size: "max" });
  fc.assert(fc.property(fc.constantFrom(...named), cuts, fc.infiniteStream(fc.nat()), (
    [stream, key],
    offsets,
    random,
  ) => {
    const bounds = [...new Set([0, ...offsets.filter((at) => at < stream.length)])]
      .sort((a, b) => a - b);
    const shuffled = bounds
      .map((at, i) => ({ at, end: bounds[i + 1] ?? stream.length, rank: random.next().value }))
      .sort((a, b) => a.rank - b.rank);
    using inspector = new PayloadInspector(new InspectorBudget());
    const sequence = 2 ** 31 - 100; // wraps around in the midst of the stream
    inspector.addSyn(sequence - 1, true);
    for (const { at, end } of shuffled) {
      inspector.addTcp(sequence + at | 0, inBatch(stream.subarray(at, end)), true);
    }
    assertEquals(inspector.evidence[key], "example.com");
  }));
});
