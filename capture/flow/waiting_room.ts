/**
 * Flows that wait outside the flow table, under pressure, until there is reason to let them in: each a first packet,
 * and others from the same end. Who has waited longest makes room for who comes.
 *
 * A flow takes 100 bytes here, in typed arrays, against 250 in the table and what names take besides; coming, being
 * looked for and leaving take 0.2 us together (`scripts/dev.sh bench:micro tests/capture/flow/doorkeeper_bench.ts`).
 */

import type { Packet } from "../decode/packet.ts";

/** Words of a flow's key, see `flow_table.ts`. */
export const KEY_WORDS = 10;

/** Words of a waiting flow: its key, and behind it, by these offsets, what its sender has sent. */
const STRIDE = 16;
const HASH = KEY_WORDS;
const BYTES = KEY_WORDS + 1;
const PACKETS = KEY_WORDS + 2;
const MAC_HIGH = KEY_WORDS + 3;
const MAC_LOW = KEY_WORDS + 4;
const SEQUENCE = KEY_WORDS + 5;

/** Bits of a key's last word, above the protocol and the version of IP. */
const HAS_TRANSPORT = 1 << 14;
const TUNNELED = 1 << 15;

/** Bits of `#state`, above the first packet's TCP flags. */
const SENDER_IS_SECOND = 1 << 8;
const HAS_MAC = 1 << 9;

/**
 * Flows whose hashes end with the same bits are a chain. A link of one names a place, as place + 1 in its lower bits, and
 * above it the rest of that flow's hash, so that other flows are passed by without a look at them: most of the time here
 * goes into memory that no cache holds.
 */
const PLACE_BITS = 17;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const CHAINS = 1 << PLACE_BITS;

/** Waiting flows, in the order in which they came. */
export class WaitingRoom {
  readonly #capacity: number;
  readonly #words: Int32Array;
  readonly #state: Uint16Array;
  readonly #startUs: Float64Array;
  readonly #endUs: Float64Array;
  /** Links to each chain's newest flow, and from each place to the one before it in its chain; 0: there is none. */
  readonly #newest = new Int32Array(CHAINS);
  readonly #before: Int32Array;
  #oldest = 0;
  /** Places from the oldest one on that are taken, those of flows that have been let in meanwhile included. */
  #taken = 0;
  #size = 0;

  /** `capacity`: flows at once, a power of two, less than 2^17. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * STRIDE);
    this.#state = new Uint16Array(capacity);
    this.#startUs = new Float64Array(capacity);
    this.#endUs = new Float64Array(capacity);
    this.#before = new Int32Array(capacity);
  }

  /** Flows that wait. */
  get size(): number {
    return this.#size;
  }

  /** Whether who comes takes the place of who has waited longest. */
  get isFull(): boolean {
    return this.#taken === this.#capacity;
  }

  /** The place of the flow with this key, or -1. */
  find(key: Int32Array, hash: number): number {
    let link = this.#newest[hash & PLACE_MASK];
    for (; link !== 0; link = this.#before[(link & PLACE_MASK) - 1]) {
      if ((link ^ hash) >>> PLACE_BITS !== 0) continue;
      const place = (link & PLACE_MASK) - 1;
      if (this.#isAt(place, key)) return place;
    }
    return -1;
  }

  #isAt(place: number, key: Int32Array): boolean {
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#words[place * STRIDE + word] !== key[word]) return false;
    }
    return true;
  }

  /** Takes a flow's first packet in. Not while the room is full. */
  enter(packet: Packet, key: Int32Array, hash: number, senderIsSecond: boolean): void {
    const place = this.#oldest + this.#taken++ & this.#capacity - 1;
    this.#size++;
    const words = this.#words;
    const at = place * STRIDE;
    for (let word = 0; word < KEY_WORDS; word++) words[at + word] = key[word];
    words[at + HASH] = hash;
    words[at + BYTES] = packet.ipLength;
    words[at + PACKETS] = 1;
    words[at + MAC_HIGH] = packet.macHigh;
    words[at + MAC_LOW] = packet.macLow;
    words[at + SEQUENCE] = packet.tcpSequence;
    this.#state[place] = packet.tcpFlags & 0xff | (senderIsSecond ? SENDER_IS_SECOND : 0) |
      (packet.hasMac ? HAS_MAC : 0);
    this.#startUs[place] = this.#endUs[place] = packet.timeUs;
    const chain = hash & PLACE_MASK;
    this.#before[place] = this.#newest[chain];
    this.#newest[chain] = hash & ~PLACE_MASK | place + 1;
  }

  /** Counts another packet of a waiting flow's sender. */
  count(place: number, { ipLength, timeUs }: Packet): void {
    this.#words[place * STRIDE + BYTES] += ipLength;
    this.#words[place * STRIDE + PACKETS]++;
    if (timeUs > this.#endUs[place]) this.#endUs[place] = timeUs;
  }

  /** Whether a packet with that end as its source is of the flow's sender. */
  isOfSender(place: number, sourceIsSecond: boolean): boolean {
    return ((this.#state[place] & SENDER_IS_SECOND) !== 0) === sourceIsSecond;
  }

  packets(place: number): number {
    return this.#words[place * STRIDE + PACKETS];
  }

  /** The interface that a flow is seen on. */
  interfaceIndex(place: number): number {
    return this.#words[place * STRIDE + 9] >> 16;
  }

  /** Time of the last packet, microseconds since 1970. */
  endUs(place: number): number {
    return this.#endUs[place];
  }

  /** The place of who has waited longest, while somebody waits. */
  get oldest(): number {
    return this.#oldest;
  }

  /** When who waits at a place came, microseconds since 1970. */
  startUs(place: number): number {
    return this.#startUs[place];
  }

  /** Writes what a flow's sender sent as its first packet, `ipLength` being the sum of all. */
  read(place: number, into: Packet): void {
    const words = this.#words;
    const at = place * STRIDE;
    const state = this.#state[place];
    const isSecond = (state & SENDER_IS_SECOND) !== 0;
    const source = at + (isSecond ? 4 : 0);
    const destination = at + (isSecond ? 0 : 4);
    into.source0 = words[source];
    into.source1 = words[source + 1];
    into.source2 = words[source + 2];
    into.source3 = words[source + 3];
    into.destination0 = words[destination];
    into.destination1 = words[destination + 1];
    into.destination2 = words[destination + 2];
    into.destination3 = words[destination + 3];
    const ports = words[at + 8];
    into.sourcePort = isSecond ? ports & 0xffff : ports >>> 16;
    into.destinationPort = isSecond ? ports >>> 16 : ports & 0xffff;
    const about = words[at + 9];
    into.protocol = about & 0xff;
    into.ipVersion = about >> 8 & 0xf;
    into.hasTransport = (about & HAS_TRANSPORT) !== 0;
    into.isTunneled = (about & TUNNELED) !== 0;
    into.ipLength = words[at + BYTES];
    into.timeUs = this.#startUs[place];
    into.hasMac = (state & HAS_MAC) !== 0;
    into.macHigh = words[at + MAC_HIGH];
    into.macLow = words[at + MAC_LOW];
    into.tcpFlags = state & 0xff;
    into.tcpSequence = words[at + SEQUENCE];
  }

  /** Lets a flow go. */
  leave(place: number): void {
    this.#words[place * STRIDE + PACKETS] = 0;
    this.#size--;
    this.#unchain(place, this.#words[place * STRIDE + HASH] & PLACE_MASK);
    while (this.#taken > 0 && this.packets(this.#oldest) === 0) {
      this.#oldest = this.#oldest + 1 & this.#capacity - 1;
      this.#taken--;
    }
  }

  #unchain(place: number, chain: number): void {
    let newer = (this.#newest[chain] & PLACE_MASK) - 1;
    if (newer === place) {
      this.#newest[chain] = this.#before[place];
      return;
    }
    for (;;) {
      const older = (this.#before[newer] & PLACE_MASK) - 1;
      if (older === place) break;
      newer = older;
    }
    this.#before[newer] = this.#before[place];
  }
}
