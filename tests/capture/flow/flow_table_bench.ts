/** What a packet costs in the flow table, and the sweep of a full one. */

import { FlowTable } from "../../../capture/flow/flow_table.ts";
import { Packet, PROTOCOL_UDP } from "../../../capture/decode/packet.ts";

const FULL = 65_536;
const packet = new Packet();
Object.assign(packet, {
  ipVersion: 4,
  protocol: PROTOCOL_UDP,
  ipLength: 100,
  source2: 0xffff,
  destination2: 0xffff,
  hasTransport: true,
  destinationPort: 443,
});

/** Adds a packet of the given flow; flows differ in their source. */
function add(table: FlowTable<never>, flow: number): void {
  packet.source3 = flow;
  packet.destination3 = flow >> 4;
  packet.sourcePort = 1024 + (flow & 0x7fff);
  table.add(packet);
}

const known = new FlowTable<never>(() => {}, { maxFlows: FULL });
for (let flow = 0; flow < FULL; flow++) add(known, flow);
let next = 0;

Deno.bench("1,000 packets of 1,000 known flows", () => {
  for (let flow = 0; flow < 1000; flow++) add(known, flow);
});

Deno.bench("1,000 packets of 65,536 known flows", () => {
  for (let i = 0; i < 1000; i++) add(known, next = next + 7919 & FULL - 1);
});

Deno.bench("sweep of 65,536 flows, none due", () => {
  known.sweep(0);
});

const full = new FlowTable<never>(() => {}, { maxFlows: FULL });
let flowsBegun = 0;

Deno.bench("1,000 packets of as many new flows, in a full table", () => {
  for (let i = 0; i < 1000; i++) add(full, flowsBegun++);
});
