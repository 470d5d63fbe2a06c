/** What an answer to `GET /v1/flows` costs with a full flow table: choosing, then each slice. */

import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { Observer } from "../../../capture/observer.ts";
import { flowLine } from "../../../record/flow_line.ts";
import { liveFlowsText } from "../../../service/control/live_flows.ts";
import { timeUs } from "../../capture/flow/flow_packets.ts";
import { ethernet, LINK_TYPE } from "../../capture/frame_builder.ts";
import { packetBatch } from "../../capture/pcap_records.ts";

const FULL = 65_536;
const SLICE = 256;
const observer = new Observer(() => {}, { localNetworks: new LocalNetworks() });
const decodeLink = linkDecoder(LINK_TYPE.ethernet)!;
for (let flow = 0; flow < FULL; flow++) {
  const destination = `93.184.${flow >> 8}.${flow & 255}`;
  const frame = ethernet().ipv4({ source: "192.168.1.20", destination })
    .udp({ sourcePort: 40000, destinationPort: 5000 }).payload(new Uint8Array(flow % 1000));
  observer.process(packetBatch([{ frame, timeUs: timeUs(1 + flow / FULL) }]), decodeLink);
}
const sources = {
  place: () => undefined,
  ptr: () => undefined,
  isOnLink: () => true,
  vendor: () => undefined,
};
const lineOf = (flow: Parameters<typeof flowLine>[0]) => flowLine(flow, sources);

Deno.bench(`choosing 1,000 of ${FULL} flows`, () => {
  observer.busiestFlows(1000);
});

const flows = observer.busiestFlows(SLICE);

Deno.bench(`a slice of ${SLICE} flows`, async () => {
  for await (const _ of liveFlowsText(flows, { nowMs: 0, lineOf }));
});
