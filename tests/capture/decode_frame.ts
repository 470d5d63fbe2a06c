/** One frame through the decoders, as the observer does it. */

import { decode, type Decoded } from "../../capture/decode/decode.ts";
import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { Packet } from "../../capture/decode/packet.ts";
import { type Frame, LINK_TYPE } from "./frame_builder.ts";
import { type Captured, frameBytes, START_US } from "./pcap_records.ts";

/** How a frame lies in memory. */
export interface Placing extends Omit<Captured, "frame"> {
  /** Of plain bytes; a `Frame` knows its own. @default LINK_TYPE.ethernet */
  readonly linkType?: number;
  /** What stands in memory before and behind the frame. @default nothing */
  readonly around?: Uint8Array;
  /** The packet to decode into. @default a new one */
  readonly into?: Packet;
}

/** What the decoders made of a frame. */
export function decodeFrame(
  frame: Frame | Uint8Array,
  placing: Placing = {},
): { readonly decoded: Decoded; readonly packet: Packet } {
  const { around = new Uint8Array(0), timeUs = START_US } = placing;
  const bytes = frameBytes(frame);
  const kept = bytes.subarray(0, placing.snaplen ?? bytes.length);
  const packet = placing.into ?? new Packet();
  packet.bytes = Uint8Array.from([...around, ...kept, ...around]);
  packet.frameOffset = around.length;
  packet.end = around.length + kept.length;
  packet.wireLength = placing.wireLength ?? bytes.length;
  packet.timeUs = timeUs;
  const linkType = frame instanceof Uint8Array
    ? placing.linkType ?? LINK_TYPE.ethernet
    : frame.linkType;
  return { decoded: decode(packet, linkDecoder(linkType)!), packet };
}

/** The packet of a frame that is known to be whole. */
export function packetOf(frame: Frame, timeUs = START_US): Packet {
  return decodeFrame(frame, { timeUs }).packet;
}
