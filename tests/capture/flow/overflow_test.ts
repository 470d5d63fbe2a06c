/** Under pressure: many short flows, few lines, and every byte still counted. */

import { formatAddress } from "../../../capture/address/address.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { type ObservedDelta, Observer } from "../../../capture/observer.ts";
import type { MergedFlows } from "../../../capture/flow/overflow.ts";
import { assert, assertEquals, assertLess } from "../../assert.ts";
import { ethernet, LINK_TYPE } from "../frame_builder.ts";
import { packetBatch, START_US } from "../pcap_records.ts";

const decodeLink = linkDecoder(LINK_TYPE.ethernet)!;

/** Everything that an observer with a table of 100 flows gave. */
function observe(feed: (observer: Observer) => void) {
  const deltas: ObservedDelta[] = [];
  const merged: MergedFlows[] = [];
  const observer = new Observer((delta) => deltas.push(delta), {
    localNetworks: new LocalNetworks(),
    maxFlows: 100,
    onMerged: (flows) => merged.push(flows),
  });
  feed(observer);
  observer.endAll();
  return { deltas, merged, observer };
}

/** One datagram a flow, `flows` of them, 100 µs apart. */
function scan(observer: Observer, flows: number, endsOf: (flow: number) => [string, string]): void {
  for (let flow = 0; flow < flows; flow++) {
    const [source, destination] = endsOf(flow);
    const frame = ethernet().ipv4({ source, destination }).udp({
      sourcePort: 40_000,
      destinationPort: 1 + flow % 60_000,
    });
    observer.process(packetBatch([{ frame, timeUs: START_US + flow * 100 }]), decodeLink);
  }
}

function spread(flow: number): string {
  return `198.51.${flow >> 8 & 255}.${flow & 255}`;
}

function sums({ deltas, merged }: ReturnType<typeof observe>) {
  const packets = deltas.map(({ initiator, responder }) => initiator.packets + responder.packets);
  const bytes = deltas.map(({ initiator, responder }) => initiator.bytes + responder.bytes);
  packets.push(...merged.map(({ up, down }) => up.packets + down.packets));
  bytes.push(...merged.map(({ up, down }) => up.bytes + down.bytes));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { packets: sum(packets), bytes: sum(bytes) };
}

const FLOWS = 20_000;

Deno.test("`Observer` merges the flows of a scan beyond the budget, a line a second, and loses no byte", () => {
  const seen = observe((observer) => {
    scan(observer, FLOWS, (flow) => ["192.168.0.2", spread(flow)]);
  });
  const { ipPackets, ipBytes } = seen.observer.counters;
  assertEquals(sums(seen), { packets: ipPackets, bytes: ipBytes });
  assertLess(seen.deltas.length, 7_000);
  assertLess(seen.merged.length, 10);
  assertEquals(
    seen.deltas.length + seen.merged.reduce((total, { flows }) => total + flows, 0),
    FLOWS,
  );
  for (const { initiatorAddress, responderAddress } of seen.merged) {
    assertEquals(formatAddress(initiatorAddress!), "192.168.0.2");
    assertEquals(responderAddress, undefined);
  }
});

Deno.test("`Observer` names the destination of merged flows that all had the same", () => {
  const { merged } = observe((observer) => {
    scan(observer, FLOWS, () => ["192.168.0.2", "198.51.100.7"]);
  });
  assert(merged.length > 0);
  for (const { responderAddress } of merged) {
    assertEquals(formatAddress(responderAddress!), "198.51.100.7");
  }
});

Deno.test("`Observer` bounds the lines of a flood from invented addresses", () => {
  const seen = observe((observer) => {
    scan(observer, FLOWS, (flow) => [`192.168.${flow >> 8 & 255}.${flow & 255}`, "198.51.100.7"]);
  });
  const { ipPackets, ipBytes } = seen.observer.counters;
  assertEquals(sums(seen), { packets: ipPackets, bytes: ipBytes });
  assertLess(seen.merged.length, 1_000);
  assert(seen.merged.some(({ initiatorAddress }) => initiatorAddress === undefined));
});

Deno.test("`Observer` writes a long flow for itself, whatever the pressure", () => {
  const { deltas } = observe((observer) => {
    scan(observer, FLOWS, (flow) => ["192.168.0.2", spread(flow)]);
    const frame = ethernet().ipv4({ source: "192.168.0.9", destination: "198.51.100.9" })
      .udp({ sourcePort: 5_000, destinationPort: 443 });
    for (let i = 0; i < 20; i++) {
      observer.process(packetBatch([{ frame, timeUs: START_US + 3e6 + i }]), decodeLink);
    }
  });
  const [{ initiator }] = deltas.filter(({ initiator }) =>
    formatAddress(initiator.address) === "192.168.0.9"
  );
  assertEquals(initiator.packets, 20);
});
