/** What a packet costs that is of a new flow, while more begin than the table can bear. */

import { FlowTable } from "../../../capture/flow/flow_table.ts";
import { Packet, PROTOCOL_UDP } from "../../../capture/decode/packet.ts";

const packet = new Packet();
Object.assign(packet, {
  ipVersion: 4,
  protocol: PROTOCOL_UDP,
  ipLength: 100,
  source2: 0xffff,
  source3: 0xc0a80114 | 0,
  destination2: 0xffff,
  hasTransport: true,
  sourcePort: 40_000,
});

let summed = 0;
const table = new FlowTable<never>(() => {}, { onOutside: ({ flows }) => summed += flows });
let begun = 0;

/** A packet of a flow that nothing else is of. */
function addNew(): void {
  packet.destination3 = begun >> 14;
  packet.destinationPort = begun++ & 0x3fff;
  table.add(packet);
}

for (let i = 0; i < 400_000; i++) addNew();

Deno.bench("1,000 packets of as many new flows, which wait in vain", () => {
  for (let i = 0; i < 1000; i++) addNew();
});
