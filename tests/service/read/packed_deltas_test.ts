import fc from "fast-check";
import { assert, assertEquals } from "../../assert.ts";
import type { AddressWords } from "../../../capture/address/address.ts";
import type { FlowEnd } from "../../../capture/flow/flow_delta.ts";
import type { ObservedDelta } from "../../../capture/observer.ts";
import { DeltaPacker, unpackDeltas } from "../../../service/read/packed_deltas.ts";

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const sum = fc.maxSafeNat();

const end: fc.Arbitrary<FlowEnd> = fc.record({
  address: fc.tuple(word, word, word, word) as fc.Arbitrary<AddressWords>,
  port: maybe(fc.nat(65_535)),
  mac: maybe(fc.tuple(fc.nat(65_535), word)),
  bytes: sum,
  packets: sum,
});

const delta: fc.Arbitrary<ObservedDelta> = fc.record({
  flowId: fc.string(),
  part: fc.nat(),
  endReason: fc.constantFrom("active", "idle", "fin", "rst", "evicted", "shutdown"),
  ipVersion: fc.constantFrom(4, 6),
  protocol: fc.nat(255),
  oneWay: fc.boolean(),
  isTunneled: fc.boolean(),
  interfaceIndex: fc.nat(),
  initiator: end,
  responder: end,
  startUs: sum,
  endUs: sum,
  evidence: fc.record({
    protocol: maybe(fc.constantFrom("tls", "quic", "http")),
    tlsServerName: maybe(fc.string({ unit: "binary" })),
    quicServerName: maybe(fc.string()),
    httpHost: maybe(fc.string()),
    dnsQueryName: maybe(fc.string()),
    isEchOuterName: fc.boolean(),
  }),
  deviceName: maybe(fc.string()),
  initiatorIsLocal: fc.boolean(),
  responderIsLocal: fc.boolean(),
});

Deno.test("deltas come out of a message as they went in, whatever they are", () => {
  fc.assert(fc.property(fc.array(delta, { maxLength: 20 }), (deltas) => {
    const packer = new DeltaPacker(20);
    for (const delta of deltas) packer.add(delta);
    assertEquals(unpackDeltas(structuredClone(packer.give())), deltas);
  }));
});

Deno.test("a `DeltaPacker` says when it is full, and is empty when it has given", () => {
  const [first, second, third] = fc.sample(delta, 3);
  const packer = new DeltaPacker(2);
  packer.add(first);
  assertEquals([packer.size, packer.isFull], [1, false]);
  packer.add(second);
  assert(packer.isFull);
  const full = packer.give();
  assertEquals([packer.size, packer.isFull], [0, false]);
  // The thread owns what was handed over.
  structuredClone(full, { transfer: [full.numbers.buffer] });
  packer.add(third);
  assertEquals(unpackDeltas(packer.give()), [third]);
});
