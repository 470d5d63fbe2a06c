/**
 * Under pressure, short flows become one line together.
 *
 * A scan, or a flood from invented addresses, makes flows by the ten thousand a second, and a line for each would fill
 * the RAM log in a minute. So lines have a budget, a token bucket that a household never empties. While it is empty,
 * flows that were short are merged: one line an initiator, transport and direction, written with each sweep. Sums stay
 * exact; what is lost is which of the flows a packet was in. What earned no entry in the flow table (`doorkeeper.ts`) is
 * merged in any case.
 */

import type { AddressWords } from "../address/address.ts";
import type { OutsidePackets } from "./doorkeeper.ts";
import type { EndReason, FlowDelta } from "./flow_delta.ts";
import { comesFromResponder } from "./initiator.ts";

/** Flows that were merged, all of one initiator unless there were too many of these as well. */
export interface MergedFlows {
  /** As of a flow, and no flow's. */
  readonly flowId: string;
  /** How many flows it stands for. */
  readonly flows: number;
  /** Why the first of them ended. */
  readonly endReason: EndReason;
  readonly ipVersion: 4 | 6;
  readonly protocol: number;
  readonly interfaceIndex: number;
  readonly initiatorIsLocal: boolean;
  readonly responderIsLocal: boolean;
  /** `undefined`: of many. */
  readonly initiatorAddress: AddressWords | undefined;
  /** `undefined`: they had different ones. */
  readonly responderAddress: AddressWords | undefined;
  /** Sums over the flows: from their initiators, and from their responders. */
  readonly up: { bytes: number; packets: number };
  readonly down: { bytes: number; packets: number };
  /** First and last packet, microseconds since 1970. */
  readonly startUs: number;
  readonly endUs: number;
}

/** Merged flows while they grow. */
type Sum = { -readonly [K in keyof MergedFlows]: MergedFlows[K] };

/**
 * Lines a second that the log bears for long, 70 kB/s, which fills 28 MB of RAM log in 7 minutes; and those that may come
 * in a short time: more than a household makes in a busy minute.
 */
const LINES = { perSecond: 100, burst: 6_000, atOnce: 500 } as const;
/** The same of flows that had no answer, as a flood's: they take nothing from a household's. */
const UNANSWERED_LINES = { perSecond: 50, burst: 3_000, atOnce: 250 } as const;
/** Flows of more packets are written for themselves, whatever the pressure. */
const SHORT_FLOW_PACKETS = 6;
/**
 * Initiators with a line of their own between two sweeps, fewer as the budget runs out: the flows of any more share one.
 * A flood from invented addresses would otherwise write 250 lines a second to the card for as long as it goes on.
 */
const MAX_INITIATORS = 256;
const MIN_INITIATORS = 16;
/** Slots in which the sum of an initiator is looked for; a power of two. */
const SUM_SLOTS = 1024;
/** An initiator: four words of its address, and the kind of its flows. */
const SUM_KEY_WORDS = 5;

/** Lines a second for long, in a short time, and between two sweeps. */
interface LineLimits {
  readonly perSecond: number;
  readonly burst: number;
  readonly atOnce: number;
}

/** What is to be merged: one object, filled again and again, so that a packet costs no allocation. */
class Mergeable {
  readonly initiator = new Int32Array(4);
  readonly responder = new Int32Array(4);
  initiatorIsLocal = false;
  responderIsLocal = false;
  endReason: EndReason = "evicted";
  ipVersion: 4 | 6 = 4;
  protocol = 0;
  interfaceIndex = 0;
  flows = 0;
  upBytes = 0;
  upPackets = 0;
  downBytes = 0;
  downPackets = 0;
  startUs = 0;
  endUs = 0;
}

/** Decides which deltas are merged, and merges them. */
export class OverflowMerger {
  readonly #emit: (merged: MergedFlows) => void;
  readonly #isLocal: (address: Int32Array) => boolean;
  readonly #flow = new Mergeable();
  /** Sums of initiators, and their keys; found by `#slots` (0: empty, otherwise the sum's place + 1). */
  readonly #sums: Sum[] = [];
  readonly #keys = new Int32Array(MAX_INITIATORS * SUM_KEY_WORDS);
  readonly #slots = new Uint16Array(SUM_SLOTS);
  readonly #hashSeed = crypto.getRandomValues(new Int32Array(1))[0];
  /** Sums of all other initiators, by the kind of their flows. */
  readonly #shared = new Map<number, Sum>();
  #maxInitiators = MAX_INITIATORS;
  readonly #lines = new LineBudget(LINES);
  readonly #unansweredLines = new LineBudget(UNANSWERED_LINES);
  #filledUs = 0;
  #mergedFlows = 0;
  #serial = 0;

  /** `isLocal` is asked of the four words of an address. */
  constructor(emit: (merged: MergedFlows) => void, isLocal: (address: Int32Array) => boolean) {
    this.#emit = emit;
    this.#isLocal = isLocal;
  }

  /** Flows that were merged so far. */
  get mergedFlows(): number {
    return this.#mergedFlows;
  }

  /** Takes a delta over when it is to be merged; otherwise it costs a line of the budget, and `false` is returned. */
  take(
    delta: FlowDelta<unknown>,
    initiatorIsLocal: boolean,
    responderIsLocal: boolean,
  ): boolean {
    const { initiator, responder } = delta;
    const isShort = delta.part === 0 && delta.endReason !== "active" &&
      initiator.packets + responder.packets <= SHORT_FLOW_PACKETS;
    const isAnswered = initiator.packets > 0 && responder.packets > 0;
    const budget = isAnswered ? this.#lines : this.#unansweredLines;
    if (!isShort || budget.hasOne) {
      budget.take(1);
      return false;
    }
    const flow = this.#flow;
    flow.initiator.set(initiator.address);
    flow.responder.set(responder.address);
    flow.initiatorIsLocal = initiatorIsLocal;
    flow.responderIsLocal = responderIsLocal;
    flow.endReason = delta.endReason;
    flow.ipVersion = delta.ipVersion;
    flow.protocol = delta.protocol;
    flow.interfaceIndex = delta.interfaceIndex;
    flow.flows = 1;
    flow.upBytes = initiator.bytes;
    flow.upPackets = initiator.packets;
    flow.downBytes = responder.bytes;
    flow.downPackets = responder.packets;
    flow.startUs = delta.startUs;
    flow.endUs = delta.endUs;
    this.#add(flow);
    return true;
  }

  /** Merges packets that have no entry in the flow table. */
  takeOutside({ first, interfaceIndex, flows, sent, answered, startUs, endUs }: OutsidePackets) {
    const flow = this.#flow;
    const isBegun = !comesFromResponder(first);
    const source = isBegun ? flow.initiator : flow.responder;
    const destination = isBegun ? flow.responder : flow.initiator;
    source[0] = first.source0;
    source[1] = first.source1;
    source[2] = first.source2;
    source[3] = first.source3;
    destination[0] = first.destination0;
    destination[1] = first.destination1;
    destination[2] = first.destination2;
    destination[3] = first.destination3;
    flow.initiatorIsLocal = this.#isLocal(flow.initiator);
    flow.responderIsLocal = this.#isLocal(flow.responder);
    flow.endReason = "evicted";
    flow.ipVersion = first.ipVersion === 4 ? 4 : 6;
    flow.protocol = first.protocol;
    flow.interfaceIndex = interfaceIndex;
    flow.flows = flows;
    flow.upBytes = isBegun ? sent.bytes : answered.bytes;
    flow.upPackets = isBegun ? sent.packets : answered.packets;
    flow.downBytes = isBegun ? answered.bytes : sent.bytes;
    flow.downPackets = isBegun ? answered.packets : sent.packets;
    flow.startUs = startUs;
    flow.endUs = endUs;
    this.#add(flow);
  }

  /** Gives what was merged since the last call, and fills the budget up to a time, in microseconds since 1970. */
  flush(nowUs: number): void {
    for (const sum of this.#sums) this.#emit(sum);
    for (const sum of this.#shared.values()) this.#emit(sum);
    const lines = this.#sums.length + this.#shared.size;
    this.#sums.length = 0;
    this.#slots.fill(0);
    this.#shared.clear();
    // A clock that was set back or leapt ahead fills no more than a second's worth.
    const seconds = Math.min(Math.max(0, nowUs - this.#filledUs) / 1e6, 1);
    this.#filledUs = nowUs;
    this.#unansweredLines.take(lines);
    this.#lines.fill(seconds);
    this.#unansweredLines.fill(seconds);
    const initiators = this.#unansweredLines.left;
    this.#maxInitiators = Math.min(MAX_INITIATORS, Math.max(MIN_INITIATORS, initiators));
  }

  /** Nothing more is captured: what is left of the budget may be used at once. */
  end(): void {
    this.#lines.atOnce = this.#unansweredLines.atOnce = Infinity;
  }

  #add(flow: Mergeable): void {
    this.#mergedFlows += flow.flows;
    const sum = this.#sumOf(flow);
    const { responderAddress, up, down } = sum;
    if (responderAddress !== undefined && !isSame(responderAddress, flow.responder)) {
      sum.responderAddress = undefined;
    }
    sum.flows += flow.flows;
    up.bytes += flow.upBytes;
    up.packets += flow.upPackets;
    down.bytes += flow.downBytes;
    down.packets += flow.downPackets;
    if (flow.startUs < sum.startUs) sum.startUs = flow.startUs;
    if (flow.endUs > sum.endUs) sum.endUs = flow.endUs;
  }

  /** The sum of a flow's initiator, begun if there is room, or else the one that it shares. */
  #sumOf(flow: Mergeable): Sum {
    const { initiator } = flow;
    const kind = kindOf(flow);
    let hash = kind ^ this.#hashSeed;
    for (let i = 0; i < 4; i++) {
      hash = Math.imul(hash ^ initiator[i], 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    const keys = this.#keys;
    let slot = hash & SUM_SLOTS - 1;
    for (; this.#slots[slot] !== 0; slot = slot + 1 & SUM_SLOTS - 1) {
      const at = (this.#slots[slot] - 1) * SUM_KEY_WORDS;
      if (
        keys[at] === initiator[0] && keys[at + 1] === initiator[1] &&
        keys[at + 2] === initiator[2] && keys[at + 3] === initiator[3] && keys[at + 4] === kind
      ) return this.#sums[this.#slots[slot] - 1];
    }
    const place = this.#sums.length;
    if (place < this.#maxInitiators) {
      this.#slots[slot] = place + 1;
      keys.set(initiator, place * SUM_KEY_WORDS);
      keys[place * SUM_KEY_WORDS + 4] = kind;
      return this.#sums[place] = this.#begin(flow, addressOf(initiator));
    }
    let sum = this.#shared.get(kind);
    if (sum === undefined) {
      sum = this.#begin(flow, undefined);
      this.#shared.set(kind, sum);
    }
    return sum;
  }

  #begin(flow: Mergeable, initiatorAddress: AddressWords | undefined): Sum {
    const { startUs, endUs } = flow;
    return {
      flowId: `${startUs.toString(36)}-m${(this.#serial++).toString(36)}`,
      flows: 0,
      endReason: flow.endReason,
      ipVersion: flow.ipVersion,
      protocol: flow.protocol,
      interfaceIndex: flow.interfaceIndex,
      initiatorIsLocal: flow.initiatorIsLocal,
      responderIsLocal: flow.responderIsLocal,
      initiatorAddress,
      responderAddress: addressOf(flow.responder),
      up: { bytes: 0, packets: 0 },
      down: { bytes: 0, packets: 0 },
      startUs,
      endUs,
    };
  }
}

/** Lines that may be written: a token bucket, and how many at once between two sweeps. */
class LineBudget {
  readonly #limits: LineLimits;
  #tokens: number;
  atOnce: number;

  constructor(limits: LineLimits) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.atOnce = limits.atOnce;
  }

  get left(): number {
    return Math.floor(this.#tokens);
  }

  get hasOne(): boolean {
    return this.#tokens >= 1 && this.atOnce >= 1;
  }

  take(lines: number): void {
    this.#tokens = Math.max(0, this.#tokens - lines);
    this.atOnce -= lines;
  }

  fill(seconds: number): void {
    const { perSecond, burst, atOnce } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + seconds * perSecond);
    this.atOnce = atOnce;
  }
}

/** What flows of one line have in common besides their initiator. */
function kindOf(flow: Mergeable): number {
  return flow.protocol | (flow.ipVersion === 6 ? 1 << 8 : 0) |
    (flow.initiatorIsLocal ? 1 << 9 : 0) | (flow.responderIsLocal ? 1 << 10 : 0) |
    flow.interfaceIndex << 16;
}

function addressOf(words: Int32Array): AddressWords {
  return [words[0], words[1], words[2], words[3]];
}

function isSame(a: AddressWords, b: Int32Array): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0];
}
