/** Whole frames to begin from: those that tests build, and where they are there those of the captures. */

import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { PcapHandle } from "../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";
import { FLOODS } from "../../scripts/bench/floods.ts";
import { markedRound } from "../../scripts/bench/marked_client.ts";
import { SAMPLE_FRAMES } from "../capture/sample_frames.ts";
import { capturePaths } from "../captures.ts";

/** A frame on a link. */
export interface LinkFrame {
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

/** Of a capture, that many packets: names stand in first ones. */
const OF_CAPTURE = 200;

/** Frames that tests build. */
export function builtFrames(): LinkFrame[] {
  return [
    ...SAMPLE_FRAMES.map(([, frame]) => frame),
    ...markedRound(),
    ...Object.values(FLOODS).map(({ frame }) => frame),
  ].map(({ linkType, bytes }) => ({ linkType, bytes }));
}

/** The first frames of each capture whose link is read. */
export function capturedFrames(): LinkFrame[] {
  return capturePaths().flatMap(framesOf);
}

function framesOf(path: string): LinkFrame[] {
  const frames: LinkFrame[] = [];
  try {
    using handle = PcapHandle.openFile(path);
    const { linkType } = handle;
    if (linkDecoder(linkType) === undefined) return [];
    for (;;) {
      const { buffer, byteLength, then } = handle.readBatch();
      const view = new DataView(buffer.buffer, buffer.byteOffset);
      for (let at = 0; at < byteLength && frames.length < OF_CAPTURE;) {
        const end = at + RECORD_HEADER_LENGTH + view.getUint32(at + 8, true);
        frames.push({ linkType, bytes: buffer.slice(at + RECORD_HEADER_LENGTH, end) });
        at = end;
      }
      if (then !== "more" || frames.length >= OF_CAPTURE) return frames;
    }
  } catch {
    return frames; // some captures are damaged on purpose
  }
}
