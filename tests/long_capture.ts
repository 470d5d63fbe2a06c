/** A capture file for which `read` takes a thread. */

import { LONG_BYTES } from "../cli/commands/read.ts";
import { ethernet } from "./capture/frame_builder.ts";
import { type PcapFile, pcapFile, START_US } from "./capture/pcap_records.ts";

const FRAME_BYTES = 4_000;
/** So long that flows end within the first batch. */
const INTERVAL_US = 10e6;
export const LONG_CAPTURE_PACKETS = Math.ceil(LONG_BYTES / FRAME_BYTES);

/** Every fourth packet is of a new flow, to one of many places; some are damaged. */
export function longCapture(options: { readonly cutBytes?: number } = {}): PcapFile {
  const filling = new Uint8Array(FRAME_BYTES);
  const packets = Array.from({ length: LONG_CAPTURE_PACKETS }, (_, i) => {
    const flow = i >> 2;
    const frame = ethernet().ipv4({
      source: `192.168.${flow % 7}.${flow % 250 + 1}`,
      destination: `${flow % 200 + 12}.${flow % 13}.7.9`,
    }).udp({ sourcePort: 1024 + flow % 60_000, destinationPort: 9 }).payload(filling);
    return { frame, timeUs: START_US + i * INTERVAL_US, snaplen: i % 1000 === 0 ? 20 : undefined };
  });
  return pcapFile(packets, options);
}
