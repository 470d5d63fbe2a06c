/**
 * The flow table against naive models. Few addresses and ports make packets meet in the same flows, few entries make
 * the table evict all the time, so that its runs of slots are broken and mended in every way.
 */

import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import { formatAddress } from "../../../capture/address/address.ts";
import type { FlowDelta } from "../../../capture/flow/flow_delta.ts";
import { FlowTable, type FlowTableOptions } from "../../../capture/flow/flow_table.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, type Frame } from "../frame_builder.ts";
import { timeUs } from "./flow_packets.ts";

type Delta = FlowDelta<undefined>;

const V4 = ["192.168.1.20", "192.168.1.21", "200.0.0.1"];
const V6 = ["2001:db8::20", "fe80::1"];
const ports = fc.constantFrom(53, 443, 5000, 5001);

const ip = fc.oneof(
  fc.record({ source: fc.constantFrom(...V4), destination: fc.constantFrom(...V4) })
    .map((ends) => ethernet().ipv4(ends)),
  fc.record({ source: fc.constantFrom(...V6), destination: fc.constantFrom(...V6) })
    .map((ends) => ethernet().ipv6(ends)),
);
const transport: fc.Arbitrary<(ip: Frame) => Frame> = fc.oneof(
  fc.record({
    sourcePort: ports,
    destinationPort: ports,
    flags: fc.constantFrom("S", "SA", "A", "FA", "R"),
    sequence: fc.constantFrom(1, 2),
  }).map((options) => (ip: Frame) => ip.tcp(options)),
  fc.record({ sourcePort: ports, destinationPort: ports })
    .map((options) => (ip: Frame) => ip.udp(options)),
  fc.record({ type: fc.constantFrom(0, 3, 8, 11) })
    .map((options) => (ip: Frame) => ip.icmp(options)),
  fc.constant((ip: Frame) => ip.protocol(47)),
);

/** A packet on one of two interfaces, or a sweep, some seconds after the step before. */
interface Step {
  readonly seconds: number;
  readonly packet: Packet | undefined;
  readonly interfaceIndex: number;
}

const FORWARD = [0, 0, 0, 0.001, 1, 6, 61, 301];
/** Also as frames out of order have it, and a clock that is set back. */
const ANY_TIME = [...FORWARD, -0.5, -6, -3600];

function stepsBy(seconds: readonly number[]): fc.Arbitrary<Step[]> {
  const packet = fc.tuple(ip, transport, fc.nat(20)).map(([ip, transport, length]) =>
    packetOf(transport(ip).payload(new Uint8Array(length)))
  );
  const step: fc.Arbitrary<Step> = fc.record({
    seconds: fc.constantFrom(...seconds),
    packet: fc.option(packet, { freq: 12, nil: undefined }),
    interfaceIndex: fc.nat(1),
  });
  return fc.array(step, { maxLength: 150, size: "max" });
}

const steps = stepsBy(ANY_TIME);

/** What a table under test is driven through, and who watches. */
interface Watcher {
  readonly options: FlowTableOptions;
  onDelta(delta: Delta): void;
  onAdded?(packet: Packet, added: { tuple: string; isNew: boolean; size: number }): void;
}

/** Takes a new table through the steps to its end. */
function run(steps: readonly Step[], { options, onDelta, onAdded }: Watcher): FlowTable<undefined> {
  const table = new FlowTable<undefined>(onDelta, options);
  let at = 0;
  for (const { seconds, packet, interfaceIndex } of steps) {
    at += seconds;
    if (packet === undefined) {
      table.sweep(timeUs(at));
      continue;
    }
    packet.timeUs = timeUs(at);
    const seenBefore = table.flowsSeen;
    table.add(packet, interfaceIndex);
    const isNew = table.flowsSeen > seenBefore;
    onAdded?.(packet, { tuple: tupleOfPacket(packet, interfaceIndex), isNew, size: table.size });
  }
  table.endAll();
  assertEquals(table.size, 0);
  return table;
}

/** One direction of a five-tuple on an interface, as text. */
function way(
  about: readonly (number | boolean)[],
  source: readonly unknown[],
  destination: readonly unknown[],
): string {
  return `${about.join()} ${source.join("/")}>${destination.join("/")}`;
}

function wayOfPacket(packet: Packet, interfaceIndex: number): [way: string, back: string] {
  const { hasTransport, protocol, ipVersion } = packet;
  const about = [interfaceIndex, ipVersion, protocol];
  const source = [
    formatAddress([packet.source0, packet.source1, packet.source2, packet.source3]),
    hasTransport ? packet.sourcePort : "-",
  ];
  const destination = [
    formatAddress([
      packet.destination0,
      packet.destination1,
      packet.destination2,
      packet.destination3,
    ]),
    hasTransport ? packet.destinationPort : "-",
  ];
  return [way(about, source, destination), way(about, destination, source)];
}

function waysOfDelta(delta: Delta): [way: string, back: string] {
  const about = [delta.interfaceIndex, delta.ipVersion, delta.protocol];
  const [initiator, responder] = [delta.initiator, delta.responder]
    .map(({ address, port }) => [formatAddress(address), port ?? "-"]);
  return [way(about, initiator, responder), way(about, responder, initiator)];
}

/** What names a flow whichever way its packets go; a one-way flow has the one way. */
function tupleOf([way, back]: [way: string, back: string], isOneWay: boolean): string {
  return isOneWay || way < back ? way : back;
}

function tupleOfPacket(packet: Packet, interfaceIndex: number): string {
  const isOneWay = packet.protocol === 1 && [3, 11].includes(packet.sourcePort);
  return tupleOf(wayOfPacket(packet, interfaceIndex), isOneWay);
}

function tupleOfDelta(delta: Delta): string {
  return tupleOf(waysOfDelta(delta), delta.oneWay);
}

const maxFlows = fc.constantFrom(1, 2, 3, 4, 5, 16, 64);
const timeouts = fc.constantFrom({}, { activeTimeoutUs: 1 }, { activeTimeoutUs: Infinity });

Deno.test("`FlowTable` gives away the packets and bytes that it was given, each way of each flow", () => {
  fc.assert(
    fc.property(steps, maxFlows, timeouts, (steps, maxFlows, timeouts) => {
      const sums = new Map<string, number>();
      const count = (way: string, packets: number, bytes: number) => {
        sums.set(`${way} packets`, (sums.get(`${way} packets`) ?? 0) + packets);
        sums.set(`${way} bytes`, (sums.get(`${way} bytes`) ?? 0) + bytes);
      };
      for (const { packet, interfaceIndex } of steps) {
        if (packet) count(wayOfPacket(packet, interfaceIndex)[0], 1, packet.ipLength);
      }
      run(steps, {
        options: { maxFlows, ...timeouts },
        onDelta(delta) {
          const [way, back] = waysOfDelta(delta);
          count(way, -delta.initiator.packets, -delta.initiator.bytes);
          count(back, -delta.responder.packets, -delta.responder.bytes);
        },
      });
      for (const [way, rest] of sums) assertEquals(rest, 0, way);
    }),
    { numRuns: 300 },
  );
});

Deno.test("`FlowTable` holds the flows that a map of them holds, and evicts the longest unused that has no answer, or else of all", () => {
  fc.assert(
    fc.property(stepsBy(FORWARD), maxFlows, (steps, maxFlows) => {
      const lastUsed = new Map<string, number>();
      const ways = new Map<string, Set<string>>();
      const isAnswered = (tuple: string) => ways.get(tuple)!.size > 1;
      run(steps, {
        // Without an active timeout each flow gives one delta, when it ends.
        options: { maxFlows, activeTimeoutUs: Infinity },
        onDelta(delta) {
          const tuple = tupleOfDelta(delta);
          assert(lastUsed.has(tuple), tuple);
          // Up to 16 flows the table looks at all of them to find the one to evict.
          if (delta.endReason === "evicted" && maxFlows <= 16) {
            assertEquals(lastUsed.size, maxFlows);
            const unanswered = [...lastUsed.keys()].filter((tuple) => !isAnswered(tuple));
            const rivals = unanswered.length > 0 ? unanswered : [...lastUsed.keys()];
            assertEquals(lastUsed.get(tuple), Math.min(...rivals.map((t) => lastUsed.get(t)!)));
          }
          lastUsed.delete(tuple);
          ways.delete(tuple);
        },
        onAdded(packet, { tuple, isNew, size }) {
          assertEquals(isNew, !lastUsed.has(tuple), tuple);
          const [way] = wayOfPacket(packet, 0);
          ways.set(tuple, (ways.get(tuple) ?? new Set()).add(way));
          lastUsed.set(tuple, packet.timeUs);
          assertEquals(size, lastUsed.size);
          assertLessOrEqual(size, maxFlows);
        },
      });
      assertEquals(lastUsed.size, 0);
    }),
    { numRuns: 300 },
  );
});

Deno.test("`FlowTable` numbers the parts of each flow and names no two flows alike", () => {
  fc.assert(
    fc.property(steps, maxFlows, timeouts, (steps, maxFlows, timeouts) => {
      const flows = new Map<string, Delta[]>();
      const table = run(steps, {
        options: { maxFlows, ...timeouts },
        onDelta(delta) {
          flows.set(delta.flowId, [...flows.get(delta.flowId) ?? [], delta]);
        },
      });
      assertEquals(flows.size, table.flowsSeen);
      for (const parts of flows.values()) {
        assertEquals(parts.map(({ part }) => part), parts.map((_, i) => i));
        assertEquals(new Set(parts.map((part) => waysOfDelta(part)[0])).size, 1);
        assert(parts.slice(0, -1).every(({ endReason }) => endReason === "active"));
        for (const { initiator, responder } of parts) {
          assert(initiator.packets + responder.packets > 0);
        }
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("`FlowTable` gives each delta the times of its first and its last packet", () => {
  fc.assert(
    fc.property(steps, maxFlows, timeouts, (steps, maxFlows, timeouts) => {
      const times = new Map<string, number[]>();
      run(steps, {
        options: { maxFlows, ...timeouts },
        onDelta(delta) {
          const tuple = tupleOfDelta(delta);
          const passed = times.get(tuple) ?? [];
          assertEquals(delta.startUs, Math.min(...passed), tuple);
          assertEquals(delta.endUs, Math.max(...passed), tuple);
          times.delete(tuple);
        },
        onAdded(packet, { tuple }) {
          times.set(tuple, [...times.get(tuple) ?? [], packet.timeUs]);
        },
      });
    }),
    { numRuns: 300 },
  );
});

Deno.test("`FlowTable` shows of a flow under way what its lines have given and what they will", () => {
  fc.assert(
    fc.property(steps, maxFlows, timeouts, (steps, maxFlows, timeouts) => {
      const written = new Map<string, number>();
      const table = new FlowTable<undefined>(({ flowId, initiator, responder }) => {
        const bytes = initiator.bytes + responder.bytes;
        written.set(flowId, (written.get(flowId) ?? 0) + bytes);
      }, { maxFlows, ...timeouts });
      let at = 0;
      for (const { seconds, packet, interfaceIndex } of steps) {
        at += seconds;
        if (packet === undefined) table.sweep(timeUs(at));
        else table.add(Object.assign(packet, { timeUs: timeUs(at) }), interfaceIndex);
        const { entries, serials, all } = table.busiest(Infinity);
        assertEquals([entries.length, all.flows], [table.size, table.size]);
        let sum = 0;
        for (const [i, entry] of entries.entries()) {
          const flow = table.read(entry, serials[i])!;
          const bytes = flow.initiator.bytes + flow.responder.bytes;
          const { initiator, responder } = flow.unwritten;
          assertEquals(bytes - initiator.bytes - responder.bytes, written.get(flow.flowId) ?? 0);
          sum += bytes;
        }
        assertEquals(all.bytes, sum);
        const most = table.busiest(2);
        const sums = (chosen: typeof most) =>
          [...chosen.entries].map((entry, i) => table.read(entry, chosen.serials[i])!)
            .map(({ initiator, responder }) => initiator.bytes + responder.bytes)
            .sort((a, b) => b - a);
        assertEquals(sums(most), sums(table.busiest(Infinity)).slice(0, 2));
      }
    }),
    { numRuns: 100 },
  );
});
