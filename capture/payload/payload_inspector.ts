/**
 * Reads from the first payloads of one flow whom it is with.
 *
 *     TCP segments  -> stream heads -> TLS records -> ClientHello ---+
 *                                   -> HTTP request head ------------+-> NameEvidence
 *     UDP datagrams -> QUIC Initials -> CRYPTO stream -> ClientHello +
 *                   -> Google's QUIC -> CHLO ------------------------+
 *
 * TLS and HTTP are recognised on any TCP port and QUIC on any UDP port, from either end. An inspector is `done` as soon
 * as nothing can be added, which for most flows is with their first payload, and holds nothing from then on.
 */

import type { InspectorBudget } from "../reassembly/inspector_budget.ts";
import type { NameEvidence } from "./name_evidence.ts";
import { TcpInspection } from "./tcp_inspection.ts";
import { UdpInspection } from "./udp_inspection.ts";

/** Payloads of both ends together that are looked at. A hello of 16 KiB in segments of 536 bytes takes 31. */
const MAX_PAYLOADS = 64;

/** What an inspector takes by itself, the keys of QUIC included, without what it keeps of payloads. */
const INSPECTION_BYTES = 1 << 10;

/** One flow's inspection: either TCP or UDP. Close it when the flow ends before it is done. */
export class PayloadInspector implements Disposable {
  readonly #budget: InspectorBudget;
  #tcp: TcpInspection | undefined;
  #udp: UdpInspection | undefined;
  #payloads = 0;
  #state: "wanting" | "done" = "wanting";
  readonly #evidence: NameEvidence = {};

  /** `budget` is shared by all inspectors of a capture. Where it is used up, those that began first are done. */
  constructor(budget: InspectorBudget) {
    this.#budget = budget;
    if (budget.take(INSPECTION_BYTES)) budget.begin(this);
    else this.#state = "done";
  }

  /** What was learnt so far. It may change while the inspector is wanting, and stays when it is done. */
  get evidence(): Readonly<NameEvidence> {
    return this.#evidence;
  }

  /** `done`: no payload can add to the evidence, and none needs to be given. */
  get state(): "wanting" | "done" {
    return this.#state;
  }

  /**
   * Says that a SYN was seen, and its sequence number as `Packet.tcpSequence` has it. Where none was, the first
   * payload of that direction is taken as its beginning if it can be one.
   */
  addSyn(sequence: number, fromInitiator: boolean): void {
    if (this.#state === "wanting") this.#tcpInspection().begin(sequence, fromInitiator);
  }

  /**
   * Adds the payload of a TCP segment. `sequence` is the sequence number of its first byte: that of the segment, and
   * one more for data in a SYN (RFC 7413). The bytes are copied where they must be kept.
   */
  addTcp(sequence: number, payload: Uint8Array, fromInitiator: boolean): void {
    if (!this.#counts(payload)) return;
    const tcp = this.#tcpInspection();
    this.#budget.current = this;
    tcp.add(sequence, payload, fromInitiator);
    this.#budget.current = undefined;
    if (tcp.isOver) this.close();
  }

  /** Adds the payload of a UDP datagram; either end may be the one that has a name to ask for. */
  addUdp(payload: Uint8Array): void {
    if (!this.#counts(payload)) return;
    this.#udp ??= new UdpInspection(this.#budget, this.#evidence);
    this.#budget.current = this;
    this.#udp.add(payload);
    this.#budget.current = undefined;
    if (this.#udp.isOver) this.close();
  }

  /** Ends the inspection and gives back what it held; the evidence stays. */
  close(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#budget.end(this);
    this.#budget.giveBack(INSPECTION_BYTES);
    this.#tcp?.end();
    this.#udp?.end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #tcpInspection(): TcpInspection {
    return this.#tcp ??= new TcpInspection(this.#budget, this.#evidence);
  }

  #counts(payload: Uint8Array): boolean {
    if (this.#state === "done" || payload.length === 0) return false;
    if (++this.#payloads > MAX_PAYLOADS) this.close();
    return this.#state === "wanting";
  }
}
