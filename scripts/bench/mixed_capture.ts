/**
 * One large capture out of many small ones: real traffic, mixed and repeated, to measure readers with.
 *
 * Every capture of Ethernet frames is played as often as it takes. A repetition begins a minute after the one before and
 * plays all captures at once, so that time moves on, flows overlap, and timeouts do their work. Within a capture its own
 * time is kept, but for pauses of more than ten seconds, which are shortened: some captures were put together from pieces
 * years apart.
 *
 * Each capture of each repetition is a household of its own, so that its flows are new to every reader, and remote
 * addresses, names and payloads stay as they were. Networks of clients (an IPv4 /24, an IPv6 /64) get a number, and become
 * 10.x.y.0/24, fd00:0:0:N::/64 or fe80::N:0:0:0:0/64; the rest of an address stays. Clients are the private addresses, and
 * of two public ones that which sent first. The same number goes into the MAC addresses. Checksums are not mended: none of
 * the readers verifies them.
 */

import { PcapHandle } from "../../capture/source/libpcap.ts";
import { RECORD_HEADER_LENGTH } from "../../capture/source/pcap_record.ts";
import { CaptureFile, DLT_EN10MB } from "./capture_file.ts";

const REPETITION_US = 60e6;
const LONGEST_PAUSE_US = 10e6;
/** 2026-01-01, in microseconds since 1970. */
const START_US = Date.UTC(2026) * 1e3;

/** What was written. */
export interface MixedCapture {
  readonly captures: number;
  readonly repetitions: number;
  readonly packets: number;
  /** Lengths on the wire, summed. */
  readonly wireBytes: number;
}

/** What is asked for. */
export interface MixedCaptureOptions {
  /** Capture files; those of other links than Ethernet are left out. */
  readonly captures: readonly string[];
  readonly output: string;
  /** Whole repetitions are written until there are at least as many. */
  readonly packets: number;
}

/** A packet of a capture. */
interface CapturedFrame {
  readonly frame: Uint8Array;
  readonly wireLength: number;
  /** Since the first packet of its capture, pauses shortened. */
  readonly timeUs: number;
  readonly capture: Capture;
}

/** Which addresses of a capture are clients', and the numbers of their networks before the first repetition. */
interface Capture {
  readonly number: number;
  readonly publicClients: Set<string>;
  readonly networks: Map<string, number>;
}

/**
 * Writes the file. The same captures give the same bytes.
 *
 * @throws {Error} when none of the captures is of Ethernet, or the clients' networks are more than there are numbers
 */
export function writeMixedCapture(options: MixedCaptureOptions): MixedCapture {
  const frames: CapturedFrame[] = [];
  const captures: Capture[] = [];
  let networks = 0;
  for (const path of options.captures) {
    const capture: Capture = {
      number: captures.length,
      publicClients: new Set(),
      networks: new Map(),
    };
    if (!readCapture(path, capture, frames)) continue;
    captures.push(capture);
    for (const key of capture.networks.keys()) capture.networks.set(key, networks++);
  }
  const count = frames.length;
  if (count === 0) throw new Error("none of the captures holds Ethernet frames");
  const repetitions = Math.ceil(options.packets / count);
  if (networks * repetitions > 0xffff || captures.length * repetitions > 0xffff) {
    throw new Error(`${repetitions} repetitions need more than 65,535 networks`);
  }

  using output = new CaptureFile(options.output);
  let wireBytes = 0;
  for (const index of playOrder(frames, repetitions)) {
    const { frame, wireLength, timeUs, capture } = frames[index % count];
    const repetition = Math.floor(index / count);
    const written = output.write(
      frame,
      START_US + timeUs + repetition * REPETITION_US,
      wireLength,
    );
    moveToHousehold(written, capture, {
      number: capture.number + repetition * captures.length,
      networkOffset: repetition * networks,
    });
    wireBytes += wireLength;
  }
  return { captures: captures.length, repetitions, packets: count * repetitions, wireBytes };
}

/** Adds a capture's packets, up to where it is damaged. @returns false when it is not of Ethernet */
function readCapture(path: string, capture: Capture, frames: CapturedFrame[]): boolean {
  using handle = PcapHandle.openFile(path);
  if (handle.linkType !== DLT_EN10MB) return false;
  let timeUs = 0;
  let lastUs: number | undefined;
  for (;;) {
    const { buffer, byteLength, then } = handle.readBatch();
    const view = new DataView(buffer.buffer);
    for (let offset = 0; offset < byteLength;) {
      const end = offset + RECORD_HEADER_LENGTH + view.getUint32(offset + 8, true);
      const ownUs = view.getUint32(offset, true) * 1e6 + view.getUint32(offset + 4, true);
      timeUs += Math.min(Math.max(ownUs - (lastUs ?? ownUs), 0), LONGEST_PAUSE_US);
      lastUs = ownUs;
      const frame = buffer.slice(offset + RECORD_HEADER_LENGTH, end);
      frames.push({ frame, wireLength: view.getUint32(offset + 12, true), timeUs, capture });
      learnClients(frame, capture);
      offset = end;
    }
    if (then !== "more") return true;
  }
}

/** The packets of all repetitions by time, as repetition * (packets of one) + packet. */
function playOrder(frames: readonly CapturedFrame[], repetitions: number): Uint32Array {
  const count = frames.length;
  const keys = new Float64Array(count * repetitions);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = frames[i % count].timeUs + Math.floor(i / count) * REPETITION_US;
  }
  return Uint32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b] || a - b);
}

/** Where the addresses of a frame's outer IP header are; `undefined` when it has none. */
function ipAddresses(
  frame: Uint8Array,
): { source: Uint8Array; destination: Uint8Array } | undefined {
  let offset = 12;
  let etherType = frame[offset] << 8 | frame[offset + 1];
  while (etherType === 0x8100 || etherType === 0x88a8) {
    offset += 4;
    etherType = frame[offset] << 8 | frame[offset + 1];
  }
  offset += 2;
  if (etherType === 0x8864) { // PPPoE, and the protocol number of PPP
    offset += 8;
    etherType = { 0x0021: 0x0800, 0x0057: 0x86dd }[frame[offset - 2] << 8 | frame[offset - 1]] ?? 0;
  }
  const version = { 0x0800: 4, 0x86dd: 6 }[etherType];
  if (version === undefined || frame[offset] >> 4 !== version) return undefined;
  const [first, length] = version === 4 ? [offset + 12, 4] : [offset + 8, 16];
  if (frame.length < first + 2 * length) return undefined;
  return {
    source: frame.subarray(first, first + length),
    destination: frame.subarray(first + length, first + 2 * length),
  };
}

function isPrivate(address: Uint8Array): boolean {
  const [a, b] = address;
  if (address.length === 16) return (a & 0xfe) === 0xfc || isLinkLocal6(address);
  return a === 10 || a === 172 && b >> 4 === 1 || a === 192 && b === 168 ||
    a === 169 && b === 254 || a === 100 && b >> 6 === 1;
}

function isLinkLocal6(address: Uint8Array): boolean {
  return address.length === 16 && address[0] === 0xfe && address[1] >> 6 === 2;
}

/** Neither private nor for nobody or many: 0/8, loopback, multicast and broadcast, and what begins with :: or ff. */
function isPublic(address: Uint8Array): boolean {
  if (isPrivate(address)) return false;
  const [a] = address;
  if (address.length === 16) return a !== 0 && a !== 0xff;
  return a !== 0 && a !== 127 && a < 224;
}

function networkKey(address: Uint8Array): string {
  return address.subarray(0, address.length === 4 ? 3 : 8).join(".");
}

function learnClients(frame: Uint8Array, { publicClients, networks }: Capture): void {
  const addresses = ipAddresses(frame);
  if (addresses === undefined) return;
  const { source, destination } = addresses;
  if (isPublic(source) && isPublic(destination) && !publicClients.has(destination.join("."))) {
    publicClients.add(source.join("."));
    networks.set(networkKey(source), 0);
  }
  for (const address of [source, destination]) {
    if (isPrivate(address)) networks.set(networkKey(address), 0);
  }
}

function moveToHousehold(
  frame: Uint8Array,
  capture: Capture,
  household: { number: number; networkOffset: number },
): void {
  const addresses = ipAddresses(frame);
  for (const offset of [0, 6]) {
    if (frame.length < 12 || (frame[offset] & 1) !== 0) continue; // to a group
    frame[offset + 3] ^= household.number >> 8;
    frame[offset + 4] ^= household.number & 0xff;
  }
  for (const address of addresses ? [addresses.source, addresses.destination] : []) {
    if (!isPrivate(address) && !capture.publicClients.has(address.join("."))) continue;
    const network = capture.networks.get(networkKey(address))! + household.networkOffset;
    if (address.length === 4) {
      address.set([10, network >> 8, network & 0xff]);
    } else {
      const prefix = isLinkLocal6(address) ? [0xfe, 0x80] : [0xfd, 0];
      address.set([...prefix, 0, 0, 0, 0, network >> 8, network & 0xff]);
    }
  }
}
