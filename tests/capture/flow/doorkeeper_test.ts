/** Who enters the flow table when more flows begin than it can bear. */

import fc from "fast-check";
import { Packet } from "../../../capture/decode/packet.ts";
import { FlowTable } from "../../../capture/flow/flow_table.ts";
import { WaitingRoom } from "../../../capture/flow/waiting_room.ts";
import { assert, assertEquals, assertGreater } from "../../assert.ts";
import { direction, tcp, tcpAnswer, timeUs, udp } from "./flow_packets.ts";

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
