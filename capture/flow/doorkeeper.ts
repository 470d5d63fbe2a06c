/**
 * Who may enter the flow table when flows begin faster than it can bear.
 *
 * A flood in which every packet is a new flow would make an entry for each, only to evict another: 4 us a packet, and
 * the flows of a household would be evicted with the flood's. So beyond so many new flows a second a flow's first packet
 * earns no entry. It waits (`waiting_room.ts`), and enters with its flow
 *
 * - when the other end answers, or
 * - when its sender has sent a few packets, which then are no scan.
 *
 * Flows that wait in vain are summed: they cost no entry, no delta and no name. And each sender, told apart by its
 * address, may begin some flows a second at once, so that a device that floods delays no other's flows; and so may some
 * whose first packet says whom they are with, as QUIC's does.
 */

import { Packet } from "../decode/packet.ts";
import { Shares } from "../pressure/shares.ts";
import { WaitingRoom } from "./waiting_room.ts";

/** New flows a second that enter the table as they come, unless told otherwise: far more than a household makes. */
const FREE_ENTRIES = 16_384;
/**
 * Flows that a sender may begin a second at once. A flood from invented addresses uses up the shares of all: 4,096 entries
 * a second, 3 % of a core.
 */
const OF_SENDER = { perSecond: 16, burst: 16 } as const;
/** Answered flows, and such as only one end speaks in, that enter in a second at most: a flood can pretend both. */
const ANSWERED_ENTRIES = 8_192;
const ONE_WAY_ENTRIES = 2_048;
/** And such whose first packet may name them. */
const NAMING_ENTRIES = 1_024;
/** Packets of one end alone that make a flow worth an entry. */
const ONE_WAY_PACKETS = 4;
/** Flows that wait at once: those of 160 ms of 400,000 a second. Twice as many cost a quarter more, in cache misses. */
const WAITING_FLOWS = 65_536;
/** How long a flow waits at most. */
const PATIENCE_US = 1e6;
/** Looks at the clock nearer to each other are one. */
const LEAST_TICK_US = 0.9e6;
/** Seconds after the last pressure when its memory is given back. */
const CALM_TICKS = 30;

/** What happens to a packet that is of no flow in the table. */
export const enum Verdict {
  /** It begins a flow. */
  Enter,
  /** Its flow begins with what waited: `waited`, and `waitedPackets` of them; the packet itself comes behind. */
  EnterWaited,
  /** It is taken care of: it waits, or has been summed. */
  Outside,
}

/** Packets that have no flow in the table, on their way to a sum. One object serves for all. */
export interface OutsidePackets {
  /** Whose they are: the first packet of the flow. */
  readonly first: Packet;
  readonly interfaceIndex: number;
  /** 1 with what a flow's sender sent; 0 with an answer, whose flow is summed later. */
  readonly flows: number;
  /** What the first packet's sender sent, and what the other end did. */
  readonly sent: { readonly bytes: number; readonly packets: number };
  readonly answered: { readonly bytes: number; readonly packets: number };
  /** First and last packet, microseconds since 1970. */
  readonly startUs: number;
  readonly endUs: number;
}

/** Settings of a doorkeeper. */
export interface DoorkeeperOptions {
  /** New flows a second that enter before any has to wait. @default 16384 */
  readonly freeEntries?: number;
  /** Whether a flow's first packet may say whom the flow is with. @default none does */
  readonly mayName?: (packet: Packet) => boolean;
}

/** Keeps the door of one flow table. */
export class Doorkeeper {
  readonly #sum: (outside: OutsidePackets) => void;
  readonly #freeEntries: number;
  readonly #mayName: (packet: Packet) => boolean;
  readonly #outside = {
    first: new Packet(),
    interfaceIndex: 0,
    flows: 0,
    sent: { bytes: 0, packets: 0 },
    answered: { bytes: 0, packets: 0 },
    startUs: 0,
    endUs: 0,
  };
  #room: WaitingRoom | undefined;
  #isPressed = false;
  #begun = 0;
  #answeredLeft = 0;
  #oneWayLeft = 0;
  #namingLeft = 0;
  readonly #ofSender = new Shares(OF_SENDER);
  #tickedUs = 0;
  #calmTicks = 0;
  #summedFlows = 0;

  /** `sum` is given what is to be summed; the object is valid during the call only. */
  constructor(sum: (outside: OutsidePackets) => void, options: DoorkeeperOptions = {}) {
    this.#sum = sum;
    this.#freeEntries = options.freeEntries ?? FREE_ENTRIES;
    this.#mayName = options.mayName ?? (() => false);
  }

  /** Flows that wait. */
  get waiting(): number {
    return this.#room?.size ?? 0;
  }

  /** Flows that were summed. */
  get summedFlows(): number {
    return this.#summedFlows;
  }

  /** What `Verdict.EnterWaited` lets in: the first packet, `ipLength` being the sum of all; and how many they are. */
  get waited(): Packet {
    return this.#outside.first;
  }
  get waitedPackets(): number {
    return this.#outside.sent.packets;
  }

  /** Judges a packet of no flow in the table, by its flow's key; `sourceIsSecond` says which end it is from. */
  judge(packet: Packet, key: Int32Array, hash: number, sourceIsSecond: boolean): Verdict {
    if (this.#room === undefined || (!this.#isPressed && this.#room.size === 0)) {
      if (++this.#begun <= this.#freeEntries) return Verdict.Enter;
      this.#begin();
    }
    const room = this.#room!;
    const place = room.find(key, hash);
    if (place >= 0) return this.#judgeWaiting(room, place, packet, sourceIsSecond);
    this.#begun++;
    if (!this.#isPressed || this.#mayEnterAtOnce(packet)) return Verdict.Enter;
    if (room.isFull) this.#sumOldest(room);
    room.enter(packet, key, hash, sourceIsSecond);
    return Verdict.Outside;
  }

  #begin(): void {
    this.#isPressed = true;
    this.#calmTicks = 0;
    this.#room ??= new WaitingRoom(WAITING_FLOWS);
    this.#refill();
  }

  #mayEnterAtOnce(packet: Packet): boolean {
    const { source0, source1, source2, source3 } = packet;
    if (this.#ofSender.take(source0, source1, source2, source3)) return true;
    const hasPayload = packet.payloadOffset < packet.ipEnd;
    if (!hasPayload || this.#namingLeft === 0 || !this.#mayName(packet)) return false;
    this.#namingLeft--;
    return true;
  }

  #judgeWaiting(
    room: WaitingRoom,
    place: number,
    packet: Packet,
    sourceIsSecond: boolean,
  ): Verdict {
    if (room.isOfSender(place, sourceIsSecond)) {
      const isEnough = room.packets(place) + 1 >= ONE_WAY_PACKETS;
      if (!isEnough || this.#oneWayLeft === 0) {
        room.count(place, packet);
        return Verdict.Outside;
      }
      this.#oneWayLeft--;
    } else if (this.#answeredLeft === 0) {
      this.#sumAnswer(room, place, packet);
      return Verdict.Outside;
    } else this.#answeredLeft--;
    this.#outside.sent.packets = room.packets(place);
    room.read(place, this.#outside.first);
    room.leave(place);
    return Verdict.EnterWaited;
  }

  #sumOldest(room: WaitingRoom): void {
    const place = room.oldest;
    const outside = this.#outside;
    room.read(place, outside.first);
    outside.interfaceIndex = room.interfaceIndex(place);
    outside.flows = 1;
    outside.sent.bytes = outside.first.ipLength;
    outside.sent.packets = room.packets(place);
    outside.answered.bytes = outside.answered.packets = 0;
    outside.startUs = room.startUs(place);
    outside.endUs = room.endUs(place);
    room.leave(place);
    this.#summedFlows++;
    this.#sum(outside);
  }

  #sumAnswer(room: WaitingRoom, place: number, { ipLength, timeUs }: Packet): void {
    const outside = this.#outside;
    room.read(place, outside.first);
    outside.interfaceIndex = room.interfaceIndex(place);
    outside.flows = outside.sent.bytes = outside.sent.packets = 0;
    outside.answered.bytes = ipLength;
    outside.answered.packets = 1;
    outside.startUs = outside.endUs = timeUs;
    this.#sum(outside);
  }

  /** Looks at the clock, in microseconds since 1970, about once a second: who has waited too long is summed. */
  tick(nowUs: number): void {
    const sinceUs = Math.abs(nowUs - this.#tickedUs);
    if (sinceUs < LEAST_TICK_US) return;
    this.#tickedUs = nowUs;
    const wasPressed = this.#isPressed;
    this.#isPressed &&= this.#begun > this.#freeEntries / 2;
    this.#begun = 0;
    this.#refill();
    const room = this.#room;
    if (room === undefined) return;
    // A clock that was set back or leapt ahead has made nobody wait.
    while (room.size > 0 && Math.abs(nowUs - room.startUs(room.oldest)) >= PATIENCE_US) {
      this.#sumOldest(room);
    }
    this.#calmTicks = wasPressed ? 0 : this.#calmTicks + 1;
    if (this.#calmTicks >= CALM_TICKS && room.size === 0) this.#room = undefined;
  }

  #refill(): void {
    this.#answeredLeft = ANSWERED_ENTRIES;
    this.#oneWayLeft = ONE_WAY_ENTRIES;
    this.#namingLeft = NAMING_ENTRIES;
    this.#ofSender.fill(1);
  }

  /** Nothing more comes: sums all that wait. */
  end(): void {
    const room = this.#room;
    while (room !== undefined && room.size > 0) this.#sumOldest(room);
  }
}
