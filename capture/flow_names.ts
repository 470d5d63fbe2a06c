/**
 * What the wire says about whom a flow is with: the name that DNS was asked for, and the names in its first payloads.
 *
 * Evidence is gathered here and not weighed: which of it gives a record its name is decided where records are made.
 */

import { isHostName } from "./address.ts";
import { DnsNames } from "./dns_names.ts";
import { DnsStreams } from "./dns_streams.ts";
import type { FlowEnd, FlowTable } from "./flow_table.ts";
import { InspectorBudget } from "./inspector_budget.ts";
import type { NameEvidence } from "./name_evidence.ts";
import { type Packet, PROTOCOL_TCP, PROTOCOL_UDP, TCP_SYN } from "./packet.ts";
import { PayloadInspector } from "./payload_inspector.ts";
import { QuicStart, quicStartOf } from "./payload_start.ts";

/** What is known of a flow besides its packets' headers. */
export interface FlowEvidence extends Omit<NameEvidence, "ech"> {
  /** What DNS had been asked for when it gave out the responder's address, see `DnsNames`. */
  readonly dnsQuestion?: string;
  /** The server name is that of an encrypted hello's outer part: whom the flow is truly with is encrypted. */
  readonly isEchOuterName?: boolean;
}

/** What is kept with a flow under way. */
export interface FlowNameState {
  dnsQuestion: string | undefined;
  /** While its payloads are read. */
  inspector: PayloadInspector | undefined;
  /** What was read; `undefined` before the first payload. */
  payloadNames: Readonly<NameEvidence> | undefined;
}

/** Settings of the naming. */
export interface FlowNamesOptions {
  /** Told of the responder of a flow that has not named it, so that its name can be asked for in time. */
  readonly onNameless?: (responder: FlowEnd) => void;
}

const DNS_PORT = 53;
/** Nothing in the payload is of interest. */
const NO_NAMES: Readonly<NameEvidence> = {};

/** Names of the flows of one capture. */
export class FlowNames {
  readonly #onNameless: FlowNamesOptions["onNameless"];
  readonly #dns = new DnsNames();
  readonly #budget = new InspectorBudget();
  readonly #dnsStreams = new DnsStreams(this.#budget);

  constructor(options: FlowNamesOptions = {}) {
    this.#onNameless = options.onNameless;
  }

  /** The DNS names' figures. */
  get dns(): { readonly size: number; readonly answers: number; readonly unreadable: number } {
    return this.#dns;
  }

  /** The payload inspections' figures. */
  get inspections(): { readonly heldBytes: number; readonly refused: number } {
    return this.#budget;
  }

  /** Learns names from a packet, whether its flow is logged or not. Not from a later fragment. */
  learn(packet: Packet): void {
    if (packet.sourcePort !== DNS_PORT && packet.destinationPort !== DNS_PORT) return;
    if (packet.protocol === PROTOCOL_UDP) {
      if (packet.destinationPort === DNS_PORT) this.#dns.learnClient(packet);
      if (packet.sourcePort === DNS_PORT) this.#dns.learnAnswer(packet, payloadOf(packet));
    } else if (packet.protocol === PROTOCOL_TCP) {
      if (packet.destinationPort === DNS_PORT) this.#dns.learnClient(packet);
      else {for (const message of this.#dnsStreams.add(packet)) {
          this.#dns.learnAnswer(packet, message);
        }}
    }
  }

  /** Looks at a packet that the table has just counted in a flow, `entry`, for what it says about that flow. */
  watch(flows: FlowTable<FlowNameState>, entry: number, packet: Packet): void {
    let state = flows.evidence(entry);
    if (state === undefined) {
      state = this.#begin(flows, entry, packet);
      flows.setEvidence(entry, state);
    }
    const isRead = state.payloadNames !== undefined && state.inspector === undefined;
    if (isRead || packet.payloadOffset === packet.ipEnd) return;
    this.#inspect(state, flows, entry, packet);
  }

  #begin(flows: FlowTable<FlowNameState>, entry: number, packet: Packet): FlowNameState {
    const { initiator, responder } = flows.ends(entry);
    const dnsQuestion = this.#dns.lookUp(initiator, responder.address, packet.timeUs);
    const isInspectable = packet.protocol === PROTOCOL_TCP || packet.protocol === PROTOCOL_UDP;
    if (!isInspectable && dnsQuestion === undefined) this.#onNameless?.(responder);
    return {
      dnsQuestion,
      inspector: undefined,
      payloadNames: isInspectable ? undefined : NO_NAMES,
    };
  }

  #inspect(
    state: FlowNameState,
    flows: FlowTable<FlowNameState>,
    entry: number,
    packet: Packet,
  ): void {
    const { bytes, payloadOffset, ipEnd } = packet;
    if (packet.protocol === PROTOCOL_UDP) {
      // Asked first of all: most datagrams that begin a flow are no QUIC, and then nothing need be made.
      const isQuic = state.inspector !== undefined ||
        quicStartOf(bytes, payloadOffset, ipEnd) !== QuicStart.None;
      if (isQuic) this.#inspectorOf(state).addUdp(payloadOf(packet));
      else state.payloadNames = NO_NAMES;
    } else {
      const inspector = this.#inspectorOf(state);
      const initiatorSyn = flows.synSequence(entry, true);
      if (initiatorSyn !== undefined) inspector.addSyn(initiatorSyn, true);
      const responderSyn = flows.synSequence(entry, false);
      if (responderSyn !== undefined) inspector.addSyn(responderSyn, false);
      const first = packet.tcpSequence + ((packet.tcpFlags & TCP_SYN) !== 0 ? 1 : 0) | 0;
      inspector.addTcp(first, payloadOf(packet), flows.isFromInitiator);
    }
    if (state.inspector?.state === "done") state.inspector = undefined;
    if (state.inspector === undefined && !isNamed(state.dnsQuestion, state.payloadNames!)) {
      this.#onNameless?.(flows.ends(entry).responder);
    }
  }

  #inspectorOf(state: FlowNameState): PayloadInspector {
    if (state.inspector === undefined) {
      state.inspector = new PayloadInspector(this.#budget);
      state.payloadNames = state.inspector.evidence;
    }
    return state.inspector;
  }

  /**
   * All that is known by now about a flow; asks for a name where there is none. `state` is what was kept with it,
   * `endUs` the time of its last packet.
   */
  evidence(
    state: FlowNameState | undefined,
    ends: { readonly initiator: FlowEnd; readonly responder: FlowEnd },
    endUs: number,
  ): FlowEvidence {
    const names = state?.payloadNames ?? NO_NAMES;
    const { ech } = names;
    // An answer that was seen late is better than none; once taken, it stays.
    const dnsQuestion = state?.dnsQuestion ??
      this.#dns.lookUp(ends.initiator, ends.responder.address, endUs);
    if (state !== undefined) state.dnsQuestion = dnsQuestion;
    const serverName = names.tlsServerName ?? names.quicServerName;
    const isEchOuterName = ech?.configId !== undefined && serverName !== undefined &&
      this.#dns.isEchOuterName(serverName, ech.configId);
    if (!isNamed(dnsQuestion, names)) this.#onNameless?.(ends.responder);
    return {
      protocol: names.protocol,
      tlsServerName: names.tlsServerName,
      quicServerName: names.quicServerName,
      httpHost: names.httpHost,
      dnsQuestion,
      isEchOuterName,
    };
  }

  /** Gives back what was held for a flow that has ended. */
  release(state: FlowNameState): void {
    state.inspector?.close();
  }
}

function isNamed(dnsQuestion: string | undefined, names: Readonly<NameEvidence>): boolean {
  return dnsQuestion !== undefined ||
    isHostName(names.tlsServerName ?? names.quicServerName ?? names.httpHost);
}

function payloadOf({ bytes, payloadOffset, ipEnd }: Packet): Uint8Array {
  return bytes.subarray(payloadOffset, ipEnd);
}
