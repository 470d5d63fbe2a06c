/**
 * Deltas on their way to another thread: their numbers in one array, which is handed over as it lies, and their texts in
 * another. 0.7 us each; cloned as the objects they are, 2.4 (`tests/service/read/packed_deltas_bench.ts`).
 *
 * `carryDelta()` names each field once, for both directions: a `Packer` keeps the value that it is given, an `Unpacker`
 * gives the one that was kept. A field that is not carried, even an optional one, does not compile.
 */

import type { AddressWords } from "../../capture/address/address.ts";
import type { FlowEvidence } from "../../capture/flow_names.ts";
import type { EndReason, FlowEnd } from "../../capture/flow/flow_delta.ts";
import type { ObservedDelta } from "../../capture/observer.ts";

/** Some deltas. */
export interface PackedDeltas {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: readonly (string | undefined)[];
}

/** One direction: each method takes a value of the object at hand, and returns the one that stands in the new object. */
interface Carrier {
  number(value: number): number;
  text(value: string | undefined): string | undefined;
}

class Packer implements Carrier {
  /** As large as the first message needed, so that only the first one grows. */
  #numbers = new Float64Array(64);
  #numberCount = 0;
  #texts: (string | undefined)[] = [];

  number(value: number): number {
    if (this.#numberCount === this.#numbers.length) this.#grow();
    this.#numbers[this.#numberCount++] = value;
    return value;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  text(value: string | undefined): string | undefined {
    this.#texts.push(value);
    return value;
  }

  give(): PackedDeltas {
    const packed = { numbers: this.#numbers.slice(0, this.#numberCount), texts: this.#texts };
    this.#numberCount = 0;
    this.#texts = [];
    return packed;
  }
}

/** Looks at no value that it is given. */
class Unpacker implements Carrier {
  readonly #packed: PackedDeltas;
  #number = 0;
  #text = 0;

  constructor(packed: PackedDeltas) {
    this.#packed = packed;
  }

  get isAtEnd(): boolean {
    return this.#number === this.#packed.numbers.length;
  }

  number(_value: number): number {
    return this.#packed.numbers[this.#number++];
  }

  text(_value: string | undefined): string | undefined {
    return this.#packed.texts[this.#text++];
  }
}

declare const CARRIED: unique symbol;
/** A value that came through a carrier. At run time it is the value itself. */
interface Carried<T> {
  readonly [CARRIED]: T;
}
/** An object all of whose fields came through a carrier, the optional ones too. */
type AllCarried<T> = { readonly [K in keyof T]-?: Carried<T[K]> };

function carried<T>(value: T): Carried<T> {
  return value as unknown as Carried<T>;
}

function object<T>(fields: AllCarried<T>): T {
  return fields as unknown as T;
}

function number<T extends number>(via: Carrier, value: T): Carried<T> {
  return carried(via.number(value) as T);
}

function text<T extends string | undefined>(via: Carrier, value: T): Carried<T> {
  return carried(via.text(value) as T);
}

function flag(via: Carrier, value: boolean | undefined): Carried<boolean> {
  return carried(via.number(value ? 1 : 0) === 1);
}

/** Stands for a number that is absent; those that may be cannot be negative. */
const NONE = -1;

function port(via: Carrier, value: FlowEnd["port"]): Carried<FlowEnd["port"]> {
  const carriedPort = via.number(value ?? NONE);
  return carried(carriedPort === NONE ? undefined : carriedPort);
}

function mac(via: Carrier, value: FlowEnd["mac"]): Carried<FlowEnd["mac"]> {
  const high = via.number(value === undefined ? NONE : value[0]);
  const low = via.number(value === undefined ? NONE : value[1]);
  return carried(high === NONE ? undefined : [high, low] as const);
}

function address(via: Carrier, value: AddressWords): Carried<AddressWords> {
  return carried([
    via.number(value[0]),
    via.number(value[1]),
    via.number(value[2]),
    via.number(value[3]),
  ]);
}

const END_REASONS = Object.keys(
  { active: 0, idle: 0, fin: 0, rst: 0, evicted: 0, shutdown: 0 } satisfies Record<EndReason, 0>,
) as EndReason[];

function endReason(via: Carrier, value: EndReason): Carried<EndReason> {
  return carried(END_REASONS[via.number(END_REASONS.indexOf(value))]);
}

function carryEnd(via: Carrier, end: FlowEnd): Carried<FlowEnd> {
  return carried(object<FlowEnd>({
    address: address(via, end.address),
    port: port(via, end.port),
    mac: mac(via, end.mac),
    bytes: number(via, end.bytes),
    packets: number(via, end.packets),
  }));
}

function carryEvidence(via: Carrier, evidence: FlowEvidence): Carried<FlowEvidence> {
  return carried(object<FlowEvidence>({
    protocol: text(via, evidence.protocol),
    tlsServerName: text(via, evidence.tlsServerName),
    quicServerName: text(via, evidence.quicServerName),
    httpHost: text(via, evidence.httpHost),
    dnsQueryName: text(via, evidence.dnsQueryName),
    isEchOuterName: flag(via, evidence.isEchOuterName),
  }));
}

function carryDelta(via: Carrier, delta: ObservedDelta): ObservedDelta {
  return object<ObservedDelta>({
    flowId: text(via, delta.flowId),
    part: number(via, delta.part),
    endReason: endReason(via, delta.endReason),
    ipVersion: number(via, delta.ipVersion),
    protocol: number(via, delta.protocol),
    oneWay: flag(via, delta.oneWay),
    isTunneled: flag(via, delta.isTunneled),
    interfaceIndex: number(via, delta.interfaceIndex),
    initiator: carryEnd(via, delta.initiator),
    responder: carryEnd(via, delta.responder),
    startUs: number(via, delta.startUs),
    endUs: number(via, delta.endUs),
    evidence: carryEvidence(via, delta.evidence),
    deviceName: text(via, delta.deviceName),
    initiatorIsLocal: flag(via, delta.initiatorIsLocal),
    responderIsLocal: flag(via, delta.responderIsLocal),
  });
}

/** Packs deltas until it is full. */
export class DeltaPacker {
  readonly #capacity: number;
  readonly #packer = new Packer();
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.#capacity;
  }

  /** Packs one more; it must not be full. */
  add(delta: ObservedDelta): void {
    carryDelta(this.#packer, delta);
    this.#size++;
  }

  /** Gives what is packed, and is empty again. */
  give(): PackedDeltas {
    this.#size = 0;
    return this.#packer.give();
  }
}

const NO_END: FlowEnd = {
  address: [0, 0, 0, 0],
  port: undefined,
  mac: undefined,
  bytes: 0,
  packets: 0,
};
/** What an `Unpacker` is led through. */
const NO_DELTA: ObservedDelta = {
  flowId: "",
  part: 0,
  endReason: "active",
  ipVersion: 4,
  protocol: 0,
  oneWay: false,
  isTunneled: false,
  interfaceIndex: 0,
  initiator: NO_END,
  responder: NO_END,
  startUs: 0,
  endUs: 0,
  evidence: {},
  deviceName: undefined,
  initiatorIsLocal: false,
  responderIsLocal: false,
};

/** What was packed, in the same order. */
export function unpackDeltas(packed: PackedDeltas): ObservedDelta[] {
  const unpacker = new Unpacker(packed);
  const deltas: ObservedDelta[] = [];
  while (!unpacker.isAtEnd) deltas.push(carryDelta(unpacker, NO_DELTA));
  return deltas;
}
