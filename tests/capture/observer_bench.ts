/**
 * The packet path over real traffic: what naming adds to decoding and counting.
 *
 * One iteration is every Ethernet capture beside the checkout, one after the other, from memory.
 */

import { decode, Decoded } from "../../capture/decode/decode.ts";
import { FlowTable } from "../../capture/flow/flow_table.ts";
import { type PacketBatch, PcapHandle } from "../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";
import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { Observer } from "../../capture/observer.ts";
import { Packet } from "../../capture/decode/packet.ts";
import { capturePaths } from "../captures.ts";

const ETHERNET = 1;
const decodeLink = linkDecoder(ETHERNET)!;
const batches = capturePaths().flatMap(batchesOf);
const packets = batches.reduce((count, batch) => count + countOf(batch), 0);

/** A file's batches, copied out of the reader's buffer. */
function batchesOf(path: string): PacketBatch[] {
  using handle = PcapHandle.openFile(path);
  if (handle.linkType !== ETHERNET) return [];
  const copies: PacketBatch[] = [];
  let batch: PacketBatch;
  do {
    batch = handle.readBatch();
    copies.push({ ...batch, buffer: batch.buffer.slice(0, batch.byteLength) });
  } while (batch.then === "more");
  return copies;
}

function countOf(batch: PacketBatch): number {
  let count = 0;
  forEachRecord(batch, () => count++);
  return count;
}

function forEachRecord(
  { buffer, byteLength }: PacketBatch,
  take: (view: DataView, offset: number) => void,
): void {
  const view = new DataView(buffer.buffer);
  for (let offset = 0; offset < byteLength;) {
    take(view, offset);
    offset += RECORD_HEADER_LENGTH + view.getUint32(offset + 8, true);
  }
}

const ignore = packets === 0;

Deno.bench(`${packets} packets, decoded and counted in flows, without names`, { ignore }, () => {
  const flows = new FlowTable<never>(() => {});
  const packet = new Packet();
  for (const batch of batches) {
    packet.bytes = batch.buffer;
    forEachRecord(batch, (view, offset) => {
      packet.timeUs = view.getUint32(offset, true) * 1e6 + view.getUint32(offset + 4, true);
      packet.wireLength = view.getUint32(offset + 12, true);
      packet.frameOffset = offset + RECORD_HEADER_LENGTH;
      packet.end = packet.frameOffset + view.getUint32(offset + 8, true);
      if (decode(packet, decodeLink) === Decoded.Ip) flows.add(packet);
    });
  }
  flows.endAll();
});

Deno.bench(`${packets} packets, the same with names of flows and devices`, { ignore }, () => {
  const observer = new Observer(() => {}, {
    localNetworks: new LocalNetworks(),
    includeInternal: true,
  });
  for (const batch of batches) observer.process(batch, decodeLink);
  observer.endAll();
});
