/** What a line of the log costs once its flow has ended and its place is known. */

import { flowFrames, madeUpFlows } from "../../scripts/bench/made_up_flows.ts";
import { assertEquals } from "../assert.ts";
import { LINK_TYPE } from "../capture/frame_builder.ts";
import { packetBatch } from "../capture/pcap_records.ts";
import { linkDecoder } from "../../capture/link_layer.ts";
import { LocalNetworks } from "../../capture/local_networks.ts";
import { type ObservedDelta, Observer } from "../../capture/observer.ts";
import { flowRecord, recordLine, type RecordSources } from "../../service/record_builder.ts";

const RECORDS = 1_000;
const sources: RecordSources = {
  place: () => ({
    countryCode: "US",
    countryName: "United States",
    asn: 15133,
    asName: "Edgecast",
  }),
  ptr: () => undefined,
  isOnLink: () => true,
  vendor: () => undefined,
};
const deltas: ObservedDelta[] = [];
const observer = new Observer((delta) => deltas.push(delta as ObservedDelta), {
  localNetworks: new LocalNetworks(),
});
const frames = flowFrames(madeUpFlows(RECORDS)).map((frame) => ({ frame }));
observer.process(packetBatch(frames), linkDecoder(LINK_TYPE.ethernet)!);
observer.endAll();
assertEquals(deltas.length, RECORDS);
const records = deltas.map((delta) => flowRecord(delta, sources));

Deno.bench("1,000 flows to records", () => {
  for (const delta of deltas) flowRecord(delta, sources);
});

Deno.bench("1,000 records to lines", () => {
  for (const record of records) recordLine(record);
});
