/** Frames as a capture gives them: the records of a pcap file, in memory or in a real file. */

import type { PacketBatch } from "../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";
import { type Frame, LINK_TYPE } from "./frame_builder.ts";

/** A frame and when it passed. */
export interface Captured {
  readonly frame: Frame | Uint8Array;
  /** Microseconds since 1970. @default START_US */
  readonly timeUs?: number;
  /** Bytes kept of the frame. @default all */
  readonly snaplen?: number;
  /** @default the frame's length */
  readonly wireLength?: number;
}

/** An instant in 2026, in microseconds since 1970. */
export const START_US = Date.UTC(2026, 10, 22, 12) * 1e3;

export function frameBytes(frame: Frame | Uint8Array): Uint8Array {
  return frame instanceof Uint8Array ? frame : frame.bytes;
}

/** What `PcapHandle` gives: records in host byte order, and behind them what is left of an earlier batch. */
export function packetBatch(captured: readonly Captured[]): PacketBatch {
  const records = captured.map(recordBytes);
  const byteLength = records.reduce((length, record) => length + record.length, 0);
  const buffer = new Uint8Array(byteLength + 64).fill(0x45);
  placeAll(buffer, 0, records);
  return { buffer, byteLength, then: "end" };
}

/** In a file, raw IP has a number of its own. */
const LINKTYPE_RAW = 101;

/** A pcap file in a temporary place; it goes when the test ends. */
export interface PcapFile extends Disposable {
  readonly path: string;
}

/** Writes a pcap file of microseconds in host byte order; `cutBytes` are missing at its end. */
export function pcapFile(
  captured: readonly Captured[],
  { linkType = LINK_TYPE.ethernet as number, snaplen = 65_535, cutBytes = 0 } = {},
): PcapFile {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, snaplen, true);
  header.setUint32(20, linkType === LINK_TYPE.raw ? LINKTYPE_RAW : linkType, true);
  const parts = [new Uint8Array(header.buffer), ...captured.map(recordBytes)];
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  placeAll(bytes, 0, parts);

  const path = Deno.makeTempFileSync({ prefix: "wifilogger_", suffix: ".pcap" });
  Deno.writeFileSync(path, bytes.subarray(0, bytes.length - cutBytes));
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

function recordBytes(captured: Captured): Uint8Array {
  const { timeUs = START_US } = captured;
  const frame = frameBytes(captured.frame);
  const kept = frame.subarray(0, captured.snaplen ?? frame.length);
  const record = new Uint8Array(RECORD_HEADER_LENGTH + kept.length);
  const header = new DataView(record.buffer);
  header.setUint32(0, Math.floor(timeUs / 1e6), true);
  header.setUint32(4, timeUs % 1e6, true);
  header.setUint32(8, kept.length, true);
  header.setUint32(12, captured.wireLength ?? frame.length, true);
  record.set(kept, RECORD_HEADER_LENGTH);
  return record;
}

function placeAll(target: Uint8Array, offset: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    target.set(part, offset);
    offset += part.length;
  }
}
