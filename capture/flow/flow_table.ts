/**
 * The flow table: packets in, deltas of flows out.
 *
 * A flow is a five-tuple on one interface, both directions in one entry, seen from its initiator. Its entry counts
 * what passed since its last line and gives that away as a `FlowDelta`: when the active timeout has passed since the
 * line's first packet, and when the flow ends, by idleness, FIN, RST, eviction or the end of the capture. So each
 * packet is in exactly one delta.
 *
 * Keys and counters stand in typed arrays, one slot a flow, found by open addressing: 65,536 flows take 10 MB, and a
 * packet of a known flow allocates nothing.
 */

import type { AddressWords } from "../address/address.ts";
import { type Packet, PROTOCOL_TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../decode/packet.ts";
import { Doorkeeper, type DoorkeeperOptions, type OutsidePackets, Verdict } from "./doorkeeper.ts";
import type { ChosenFlows, EndReason, FlowDelta, FlowEnd, LiveFlow } from "./flow_delta.ts";
import { flowId } from "./flow_id.ts";
import { comesFromResponder, isOneWay } from "./initiator.ts";
import { withLargest } from "./largest.ts";
import { KEY_WORDS } from "./waiting_room.ts";

/** Settings of a flow table. */
export interface FlowTableOptions extends DoorkeeperOptions {
  /** Flows at once; a new one beyond it evicts one that was long unused. @default MAX_FLOWS */
  readonly maxFlows?: number;
  /** A flow that goes on gets a line this often, in microseconds. @default 60e6 */
  readonly activeTimeoutUs?: number;
  /**
   * Lines that a sweep gives at most of flows that go on; more wait for the next one. It must be above what sweeps have
   * to give on average. @default Infinity
   */
  readonly maxActiveLines?: number;
  /** A flow without packets for this long ends, in microseconds; TCP. @default 300e6 */
  readonly tcpIdleTimeoutUs?: number;
  /** The same for every other protocol. @default 60e6 */
  readonly idleTimeoutUs?: number;
  /** Is given the packets of flows that earn no entry under pressure. Without it each flow has one. */
  readonly onOutside?: (outside: OutsidePackets) => void;
}

/** Flows at once, unless told otherwise. */
export const MAX_FLOWS = 65_536;

/** Between FIN or RST and the flow's line: the last ACKs still belong to it (Zeek waits as long). */
const CLOSE_DELAY_US = 5e6;

/** A flow whose last packet lies so far ahead of the clock had it before the clock was set back. */
const CLOCK_TOLERANCE_US = 2e6;

/** The bit of a key's last word that says that its packets were inside others. */
const TUNNELED = 1 << 15;

/** Bits of `#state`. */
const IN_USE = 1;
/** The initiator is the second end of the key. */
const INITIATOR_SECOND = 2;
const HAS_PORTS = 4;
/** The initiator's SYN. */
const SYN_SEEN = 8;
const FIN_FROM_INITIATOR = 16;
const FIN_FROM_RESPONDER = 32;
const BOTH_FINS = FIN_FROM_INITIATOR | FIN_FROM_RESPONDER;
const RST_SEEN = 64;
const ONE_WAY = 128;
/** The responder's SYN with ACK. */
const SYN_ACK_SEEN = 256;

/** Entries that share the earliest time at which one of them is due; a power of two. */
const BLOCK_ENTRIES = 16;
const BLOCK_SHIFT = Math.log2(BLOCK_ENTRIES);

/** Entries that are sampled to evict one; the least recently used of the sample goes. */
const EVICTION_SAMPLE = 16;

/** Flows under way, `E` being what the owner keeps with each (see `setEvidence()`). */
export class FlowTable<E> {
  readonly maxFlows: number;
  readonly #activeTimeoutUs: number;
  readonly #maxActiveLines: number;
  /** Active-timeout lines that this sweep may still emit. */
  #activeLinesLeft = Infinity;
  readonly #tcpIdleTimeoutUs: number;
  readonly #idleTimeoutUs: number;
  readonly #emit: (delta: FlowDelta<E>, entry: number) => void;
  readonly #release: ((evidence: E) => void) | undefined;
  readonly #door: Doorkeeper | undefined;

  /** Hash slots: 0 is empty, otherwise an entry's index + 1. At most half full. */
  readonly #slots: Int32Array;
  readonly #slotMask: number;
  readonly #hashSeed = crypto.getRandomValues(new Int32Array(1))[0];

  readonly #key: Int32Array;
  readonly #hash: Int32Array;
  readonly #state: Uint16Array;
  /** Two per flow: [initiator, responder]. */
  readonly #synSequence: Int32Array;
  readonly #flowStartUs: Float64Array;
  readonly #flowSerial: Float64Array;
  readonly #part: Uint32Array;
  readonly #partStartUs: Float64Array;
  readonly #partEndUs: Float64Array;
  /** Time of the last packet of each flow, by the clock that decides on expiry. */
  readonly #lastUs: Float64Array;
  /** When a sweep must look at a flow again: no later than its next line is due or its idle timeout ends. */
  readonly #dueUs: Float64Array;
  /** For each block of entries, its earliest `#dueUs`, or a time before that. */
  readonly #blockDueUs: Float64Array;
  /** Two per flow: [from the initiator, from the responder]. */
  readonly #bytes: Float64Array;
  readonly #packets: Uint32Array;
  /** Bytes and packets of the lines already given, laid out as the two above; unused by a flow that ends with its first line. */
  readonly #writtenBytes: Float64Array;
  readonly #writtenPackets: Float64Array;
  readonly #macHigh: Int32Array;
  readonly #macLow: Int32Array;
  readonly #evidence: (E | undefined)[];

  readonly #freeEntries: Int32Array;
  #freeCount: number;
  /** Entries from here on have never been used. */
  #highWater = 0;
  #sweptUs = -Infinity;
  #evictionCursor = 0;
  #flowsSeen = 0;
  #evicted = 0;

  #isFromInitiator = false;
  /** The key of the packet under way; a scratch, so that looking up costs no allocation. */
  readonly #wanted = new Int32Array(KEY_WORDS);

  /** `emit` is given each delta, and the flow's entry; `release` what was kept with a flow, when it has ended. */
  constructor(
    emit: (delta: FlowDelta<E>, entry: number) => void,
    options: FlowTableOptions = {},
    release?: (evidence: E) => void,
  ) {
    this.#emit = emit;
    this.#release = release;
    this.maxFlows = options.maxFlows ?? MAX_FLOWS;
    this.#activeTimeoutUs = options.activeTimeoutUs ?? 60e6;
    this.#maxActiveLines = options.maxActiveLines ?? Infinity;
    this.#tcpIdleTimeoutUs = options.tcpIdleTimeoutUs ?? 300e6;
    this.#idleTimeoutUs = options.idleTimeoutUs ?? 60e6;
    this.#door = options.onOutside && new Doorkeeper(options.onOutside, options);

    const max = this.maxFlows;
    const slotCount = 2 ** Math.ceil(Math.log2(max * 2));
    this.#slots = new Int32Array(slotCount);
    this.#slotMask = slotCount - 1;
    this.#key = new Int32Array(max * KEY_WORDS);
    this.#hash = new Int32Array(max);
    this.#state = new Uint16Array(max);
    this.#synSequence = new Int32Array(max * 2);
    this.#flowStartUs = new Float64Array(max);
    this.#flowSerial = new Float64Array(max);
    this.#part = new Uint32Array(max);
    this.#partStartUs = new Float64Array(max);
    this.#partEndUs = new Float64Array(max);
    this.#lastUs = new Float64Array(max);
    this.#dueUs = new Float64Array(max).fill(Infinity);
    this.#blockDueUs = new Float64Array(Math.ceil(max / BLOCK_ENTRIES)).fill(Infinity);
    this.#bytes = new Float64Array(max * 2);
    this.#packets = new Uint32Array(max * 2);
    this.#writtenBytes = new Float64Array(max * 2);
    this.#writtenPackets = new Float64Array(max * 2);
    this.#macHigh = new Int32Array(max * 2).fill(-1);
    this.#macLow = new Int32Array(max * 2);
    this.#evidence = [];
    this.#freeEntries = new Int32Array(max);
    this.#freeCount = max;
    // The free list is taken from its end, low indices first, so that the sweep stays short while flows are few.
    for (let i = 0; i < max; i++) this.#freeEntries[i] = max - 1 - i;
  }

  /** Flows under way. */
  get size(): number {
    return this.maxFlows - this.#freeCount;
  }

  /** Flows begun since the table was made, those that earned no entry included. */
  get flowsSeen(): number {
    return this.#flowsSeen + this.summed;
  }

  /** Flows that wait for an entry, under pressure. */
  get waiting(): number {
    return this.#door?.waiting ?? 0;
  }

  /** Flows that earned no entry. */
  get summed(): number {
    return this.#door?.summedFlows ?? 0;
  }

  /** Flows that had to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /**
   * Counts a packet in its flow, a new one if need be. Returns the flow's entry, valid until the next call; -1 when it has
   * none, under pressure (see `doorkeeper.ts`).
   */
  add(packet: Packet, interfaceIndex = 0): number {
    const sourceIsSecond = this.#fillKey(packet, interfaceIndex);
    const hash = this.#hashKey();
    let entry = this.#find(hash);
    if (entry >= 0 && this.#beginsAnotherConnection(entry, packet, sourceIsSecond)) {
      // No FIN or RST was seen, but the other side has surely forgotten the connection, as after a reboot.
      this.#end(entry, this.#closeReason(entry) ?? "idle");
      entry = -1;
    }
    if (entry < 0) {
      const door = this.#door;
      const verdict = door?.judge(packet, this.#wanted, hash, sourceIsSecond) ?? Verdict.Enter;
      if (verdict === Verdict.Outside) return -1;
      entry = verdict === Verdict.EnterWaited
        ? this.#beginWaited(door!, hash)
        : this.#begin(packet, hash, sourceIsSecond);
    }
    this.#count(entry, packet, sourceIsSecond);
    return entry;
  }

  /** Begins a flow with what waited of it, whose key is the wanted one. */
  #beginWaited({ waited, waitedPackets }: Doorkeeper, hash: number): number {
    const sourceIsSecond = isSourceSecond(waited);
    const entry = this.#begin(waited, hash, sourceIsSecond);
    this.#count(entry, waited, sourceIsSecond);
    this.#packets[entry * 2 + (this.#isFromInitiator ? 0 : 1)] += waitedPackets - 1;
    return entry;
  }

  /** A flow's two ends, and what they have sent since its last line. */
  ends(entry: number): { initiator: FlowEnd; responder: FlowEnd } {
    const initiatorIsSecond = (this.#state[entry] & INITIATOR_SECOND) !== 0;
    return {
      initiator: this.#flowEnd(entry, 0, initiatorIsSecond),
      responder: this.#flowEnd(entry, 1, !initiatorIsSecond),
    };
  }

  #address(entry: number, isSecond: boolean): AddressWords {
    const base = entry * KEY_WORDS + (isSecond ? 4 : 0);
    return [this.#key[base], this.#key[base + 1], this.#key[base + 2], this.#key[base + 3]];
  }

  /** Whether the packet just added came from its flow's initiator. */
  get isFromInitiator(): boolean {
    return this.#isFromInitiator;
  }

  /** The sequence number of a flow's SYN from either end; `undefined` where none was seen. */
  synSequence(entry: number, fromInitiator: boolean): number | undefined {
    const isSeen = (this.#state[entry] & (fromInitiator ? SYN_SEEN : SYN_ACK_SEEN)) !== 0;
    return isSeen ? this.#synSequence[entry * 2 + (fromInitiator ? 0 : 1)] : undefined;
  }

  /** What was kept with a flow. */
  evidence(entry: number): E | undefined {
    return this.#evidence[entry];
  }

  /** Keeps something with a flow: it comes back with each of its deltas, and to `release` when the flow has ended. */
  setEvidence(entry: number, evidence: E): void {
    this.#evidence[entry] = evidence;
  }

  /**
   * Writes the lines that are due at a time and ends the flows that are over. Takes 4 us for 65,536 flows of which none is
   * due (its bench), and 50 without the blocks: 3 % of `read`.
   */
  sweep(nowUs: number): void {
    // The clock was set back: what was due by the old one may be due now.
    if (nowUs < this.#sweptUs) {
      this.#dueUs.fill(nowUs, 0, this.#highWater);
      this.#blockDueUs.fill(nowUs);
    }
    this.#sweptUs = nowUs;
    this.#door?.tick(nowUs);
    this.#activeLinesLeft = this.#maxActiveLines;
    const blockDueUs = this.#blockDueUs;
    for (let first = 0; first < this.#highWater; first += BLOCK_ENTRIES) {
      if (blockDueUs[first >> BLOCK_SHIFT] <= nowUs) this.#sweepBlock(first, nowUs);
    }
  }

  #sweepBlock(first: number, nowUs: number): void {
    const end = Math.min(first + BLOCK_ENTRIES, this.#highWater);
    let earliestUs = Infinity;
    for (let entry = first; entry < end; entry++) {
      if (this.#dueUs[entry] <= nowUs) this.#sweepEntry(entry, nowUs);
      earliestUs = Math.min(earliestUs, this.#dueUs[entry]);
    }
    this.#blockDueUs[first >> BLOCK_SHIFT] = earliestUs;
  }

  #sweepEntry(entry: number, nowUs: number): void {
    if ((this.#state[entry] & IN_USE) === 0) {
      this.#dueUs[entry] = Infinity;
      return;
    }
    if (this.#lastUs[entry] > nowUs + CLOCK_TOLERANCE_US) this.#restartClock(entry, nowUs);
    const quietUs = nowUs - this.#lastUs[entry];
    const closeReason = this.#closeReason(entry);
    if (closeReason !== undefined && quietUs >= CLOSE_DELAY_US) {
      this.#end(entry, closeReason);
    } else if (quietUs >= this.#idleTimeoutOf(entry)) {
      this.#end(entry, "idle");
    } else {
      if (this.#hasDelta(entry) && nowUs - this.#partStartUs[entry] >= this.#activeTimeoutUs) {
        if (--this.#activeLinesLeft < 0) return; // it stays due
        this.#emitDelta(entry, "active");
      }
      this.#dueUs[entry] = this.#nextDueUs(entry);
    }
  }

  /** The earliest time at which an entry can be due. A packet that makes it earlier says so. */
  #nextDueUs(entry: number): number {
    const closed = this.#closeReason(entry) !== undefined;
    const timeoutUs = closed ? CLOSE_DELAY_US : this.#idleTimeoutOf(entry);
    const overUs = this.#lastUs[entry] + timeoutUs;
    if (!this.#hasDelta(entry)) return overUs;
    return Math.min(overUs, this.#partStartUs[entry] + this.#activeTimeoutUs);
  }

  /** Ends every flow: at the end of a file, or when the logger stops. One that TCP had closed says so. */
  endAll(reason: EndReason = "shutdown"): void {
    this.#door?.end();
    for (let entry = 0; entry < this.#highWater; entry++) {
      if ((this.#state[entry] & IN_USE) !== 0) this.#end(entry, this.#closeReason(entry) ?? reason);
    }
  }

  /**
   * Chooses the `limit` flows with the most bytes in all. Of a full table 1,000 are found in 5 ms. What is
   * returned belongs to the caller.
   */
  busiest(limit: number): ChosenFlows {
    const live = new Int32Array(this.size);
    const sums = new Float64Array(this.size);
    let [flows, bytes, packets] = [0, 0, 0];
    for (let entry = 0; entry < this.#highWater; entry++) {
      if ((this.#state[entry] & IN_USE) === 0) continue;
      const sum = this.#bytesInAll(entry, 0) + this.#bytesInAll(entry, 1);
      bytes += sum;
      packets += this.#packetsInAll(entry, 0) + this.#packetsInAll(entry, 1);
      live[flows] = entry;
      sums[flows++] = sum;
    }
    const all = { flows, bytes, packets };
    const entries = flows <= limit ? live : withLargest(limit, live, sums);
    return {
      entries,
      serials: Float64Array.from(entries, (entry) => this.#flowSerial[entry]),
      all,
    };
  }

  /** A chosen flow as it is now; `undefined` when it has ended since. */
  read(entry: number, serial: number): LiveFlow<E> | undefined {
    if ((this.#state[entry] & IN_USE) === 0 || this.#flowSerial[entry] !== serial) return undefined;
    const { initiator, responder } = this.ends(entry);
    const inAll = (end: FlowEnd, side: 0 | 1): FlowEnd => ({
      ...end,
      bytes: this.#bytesInAll(entry, side),
      packets: this.#packetsInAll(entry, side),
    });
    const startUs = this.#flowStartUs[entry];
    const ends = { initiator: inAll(initiator, 0), responder: inAll(responder, 1) };
    return {
      ...this.#delta(entry, { endReason: "active", ...ends }),
      unwritten: { initiator, responder },
      startUs,
      endUs: Math.max(startUs, this.#partEndUs[entry]),
    };
  }

  #bytesInAll(entry: number, side: 0 | 1): number {
    return this.#bytes[entry * 2 + side] + this.#writtenBytes[entry * 2 + side];
  }

  #packetsInAll(entry: number, side: 0 | 1): number {
    return this.#packets[entry * 2 + side] + this.#writtenPackets[entry * 2 + side];
  }

  /** How TCP closed the flow, if it has. */
  #closeReason(entry: number): "rst" | "fin" | undefined {
    const state = this.#state[entry];
    if ((state & RST_SEEN) !== 0) return "rst";
    return (state & BOTH_FINS) === BOTH_FINS ? "fin" : undefined;
  }

  /** The clock was set back: emits what was counted by the old time, and begins expiry anew. */
  #restartClock(entry: number, nowUs: number): void {
    if (this.#hasDelta(entry)) this.#emitDelta(entry, "active");
    this.#lastUs[entry] = nowUs;
  }

  #idleTimeoutOf(entry: number): number {
    const protocol = this.#key[entry * KEY_WORDS + 9] & 0xff;
    return protocol === PROTOCOL_TCP ? this.#tcpIdleTimeoutUs : this.#idleTimeoutUs;
  }

  /**
   * Writes the packet's key, in an order of its two ends that is the same for both directions. Returns whether the
   * packet's source is the key's second end.
   */
  #fillKey(packet: Packet, interfaceIndex: number): boolean {
    const key = this.#wanted;
    const sourceIsSecond = isSourceSecond(packet);
    if (sourceIsSecond) {
      key[0] = packet.destination0;
      key[1] = packet.destination1;
      key[2] = packet.destination2;
      key[3] = packet.destination3;
      key[4] = packet.source0;
      key[5] = packet.source1;
      key[6] = packet.source2;
      key[7] = packet.source3;
      key[8] = packet.destinationPort << 16 | packet.sourcePort;
    } else {
      key[0] = packet.source0;
      key[1] = packet.source1;
      key[2] = packet.source2;
      key[3] = packet.source3;
      key[4] = packet.destination0;
      key[5] = packet.destination1;
      key[6] = packet.destination2;
      key[7] = packet.destination3;
      key[8] = packet.sourcePort << 16 | packet.destinationPort;
    }
    const direction = isOneWay(packet) ? (sourceIsSecond ? 2 : 1) : 0;
    key[9] = packet.protocol | packet.ipVersion << 8 | direction << 12 |
      (packet.hasTransport ? 1 << 14 : 0) | (packet.isTunneled ? TUNNELED : 0) |
      interfaceIndex << 16;
    return sourceIsSecond;
  }

  /** MurmurHash3's mixing of the key's words, begun with a secret so that nobody can aim at one slot. */
  #hashKey(): number {
    let hash = this.#hashSeed;
    for (let i = 0; i < KEY_WORDS; i++) {
      let word = Math.imul(this.#wanted[i], 0xcc9e2d51);
      word = Math.imul(word << 15 | word >>> 17, 0x1b873593);
      hash ^= word;
      hash = Math.imul(hash << 13 | hash >>> 19, 5) + 0xe6546b64 | 0;
    }
    hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
    hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
    return hash ^ hash >>> 16;
  }

  /** The entry with the wanted key, or -1. */
  #find(hash: number): number {
    let slot = hash & this.#slotMask;
    for (;;) {
      const entry = this.#slots[slot] - 1;
      if (entry < 0) return -1;
      if (this.#hash[entry] === hash && this.#isWanted(entry)) return entry;
      slot = slot + 1 & this.#slotMask;
    }
  }

  #isWanted(entry: number): boolean {
    const base = entry * KEY_WORDS;
    for (let i = 0; i < KEY_WORDS; i++) {
      if (this.#key[base + i] !== this.#wanted[i]) return false;
    }
    return true;
  }

  /** A SYN of the initiator after the connection has closed, or with another sequence number, opens a new one. */
  #beginsAnotherConnection(entry: number, packet: Packet, sourceIsSecond: boolean): boolean {
    if (packet.protocol !== PROTOCOL_TCP) return false;
    if ((packet.tcpFlags & (TCP_SYN | TCP_ACK)) !== TCP_SYN) return false;
    if (this.#closeReason(entry) !== undefined) return true;
    const state = this.#state[entry];
    // Without a SYN so far, it is another connection unless its answer merely came before it.
    if ((state & SYN_SEEN) === 0) return (state & SYN_ACK_SEEN) === 0;
    const fromInitiator = sourceIsSecond === ((state & INITIATOR_SECOND) !== 0);
    return fromInitiator && this.#synSequence[entry * 2] !== packet.tcpSequence;
  }

  #begin(packet: Packet, hash: number, sourceIsSecond: boolean): number {
    if (this.#freeCount === 0) this.#evictOne();
    const entry = this.#freeEntries[--this.#freeCount];
    if (entry >= this.#highWater) this.#highWater = entry + 1;

    this.#key.set(this.#wanted, entry * KEY_WORDS);
    this.#hash[entry] = hash;
    const initiatorIsSecond = sourceIsSecond !== comesFromResponder(packet);
    this.#state[entry] = IN_USE | (initiatorIsSecond ? INITIATOR_SECOND : 0) |
      (packet.hasTransport ? HAS_PORTS : 0) | (isOneWay(packet) ? ONE_WAY : 0);
    this.#flowStartUs[entry] = packet.timeUs;
    this.#flowSerial[entry] = this.#flowsSeen++;
    this.#part[entry] = 0;
    this.#lastUs[entry] = packet.timeUs;
    this.#isDueBy(entry, packet.timeUs + this.#idleTimeoutOf(entry));
    this.#macHigh[entry * 2] = this.#macHigh[entry * 2 + 1] = -1;

    let slot = hash & this.#slotMask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & this.#slotMask;
    this.#slots[slot] = entry + 1;
    return entry;
  }

  #count(entry: number, packet: Packet, sourceIsSecond: boolean): void {
    const fromInitiator = sourceIsSecond === ((this.#state[entry] & INITIATOR_SECOND) !== 0);
    this.#isFromInitiator = fromInitiator;
    const end = entry * 2 + (fromInitiator ? 0 : 1);
    const { timeUs } = packet;
    // A capture may hold packets out of order: first and last are by time.
    if (!this.#hasDelta(entry)) {
      this.#partStartUs[entry] = this.#partEndUs[entry] = timeUs;
      this.#isDueBy(entry, timeUs + this.#activeTimeoutUs);
    } else if (timeUs > this.#partEndUs[entry]) {
      this.#partEndUs[entry] = timeUs;
    } else if (timeUs < this.#partStartUs[entry]) {
      this.#partStartUs[entry] = timeUs;
      this.#isDueBy(entry, timeUs + this.#activeTimeoutUs);
    }
    if (timeUs > this.#lastUs[entry]) this.#lastUs[entry] = timeUs;
    // So far ahead of the clock, its time may prove to be wrong.
    if (timeUs > this.#sweptUs + CLOCK_TOLERANCE_US) this.#isDueBy(entry, -Infinity);
    this.#bytes[end] += packet.ipLength;
    this.#packets[end]++;
    if (packet.hasMac) {
      this.#macHigh[end] = packet.macHigh;
      this.#macLow[end] = packet.macLow;
    }
    if (packet.protocol === PROTOCOL_TCP) this.#followTcp(entry, packet, fromInitiator);
  }

  #followTcp(entry: number, packet: Packet, fromInitiator: boolean): void {
    const flags = packet.tcpFlags;
    if ((flags & (TCP_SYN | TCP_FIN | TCP_RST)) === 0) return;
    if ((flags & TCP_SYN) !== 0) {
      this.#synSequence[entry * 2 + (fromInitiator ? 0 : 1)] = packet.tcpSequence;
      this.#state[entry] |= fromInitiator ? SYN_SEEN : SYN_ACK_SEEN;
    }
    if ((flags & TCP_FIN) !== 0) {
      this.#state[entry] |= fromInitiator ? FIN_FROM_INITIATOR : FIN_FROM_RESPONDER;
    }
    if ((flags & TCP_RST) !== 0) this.#state[entry] |= RST_SEEN;
    if (this.#closeReason(entry) !== undefined) {
      this.#isDueBy(entry, this.#lastUs[entry] + CLOSE_DELAY_US);
    }
  }

  #isDueBy(entry: number, timeUs: number): void {
    if (timeUs < this.#dueUs[entry]) this.#dueUs[entry] = timeUs;
    const block = entry >> BLOCK_SHIFT;
    if (timeUs < this.#blockDueUs[block]) this.#blockDueUs[block] = timeUs;
  }

  #hasDelta(entry: number): boolean {
    return this.#packets[entry * 2] !== 0 || this.#packets[entry * 2 + 1] !== 0;
  }

  /**
   * Ends one flow of a sample: of those in which one end alone has spoken the least recently used, which a flood's are; of
   * others only where there is none. The samples go round the table.
   */
  #evictOne(): void {
    let chosen = -1;
    let isChosenAnswered = true;
    for (let i = 0; i < EVICTION_SAMPLE; i++) {
      const entry = (this.#evictionCursor + i) % this.maxFlows;
      const isAnswered = this.#isAnswered(entry);
      const isBetter = isAnswered === isChosenAnswered
        ? chosen < 0 || this.#lastUs[entry] < this.#lastUs[chosen]
        : !isAnswered;
      if (!isBetter) continue;
      chosen = entry;
      isChosenAnswered = isAnswered;
    }
    this.#evictionCursor = (this.#evictionCursor + EVICTION_SAMPLE) % this.maxFlows;
    this.#evicted++;
    this.#end(chosen, "evicted");
  }

  /** Whether both ends have sent. */
  #isAnswered(entry: number): boolean {
    return this.#packetsInAll(entry, 0) !== 0 && this.#packetsInAll(entry, 1) !== 0;
  }

  /** Emits the last line, of what no line has counted yet, and frees the entry. */
  #end(entry: number, reason: EndReason): void {
    const isFirstLine = this.#part[entry] === 0;
    if (this.#hasDelta(entry)) this.#emitDelta(entry, reason);
    if (!isFirstLine) {
      this.#writtenBytes.fill(0, entry * 2, entry * 2 + 2);
      this.#writtenPackets.fill(0, entry * 2, entry * 2 + 2);
    }
    this.#removeSlot(entry);
    this.#state[entry] = 0;
    this.#dueUs[entry] = Infinity;
    const evidence = this.#evidence[entry];
    this.#evidence[entry] = undefined;
    if (evidence !== undefined) this.#release?.(evidence);
    this.#freeEntries[this.#freeCount++] = entry;
  }

  /** Empties the entry's slot and moves later ones of its run back, so that no run is broken (Knuth, 6.4, algorithm R). */
  #removeSlot(entry: number): void {
    const mask = this.#slotMask;
    let empty = this.#hash[entry] & mask;
    while (this.#slots[empty] !== entry + 1) empty = empty + 1 & mask;
    let slot = empty;
    for (;;) {
      slot = slot + 1 & mask;
      const candidate = this.#slots[slot] - 1;
      if (candidate < 0) break;
      const home = this.#hash[candidate] & mask;
      const distanceFromHome = slot - home & mask;
      const distanceFromEmpty = slot - empty & mask;
      if (distanceFromHome >= distanceFromEmpty) {
        this.#slots[empty] = candidate + 1;
        empty = slot;
      }
    }
    this.#slots[empty] = 0;
  }

  #emitDelta(entry: number, endReason: EndReason): void {
    const { initiator, responder } = this.ends(entry);
    const delta = this.#delta(entry, { endReason, initiator, responder });
    this.#part[entry]++;
    if (endReason === "active") {
      for (let end = entry * 2; end < entry * 2 + 2; end++) {
        this.#writtenBytes[end] += this.#bytes[end];
        this.#writtenPackets[end] += this.#packets[end];
      }
    }
    this.#bytes[entry * 2] = this.#bytes[entry * 2 + 1] = 0;
    this.#packets[entry * 2] = this.#packets[entry * 2 + 1] = 0;
    this.#emit(delta, entry);
  }

  /** The delta of a flow's next line. */
  #delta(
    entry: number,
    { endReason, initiator, responder }: Pick<
      FlowDelta<E>,
      "endReason" | "initiator" | "responder"
    >,
  ): FlowDelta<E> {
    const keyTail = this.#key[entry * KEY_WORDS + 9];
    return {
      flowId: flowId(this.#flowStartUs[entry], this.#flowSerial[entry]),
      part: this.#part[entry],
      endReason,
      ipVersion: (keyTail >> 8 & 0xf) === 4 ? 4 : 6,
      protocol: keyTail & 0xff,
      oneWay: (this.#state[entry] & ONE_WAY) !== 0,
      isTunneled: (keyTail & TUNNELED) !== 0,
      interfaceIndex: keyTail >> 16,
      initiator,
      responder,
      startUs: this.#partStartUs[entry],
      endUs: this.#partEndUs[entry],
      evidence: this.#evidence[entry],
    };
  }

  #flowEnd(entry: number, side: 0 | 1, isSecond: boolean): FlowEnd {
    const ports = this.#key[entry * KEY_WORDS + 8];
    const counter = entry * 2 + side;
    const hasPorts = (this.#state[entry] & HAS_PORTS) !== 0;
    const hasMac = this.#macHigh[counter] >= 0;
    return {
      address: this.#address(entry, isSecond),
      port: !hasPorts ? undefined : isSecond ? ports & 0xffff : ports >>> 16,
      mac: hasMac ? [this.#macHigh[counter], this.#macLow[counter]] : undefined,
      bytes: this.#bytes[counter],
      packets: this.#packets[counter],
    };
  }
}

/** An order of a packet's two ends; which one does not matter, only that both directions agree. */
function isSourceSecond(packet: Packet): boolean {
  if (packet.source3 !== packet.destination3) return packet.source3 > packet.destination3;
  if (packet.source2 !== packet.destination2) return packet.source2 > packet.destination2;
  if (packet.source1 !== packet.destination1) return packet.source1 > packet.destination1;
  if (packet.source0 !== packet.destination0) return packet.source0 > packet.destination0;
  return packet.sourcePort > packet.destinationPort;
}
