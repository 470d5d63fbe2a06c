/**
 * Floods in which every packet is a new flow, beside a client whose conversations are known to the packet: nothing is lost
 * of what either sent, and the client's flows are there as if nothing else had been.
 */

import fc from "fast-check";
import { FLOODS, renewalOf } from "../../../scripts/bench/floods.ts";
import {
  CLIENT,
  CONVERSATIONS,
  DOWNLOAD,
  renewConversation,
  withMarkedClient,
} from "../../../scripts/bench/marked_client.ts";
import { formatAddress } from "../../../capture/address/address.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { Packet } from "../../../capture/decode/packet.ts";
import { FlowTable } from "../../../capture/flow/flow_table.ts";
import type { MergedFlows } from "../../../capture/flow/overflow.ts";
import { WaitingRoom } from "../../../capture/flow/waiting_room.ts";
import { type ObservedDelta, Observer } from "../../../capture/observer.ts";
import { RECORD_HEADER_LENGTH } from "../../../capture/source/pcap_record.ts";
import { bestName } from "../../../record/best_name.ts";
import { assert, assertEquals, assertGreater, assertLess } from "../../assert.ts";
import { type Frame, LINK_TYPE } from "../frame_builder.ts";
import { packetBatch, START_US } from "../pcap_records.ts";
import { direction, tcp, tcpAnswer, timeUs, udp } from "./flow_packets.ts";

const decodeLink = linkDecoder(LINK_TYPE.ethernet)!;
const PER_SECOND = 400_000;
const ROUND_FRAMES = 20_000;
const ROUNDS = 40;

/** What an observer gave of the frames, round after round, at 400,000 a second. */
function observe(frames: readonly Frame[], rounds: number) {
  const deltas: ObservedDelta[] = [];
  const merged: MergedFlows[] = [];
  const observer = new Observer((delta) => deltas.push(delta), {
    localNetworks: new LocalNetworks(),
    onMerged: (flows) => merged.push(structuredClone(flows)),
  });
  const { buffer, byteLength } = packetBatch(frames.map((frame) => ({ frame })));
  const view = new DataView(buffer.buffer);
  const places: { at: number; renew: ReturnType<typeof renewalOf> }[] = [];
  for (let at = 0; at < byteLength;) {
    const frame = at + RECORD_HEADER_LENGTH;
    places.push({ at, renew: renewalOf(buffer.subarray(frame)) });
    at = frame + view.getUint32(at + 8, true);
  }
  let [sent, renewed] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const { at, renew } of places) {
      const us = START_US + sent++ * 1e6 / PER_SECOND;
      view.setUint32(at, us / 1e6, true);
      view.setUint32(at + 4, us % 1e6, true);
      if (renew !== undefined) renew(buffer, at + RECORD_HEADER_LENGTH, renewed++);
      else renewConversation(buffer, at + RECORD_HEADER_LENGTH, round);
    }
    observer.process({ buffer, byteLength, then: "more" }, decodeLink);
  }
  observer.endAll();
  return { deltas, merged, observer };
}

function packetsOf({ initiator, responder }: ObservedDelta): number {
  return initiator.packets + responder.packets;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

for (const kind of ["tuples", "sources", "macs", "ipv6"] as const) {
  Deno.test(`a flood of ${kind} costs a client beside it no flow, no packet and no name`, () => {
    const { deltas, merged, observer } = observe(
      withMarkedClient(FLOODS[kind].frame, ROUND_FRAMES),
      ROUNDS,
    );
    const { ipPackets, ipBytes } = observer.counters;
    const outside = merged.map(({ up, down }) => up.packets + down.packets);
    assertEquals(total(deltas.map(packetsOf)) + total(outside), ipPackets, "packets");
    const bytes = deltas.map(({ initiator, responder }) => initiator.bytes + responder.bytes);
    const bytesOutside = merged.map(({ up, down }) => up.bytes + down.bytes);
    assertEquals(total(bytes) + total(bytesOutside), ipBytes, "bytes");
    assertLess(observer.flows.evicted, 10_000);
    assertEquals(observer.flows.waiting, 0);

    const ofClient = deltas.filter(({ initiator }) => formatAddress(initiator.address) === CLIENT);
    for (const { host, server, port, packets, evidence } of CONVERSATIONS) {
      const flows = ofClient.filter(({ responder }) => formatAddress(responder.address) === server);
      const ports = flows.map(({ initiator }) => initiator.port! - port).sort((a, b) => a - b);
      assertEquals(
        ports,
        Array.from({ length: ROUNDS }, (_, round) => round),
        `${host}: its flows`,
      );
      assertEquals(flows.filter((flow) => packetsOf(flow) !== packets), [], `${host}: whole`);
      assertEquals(flows.filter(({ endReason }) => endReason === "evicted"), []);
      if (evidence === "dns") continue;
      assert(flows.every(({ evidence }) => bestName(evidence, undefined).name === host), host);
      const bySni = flows.filter(({ evidence: { tlsServerName, quicServerName } }) =>
        (evidence === "tls" ? tlsServerName : quicServerName) === host
      );
      assertEquals(bySni.length, ROUNDS, `${host}: by its hello`);
    }
    const download = ofClient.filter(({ responder }) =>
      formatAddress(responder.address) === DOWNLOAD.server
    );
    assertEquals(total(download.map(packetsOf)), ROUNDS * DOWNLOAD.packets);
  });
}

Deno.test("a flow waits only while too many begin, and enters with all that it sent when it is answered", () => {
  const outside: number[] = [];
  const deltas: string[] = [];
  const table = new FlowTable<never>(
    (delta) => {
      const { initiator, responder } = delta;
      if (initiator.port! < 50_000) return;
      deltas.push(`${direction(delta)} ${initiator.packets}+${responder.packets}`);
    },
    { freeEntries: 100, onOutside: ({ sent }) => outside.push(sent.packets) },
  );
  table.sweep(timeUs(0));
  for (let port = 1; port <= 150; port++) table.add(udp({ at: 0, sourcePort: port }));
  assertEquals([table.size, table.waiting], [116, 34], "the sender's own share entered besides");
  assertEquals(table.add(tcp({ at: 0.1, sourcePort: 50_000, flags: "S" })), -1);
  assertEquals(table.add(tcp({ at: 0.2, sourcePort: 50_000, flags: "S" })), -1);
  assert(table.add(tcpAnswer({ at: 0.3, sourcePort: 50_000, flags: "SA" })) >= 0);
  assertEquals(table.flowsSeen, 117);
  table.sweep(timeUs(2));
  assertEquals([table.waiting, outside.length, table.flowsSeen], [0, 34, 151]);
  table.sweep(timeUs(3));
  assert(table.add(tcp({ at: 3.1, sourcePort: 50_001, flags: "S" })) >= 0, "the flood is over");
  table.endAll();
  assertEquals(deltas, [
    "192.168.1.20:50000 > 93.184.216.34:443 2+1",
    "192.168.1.20:50001 > 93.184.216.34:443 1+0",
  ]);
});

Deno.test("a flow that one end alone speaks in enters when it has sent some packets", () => {
  const sums = { outside: 0, inTable: 0 };
  const table = new FlowTable<never>(
    ({ initiator }) => sums.inTable += initiator.packets,
    { freeEntries: 1, onOutside: ({ sent }) => sums.outside += sent.packets },
  );
  for (let port = 1; port <= 40; port++) table.add(udp({ sourcePort: port }));
  const entries = Array.from({ length: 6 }, () => table.add(udp({ sourcePort: 50_000 })) >= 0);
  assertEquals(entries, [false, false, false, true, true, true]);
  table.endAll();
  assertEquals(sums, { outside: 40 - 17, inTable: 17 + 6 });
});

Deno.test("property: `WaitingRoom` holds what a map of the last flows that came holds", () => {
  const CAPACITY = 8;
  const key = new Int32Array(10);
  const keyOf = (flow: number) => key.fill(flow);
  const step = fc.record({ flow: fc.nat(20), does: fc.constantFrom("enter", "count", "leave") });
  const run = fc.array(step, { maxLength: 200, size: "max" });
  fc.assert(fc.property(run, (steps) => {
    const room = new WaitingRoom(CAPACITY);
    const model = new Map<number, number>();
    const packet = new Packet();
    for (const { flow, does } of steps) {
      const hash = flow & 3; // so that chains are long
      const place = room.find(keyOf(flow), hash);
      assertEquals(place >= 0, model.has(flow));
      packet.ipLength = flow + 1;
      if (does === "enter" && place < 0) {
        // Who left in between has its place still.
        while (room.isFull) {
          room.read(room.oldest, packet);
          room.leave(room.oldest);
          const [[first, packets]] = model;
          assertEquals(packet.ipLength, packets * (first + 1));
          model.delete(first);
        }
        packet.ipLength = flow + 1;
        room.enter(packet, keyOf(flow), hash, false);
        model.set(flow, 1);
      } else if (does === "count" && place >= 0) {
        room.count(place, packet);
        model.set(flow, model.get(flow)! + 1);
      } else if (does === "leave" && place >= 0) {
        assertEquals(room.packets(place), model.get(flow));
        room.leave(place);
        model.delete(flow);
      }
      assertEquals(room.size, model.size);
    }
  }));
});

Deno.test("a table under pressure sums those who wait when it is over", () => {
  let summed = 0;
  const table = new FlowTable<never>(() => {}, { freeEntries: 10, onOutside: () => summed++ });
  for (let port = 1; port <= 100; port++) table.add(udp({ sourcePort: port }));
  assertGreater(table.waiting, 0);
  for (let second = 1; second < 40; second++) table.sweep(timeUs(second));
  assertEquals([table.waiting, summed], [0, 100 - 26]);
});
