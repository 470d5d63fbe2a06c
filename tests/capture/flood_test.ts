/**
 * Floods, beside a client whose conversations are known to the packet: nothing is lost of what either sent, the client's
 * flows are there as if nothing else had been, and what is remembered stays within its bounds.
 */

import { FLOODS, renewalOf } from "../../scripts/bench/floods.ts";
import {
  CLIENT,
  CONVERSATIONS,
  DOWNLOAD,
  renewConversation,
  withMarkedClient,
} from "../../scripts/bench/marked_client.ts";
import { formatAddress } from "../../capture/address/address.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { linkDecoder } from "../../capture/decode/link_layer.ts";
import type { MergedFlows } from "../../capture/flow/overflow.ts";
import { type ObservedDelta, Observer } from "../../capture/observer.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";
import { bestName } from "../../record/best_name.ts";
import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "../assert.ts";
import { type Frame, LINK_TYPE } from "./frame_builder.ts";
import { packetBatch, START_US } from "./pcap_records.ts";

const decodeLink = linkDecoder(LINK_TYPE.ethernet)!;
const PER_SECOND = 400_000;
const ROUND_FRAMES = 20_000;
/** 1.2 seconds. */
const ROUNDS = 24;

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
  let [sent, renewed, mostHeldBytes] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const { at, renew } of places) {
      const us = START_US + sent++ * 1e6 / PER_SECOND;
      view.setUint32(at, us / 1e6, true);
      view.setUint32(at + 4, us % 1e6, true);
      if (renew !== undefined) renew(buffer, at + RECORD_HEADER_LENGTH, renewed++);
      else renewConversation(buffer, at + RECORD_HEADER_LENGTH, round);
    }
    observer.process({ buffer, byteLength, then: "more" }, decodeLink);
    mostHeldBytes = Math.max(mostHeldBytes, observer.names.inspections.heldBytes);
  }
  observer.endAll();
  return { deltas, merged, observer, mostHeldBytes };
}

function packetsOf({ initiator, responder }: ObservedDelta): number {
  return initiator.packets + responder.packets;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

type Seen = ReturnType<typeof observe>;

function assertSumsExact({ deltas, merged, observer }: Seen): void {
  const { ipPackets, ipBytes, internalPackets, internalBytes } = observer.counters;
  const outside = merged.map(({ up, down }) => up.packets + down.packets);
  const packets = total(deltas.map(packetsOf)) + total(outside);
  assertEquals(packets + internalPackets, ipPackets, "packets");
  const bytes = deltas.map(({ initiator, responder }) => initiator.bytes + responder.bytes);
  const bytesOutside = merged.map(({ up, down }) => up.bytes + down.bytes);
  assertEquals(total(bytes) + total(bytesOutside) + internalBytes, ipBytes, "bytes");
}

/** All of the client's flows are there, whole, by name and not evicted. */
function assertClientWhole({ deltas }: Seen): ObservedDelta[] {
  const ofClient = deltas.filter(({ initiator }) => formatAddress(initiator.address) === CLIENT);
  for (const { host, server, port, packets, evidence } of CONVERSATIONS) {
    const flows = ofClient.filter(({ responder }) => formatAddress(responder.address) === server);
    const ports = flows.map(({ initiator }) => initiator.port! - port).sort((a, b) => a - b);
    assertEquals(ports, Array.from({ length: ROUNDS }, (_, round) => round), `${host}: its flows`);
    assertEquals(flows.filter((flow) => packetsOf(flow) !== packets), [], `${host}: whole`);
    assertEquals(flows.filter(({ endReason }) => endReason === "evicted"), []);
    if (evidence === "dns") continue;
    assert(flows.every(({ evidence }) => bestName(evidence, undefined).name === host), host);
  }
  const download = ofClient.filter(({ responder }) =>
    formatAddress(responder.address) === DOWNLOAD.server
  );
  assertEquals(total(download.map(packetsOf)), ROUNDS * DOWNLOAD.packets);
  return ofClient;
}

for (const kind of ["tuples", "sources", "macs", "ipv6"] as const) {
  Deno.test(`a flood of ${kind} costs a client beside it no flow, no packet and no name`, () => {
    const seen = observe(withMarkedClient(FLOODS[kind].frame, ROUND_FRAMES), ROUNDS);
    assertSumsExact(seen);
    assertLess(seen.observer.flows.evicted, 10_000);
    assertEquals(seen.observer.flows.waiting, 0);
    const ofClient = assertClientWhole(seen);
    for (const key of ["tlsServerName", "quicServerName"] as const) {
      assertEquals(ofClient.filter(({ evidence }) => evidence[key] !== undefined).length, ROUNDS);
    }
  });
}

Deno.test("a flood of DNS answers that nobody asked for pushes no name out", () => {
  const seen = observe(withMarkedClient(FLOODS.dns.frame, ROUND_FRAMES), ROUNDS);
  assertSumsExact(seen);
  assertClientWhole(seen);
  const { dns } = seen.observer.names;
  assertLess(dns.answers, 3_000);
  assertGreater(dns.leftOut, 400_000);
});

Deno.test("a flood of halves of hellos is held within the budget, and whole ones are read", () => {
  const seen = observe(withMarkedClient(FLOODS.hellos.frame, ROUND_FRAMES), ROUNDS);
  assertSumsExact(seen);
  assertLessOrEqual(seen.mostHeldBytes, 8 << 20);
  const ofClient = assertClientWhole(seen);
  assertEquals(
    ofClient.filter(({ evidence }) => evidence.tlsServerName !== undefined).length,
    ROUNDS,
  );
});

Deno.test("a flood of QUIC Initials is opened within the budget, and a client beside it is named", () => {
  const seen = observe(withMarkedClient(FLOODS.initials.frame, ROUND_FRAMES), ROUNDS);
  assertSumsExact(seen);
  assertClientWhole(seen);
  assertGreater(seen.observer.names.inspections.refused, 1_000);
});

Deno.test("a flood of first fragments costs a client beside it nothing", () => {
  const seen = observe(withMarkedClient(FLOODS.fragments.frame, ROUND_FRAMES), ROUNDS);
  assertSumsExact(seen);
  assertClientWhole(seen);
});

for (const kind of ["dhcp", "mdns"] as const) {
  Deno.test(`a flood of ${kind} names stays within the tables' bounds, and most are not read`, () => {
    const seen = observe(withMarkedClient(FLOODS[kind].frame, ROUND_FRAMES), ROUNDS);
    assertSumsExact(seen);
    assertClientWhole(seen);
    const { devices } = seen.observer;
    assertLess(devices.size, 4_000);
    assertGreater(devices.counters.leftOut, 400_000);
  });
}
