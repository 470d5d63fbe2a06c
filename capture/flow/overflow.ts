/**
 * Under pressure, short flows become one line together.
 *
 * A scan, or a flood from invented addresses, makes flows by the ten thousand a second, and a line for each would fill
 * the RAM log in a minute. So lines have a budget, a token bucket that a household never empties. While it is empty,
 * flows that were short are merged: one line an initiator, transport and direction, written with each sweep. Sums stay
 * exact; what is lost is which of the flows a packet was in.
 */

import type { AddressWords } from "../address/address.ts";
import type { EndReason, FlowDelta } from "./flow_table.ts";

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

/** A delta, and where its ends are. */
interface MergeableDelta {
  readonly delta: FlowDelta<unknown>;
  readonly initiatorIsLocal: boolean;
  readonly responderIsLocal: boolean;
}

/** Merged flows while they grow. */
type Sum = { -readonly [K in keyof MergedFlows]: MergedFlows[K] };

/** Lines a second that the log bears for long: 70 kB/s, which fills 28 MB of RAM log in 7 minutes. */
const LINES_PER_SECOND = 100;
/** Lines that may come in a short time: more than a household makes in a busy minute. */
const BURST_LINES = 6_000;
/**
 * Lines between two sweeps, a second: 40 ms at first, with places that are new. 6,000, when a scan has filled the flow
 * table, took longer than the ring in the kernel bears: 58,000 packets were lost of 400,000 a second.
 */
const LINES_AT_ONCE = 500;
/** Flows of more packets are written for themselves, whatever the pressure. */
const SHORT_FLOW_PACKETS = 6;
/** Initiators with a line of their own between two sweeps; the flows of any more share one. */
const MAX_INITIATORS = 256;

/** Decides which deltas are merged, and merges them. */
export class OverflowMerger {
  readonly #emit: (merged: MergedFlows) => void;
  readonly #sums = new Map<string, Sum>();
  #tokens = BURST_LINES;
  #atOnce = LINES_AT_ONCE;
  #filledUs = 0;
  #mergedFlows = 0;
  #serial = 0;

  constructor(emit: (merged: MergedFlows) => void) {
    this.#emit = emit;
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
    const isShort = delta.part === 0 && delta.endReason !== "active" &&
      delta.initiator.packets + delta.responder.packets <= SHORT_FLOW_PACKETS;
    if (!isShort || (this.#tokens >= 1 && this.#atOnce >= 1)) {
      this.#tokens = Math.max(0, this.#tokens - 1);
      this.#atOnce--;
      return false;
    }
    this.#mergedFlows++;
    this.#add({ delta, initiatorIsLocal, responderIsLocal });
    return true;
  }

  /** Gives what was merged since the last call, and fills the budget up to a time, in microseconds since 1970. */
  flush(nowUs: number): void {
    for (const sum of this.#sums.values()) this.#emit(sum);
    this.#sums.clear();
    // A clock that was set back or leapt ahead fills no more than a second's worth.
    const elapsedSeconds = Math.min(Math.max(0, nowUs - this.#filledUs) / 1e6, 1);
    this.#tokens = Math.min(BURST_LINES, this.#tokens + elapsedSeconds * LINES_PER_SECOND);
    this.#filledUs = nowUs;
    this.#atOnce = LINES_AT_ONCE;
  }

  /** Nothing more is captured: what is left of the budget may be used at once. */
  end(): void {
    this.#atOnce = Infinity;
  }

  #add(mergeable: MergeableDelta): void {
    const { delta, initiatorIsLocal, responderIsLocal } = mergeable;
    const { initiator, responder } = delta;
    const kind = `${delta.protocol} ${delta.ipVersion} ${delta.interfaceIndex} ` +
      `${initiatorIsLocal} ${responderIsLocal}`;
    let key = `${kind} ${initiator.address}`;
    let sum = this.#sums.get(key);
    if (sum === undefined && this.#sums.size >= MAX_INITIATORS) {
      key = kind;
      sum = this.#sums.get(key);
    }
    if (sum === undefined) {
      sum = this.#begin(mergeable, key === kind ? undefined : initiator.address);
      this.#sums.set(key, sum);
    }
    sum.flows++;
    if (!isSame(sum.responderAddress, responder.address)) sum.responderAddress = undefined;
    sum.up.bytes += initiator.bytes;
    sum.up.packets += initiator.packets;
    sum.down.bytes += responder.bytes;
    sum.down.packets += responder.packets;
    sum.startUs = Math.min(sum.startUs, delta.startUs);
    sum.endUs = Math.max(sum.endUs, delta.endUs);
  }

  #begin(
    { delta, initiatorIsLocal, responderIsLocal }: MergeableDelta,
    initiatorAddress: AddressWords | undefined,
  ): Sum {
    const { endReason, ipVersion, protocol, interfaceIndex, startUs, endUs } = delta;
    return {
      flowId: `${startUs.toString(36)}-m${(this.#serial++).toString(36)}`,
      flows: 0,
      endReason,
      ipVersion,
      protocol,
      interfaceIndex,
      initiatorIsLocal,
      responderIsLocal,
      initiatorAddress,
      responderAddress: delta.responder.address,
      up: { bytes: 0, packets: 0 },
      down: { bytes: 0, packets: 0 },
      startUs,
      endUs,
    };
  }
}

function isSame(a: AddressWords | undefined, b: AddressWords): boolean {
  return a !== undefined && a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}
