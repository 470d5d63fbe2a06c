/**
 * Deltas on their way to another thread: their numbers in one array, which is handed over as it lies, and their texts in
 * another. 0.5 us each; cloned as the objects they are, 2.4 (`tests/service/read/packed_deltas_bench.ts`).
 */

import type { FlowEvidence } from "../../capture/flow_names.ts";
import type { EndReason, FlowEnd } from "../../capture/flow/flow_table.ts";
import type { ObservedDelta } from "../../capture/observer.ts";

/** Some deltas. */
export interface PackedDeltas {
  /** `NUMBERS` of each. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** `TEXTS` of each. */
  readonly texts: readonly (string | undefined)[];
}

const NUMBERS_OF_END = 9;
/** Of the delta itself and of each of its ends. */
const NUMBERS = 7 + 2 * NUMBERS_OF_END;
const TEXTS = 7;
/** Of a number that may be absent and cannot be negative. */
const NONE = -1;

const IS_IPV6 = 1;
const IS_ONE_WAY = 2;
const INITIATOR_IS_LOCAL = 4;
const RESPONDER_IS_LOCAL = 8;
const IS_ECH_OUTER_NAME = 16;

const END_REASONS: readonly EndReason[] = ["active", "idle", "fin", "rst", "evicted", "shutdown"];

/** Packs deltas until it is full. */
export class DeltaPacker {
  readonly #capacity: number;
  #numbers: Float64Array<ArrayBuffer>;
  #texts: (string | undefined)[] = [];
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#numbers = new Float64Array(capacity * NUMBERS);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.#capacity;
  }

  /** Packs one more; it must not be full. */
  add(delta: ObservedDelta): void {
    const numbers = this.#numbers;
    const { evidence } = delta;
    const at = this.#size++ * NUMBERS;
    numbers[at] = flagsOf(delta);
    numbers[at + 1] = delta.part;
    numbers[at + 2] = END_REASONS.indexOf(delta.endReason);
    numbers[at + 3] = delta.protocol;
    numbers[at + 4] = delta.interfaceIndex;
    numbers[at + 5] = delta.startUs;
    numbers[at + 6] = delta.endUs;
    packEnd(delta.initiator, numbers, at + 7);
    packEnd(delta.responder, numbers, at + 7 + NUMBERS_OF_END);
    this.#texts.push(
      delta.flowId,
      delta.deviceName,
      evidence.protocol,
      evidence.tlsServerName,
      evidence.quicServerName,
      evidence.httpHost,
      evidence.dnsQueryName,
    );
  }

  /** Gives what is packed, and is empty again. */
  give(): PackedDeltas {
    const packed = {
      numbers: this.isFull ? this.#numbers : this.#numbers.slice(0, this.#size * NUMBERS),
      texts: this.#texts,
    };
    if (this.isFull) this.#numbers = new Float64Array(this.#capacity * NUMBERS);
    this.#texts = [];
    this.#size = 0;
    return packed;
  }
}

/** What was packed, in the same order. */
export function unpackDeltas({ numbers, texts }: PackedDeltas): ObservedDelta[] {
  const deltas: ObservedDelta[] = [];
  for (let at = 0, text = 0; at < numbers.length; at += NUMBERS, text += TEXTS) {
    const flags = numbers[at];
    deltas.push({
      flowId: texts[text]!,
      part: numbers[at + 1],
      endReason: END_REASONS[numbers[at + 2]],
      ipVersion: (flags & IS_IPV6) !== 0 ? 6 : 4,
      protocol: numbers[at + 3],
      oneWay: (flags & IS_ONE_WAY) !== 0,
      interfaceIndex: numbers[at + 4],
      startUs: numbers[at + 5],
      endUs: numbers[at + 6],
      initiator: unpackEnd(numbers, at + 7),
      responder: unpackEnd(numbers, at + 7 + NUMBERS_OF_END),
      evidence: {
        protocol: texts[text + 2] as FlowEvidence["protocol"],
        tlsServerName: texts[text + 3],
        quicServerName: texts[text + 4],
        httpHost: texts[text + 5],
        dnsQueryName: texts[text + 6],
        isEchOuterName: (flags & IS_ECH_OUTER_NAME) !== 0,
      },
      deviceName: texts[text + 1],
      initiatorIsLocal: (flags & INITIATOR_IS_LOCAL) !== 0,
      responderIsLocal: (flags & RESPONDER_IS_LOCAL) !== 0,
    });
  }
  return deltas;
}

function flagsOf(delta: ObservedDelta): number {
  return (delta.ipVersion === 6 ? IS_IPV6 : 0) |
    (delta.oneWay ? IS_ONE_WAY : 0) |
    (delta.initiatorIsLocal ? INITIATOR_IS_LOCAL : 0) |
    (delta.responderIsLocal ? RESPONDER_IS_LOCAL : 0) |
    (delta.evidence.isEchOuterName ? IS_ECH_OUTER_NAME : 0);
}

function packEnd(end: FlowEnd, numbers: Float64Array, at: number): void {
  const { address, mac } = end;
  numbers[at] = address[0];
  numbers[at + 1] = address[1];
  numbers[at + 2] = address[2];
  numbers[at + 3] = address[3];
  numbers[at + 4] = end.port ?? NONE;
  numbers[at + 5] = mac === undefined ? NONE : mac[0];
  numbers[at + 6] = mac === undefined ? NONE : mac[1];
  numbers[at + 7] = end.bytes;
  numbers[at + 8] = end.packets;
}

function unpackEnd(numbers: Float64Array, at: number): FlowEnd {
  const port = numbers[at + 4];
  const macHigh = numbers[at + 5];
  return {
    address: [numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]],
    port: port === NONE ? undefined : port,
    mac: macHigh === NONE ? undefined : [macHigh, numbers[at + 6]],
    bytes: numbers[at + 7],
    packets: numbers[at + 8],
  };
}
