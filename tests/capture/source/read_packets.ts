/** Every frame of a capture file through libpcap and the decoders. */

import { decode, type Decoded } from "../../../capture/decode/decode.ts";
import { PcapHandle } from "../../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../../capture/source/pcap_record.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import { Packet } from "../../../capture/decode/packet.ts";

/** Calls `take` with each frame, which is valid until it returns. */
export function readPackets(path: string, take: (packet: Packet, decoded: Decoded) => void): void {
  using handle = PcapHandle.openFile(path);
  const decodeLink = linkDecoder(handle.linkType)!;
  const packet = new Packet();
  for (;;) {
    const { buffer, byteLength, then } = handle.readBatch();
    const view = new DataView(buffer.buffer);
    packet.bytes = buffer;
    for (let offset = 0; offset < byteLength; offset = packet.end) {
      packet.timeUs = view.getUint32(offset, true) * 1e6 + view.getUint32(offset + 4, true);
      packet.wireLength = view.getUint32(offset + 12, true);
      packet.frameOffset = offset + RECORD_HEADER_LENGTH;
      packet.end = packet.frameOffset + view.getUint32(offset + 8, true);
      take(packet, decode(packet, decodeLink));
    }
    if (then !== "more") return;
  }
}
