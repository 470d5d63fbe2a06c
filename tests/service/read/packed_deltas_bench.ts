/** What 128 deltas cost on their way to another thread. */

import type { ObservedDelta } from "../../../capture/observer.ts";
import { DeltaPacker, unpackDeltas } from "../../../service/read/packed_deltas.ts";

const COUNT = 128;
const deltas = Array.from({ length: COUNT }, (_, i): ObservedDelta => ({
  flowId: `hefg8dts00-${i.toString(36)}`,
  part: 0,
  endReason: "fin",
  ipVersion: 4,
  protocol: 6,
  oneWay: false,
  isTunneled: false,
  interfaceIndex: 0,
  initiator: {
    address: [0, 0, 0xffff, 0x0a000001 + i],
    port: 40_000 + i,
    mac: [0x0200, i],
    bytes: 1200,
    packets: 7,
  },
  responder: {
    address: [0, 0, 0xffff, 0x5db8d822],
    port: 443,
    mac: [0x0201, 1],
    bytes: 34_000,
    packets: 30,
  },
  startUs: 1_800_000_000_000_000,
  endUs: 1_800_000_001_000_000,
  evidence: {
    protocol: "tls",
    tlsServerName: `host-${i}.example.org`,
    dnsQueryName: `host-${i}.example.org`,
  },
  deviceName: undefined,
  initiatorIsLocal: true,
  responderIsLocal: false,
}));

Deno.bench("cloned as objects", { group: "128 deltas" }, () => {
  structuredClone(deltas);
});

Deno.bench("packed", { group: "128 deltas", baseline: true }, () => {
  const packer = new DeltaPacker(COUNT);
  for (const delta of deltas) packer.add(delta);
  const packed = packer.give();
  unpackDeltas(structuredClone(packed, { transfer: [packed.numbers.buffer] }));
});
