/**
 * What the wire says about whom a flow is with: the name that DNS was asked for, and the names in its first payloads.
 *
 * Evidence is gathered here and not weighed: which of it gives a record its name is decided where records are made.
 */

import { isHostName } from "./address/address.ts";
import { AnswerLimits } from "./dns/answer_limits.ts";
import { DnsNames } from "./dns/dns_names.ts";
import { DnsStreams } from "./dns/dns_streams.ts";
import type { FlowDelta, FlowEnd } from "./flow/flow_delta.ts";
import type { FlowTable } from "./flow/flow_table.ts";
import { InspectorBudget } from "./reassembly/inspector_budget.ts";
import type { NameEvidence } from "./payload/name_evidence.ts";
import { type Packet, PROTOCOL_TCP, PROTOCOL_UDP, TCP_SYN } from "./decode/packet.ts";
import { PayloadInspector } from "./payload/payload_inspector.ts";
import { QuicStart, quicStartOf } from "./payload/payload_start.ts";

/** What is known of a flow besides its packets' headers. */
export interface FlowEvidence extends Omit<NameEvidence, "ech"> {
  /** What DNS had been asked for when it gave out the responder's address, see `DnsNames`. */
  readonly dnsQueryName?: string;
  /** The server name is that of an encrypted hello's outer part: whom the flow is truly with is encrypted. */
  readonly isEchOuterName?: boolean;
}

/** What is kept with a flow under way. Flows of which nothing is known share theirs. */
export interface FlowNameState {
  readonly dnsQueryName: string | undefined;
  /** While its payloads are read. */
  readonly inspector: PayloadInspector | undefined;
  /** What was read; `undefined` before the first payload. */
  readonly payloadNames: Readonly<NameEvidence> | undefined;
}

/** Settings of the naming. */
export interface FlowNamesOptions {
  /** Told of the ends of a flow that has not named its responder, so that the name can be asked for in time. */
  readonly onNameless?: (responder: FlowEnd, initiator: FlowEnd, nowUs: number) => void;
  /** What costs much is done so often a second only, as a live capture must. @default false */
  readonly isLimited?: boolean;
}

const DNS_PORT = 53;
/** Nothing in the payload is of interest. */
const NO_NAMES: Readonly<NameEvidence> = {};
/** One for all flows without a name: 65,536 of their own took 3 MB. */
const UNREAD: FlowNameState = {
  dnsQueryName: undefined,
  inspector: undefined,
  payloadNames: undefined,
};
const NAMELESS: FlowNameState = { ...UNREAD, payloadNames: NO_NAMES };

/** Names of the flows of one capture. */
export class FlowNames {
  readonly #onNameless: FlowNamesOptions["onNameless"];
  readonly #limits: AnswerLimits | undefined;
  readonly #dns: DnsNames;
  readonly #budget: InspectorBudget;
  readonly #dnsStreams: DnsStreams;

  constructor(options: FlowNamesOptions = {}) {
    const { isLimited = false } = options;
    this.#onNameless = options.onNameless;
    this.#limits = isLimited ? new AnswerLimits() : undefined;
    this.#dns = new DnsNames(this.#limits);
    this.#budget = new InspectorBudget(undefined, isLimited);
    this.#dnsStreams = new DnsStreams(this.#budget);
  }

  /** So many seconds have passed, for what is limited by the second. */
  fill(seconds: number): void {
    this.#limits?.fill(seconds);
    this.#budget.fill(seconds);
  }

  /** The DNS names' figures. */
  get dns(): Pick<DnsNames, "size" | "answers" | "unreadable" | "leftOut"> {
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
      else this.#learnStream(packet);
    }
  }

  #learnStream(packet: Packet): void {
    if (this.#limits?.mayFollow() === false) return;
    for (const message of this.#dnsStreams.add(packet)) this.#dns.learnAnswer(packet, message);
  }

  /** Looks at a packet that the table has just counted in a flow, `entry`, for what it says about that flow. */
  watch(flows: FlowTable<FlowNameState>, entry: number, packet: Packet): void {
    const known = flows.evidence(entry);
    let state = known ?? this.#begin(flows, entry, packet);
    const isRead = state.payloadNames !== undefined && state.inspector === undefined;
    if (!isRead && packet.payloadOffset !== packet.ipEnd) {
      state = this.#inspect(state, flows, entry, packet);
    }
    if (state !== known) flows.setEvidence(entry, state);
  }

  #begin(flows: FlowTable<FlowNameState>, entry: number, packet: Packet): FlowNameState {
    const { initiator, responder } = flows.ends(entry);
    const dnsQueryName = this.#dns.lookUp(initiator, responder.address, packet.timeUs);
    const isInspectable = packet.protocol === PROTOCOL_TCP || packet.protocol === PROTOCOL_UDP;
    if (!isInspectable && dnsQueryName === undefined) {
      this.#onNameless?.(responder, initiator, packet.timeUs);
    }
    const nothing = isInspectable ? UNREAD : NAMELESS;
    return dnsQueryName === undefined ? nothing : { ...nothing, dnsQueryName };
  }

  /** Returns what is to be kept from now on. */
  #inspect(
    state: FlowNameState,
    flows: FlowTable<FlowNameState>,
    entry: number,
    packet: Packet,
  ): FlowNameState {
    const { bytes, payloadOffset, ipEnd } = packet;
    const { dnsQueryName } = state;
    let { inspector } = state;
    if (packet.protocol === PROTOCOL_UDP) {
      // Asked first of all: most datagrams that begin a flow are no QUIC, and then nothing need be made.
      const isQuic = inspector !== undefined ||
        quicStartOf(bytes, payloadOffset, ipEnd) !== QuicStart.None;
      if (isQuic) {
        inspector ??= new PayloadInspector(this.#budget);
        inspector.addUdp(payloadOf(packet));
      }
    } else {
      inspector ??= new PayloadInspector(this.#budget);
      const initiatorSyn = flows.synSequence(entry, true);
      if (initiatorSyn !== undefined) inspector.addSyn(initiatorSyn, true);
      const responderSyn = flows.synSequence(entry, false);
      if (responderSyn !== undefined) inspector.addSyn(responderSyn, false);
      const first = packet.tcpSequence + ((packet.tcpFlags & TCP_SYN) !== 0 ? 1 : 0) | 0;
      inspector.addTcp(first, payloadOf(packet), flows.isFromInitiator);
    }
    const payloadNames = inspector?.evidence ?? NO_NAMES;
    if (inspector?.state === "wanting") {
      return inspector === state.inspector ? state : { dnsQueryName, inspector, payloadNames };
    }
    if (!isNamed(dnsQueryName, payloadNames) && this.#onNameless !== undefined) {
      const { initiator, responder } = flows.ends(entry);
      this.#onNameless(responder, initiator, packet.timeUs);
    }
    const isNameless = dnsQueryName === undefined && isEmpty(payloadNames);
    return isNameless ? NAMELESS : { dnsQueryName, inspector: undefined, payloadNames };
  }

  /**
   * All that is known by now about a flow, when the table gives a line of it away; asks for a name where there is none.
   */
  evidence(
    flows: FlowTable<FlowNameState>,
    entry: number,
    delta: FlowDelta<FlowNameState>,
  ): FlowEvidence {
    const { evidence: state, initiator, responder, endUs } = delta;
    const evidence = this.known(delta);
    const { dnsQueryName } = evidence;
    // An answer that was seen late is better than none; once taken, it stays.
    if (dnsQueryName !== state?.dnsQueryName && state !== undefined) {
      flows.setEvidence(entry, { ...state, dnsQueryName });
    }
    if (!isNamed(dnsQueryName, state?.payloadNames ?? NO_NAMES)) {
      this.#onNameless?.(responder, initiator, endUs);
    }
    return evidence;
  }

  /** The same, changing nothing and asking nobody. */
  known(
    { evidence: state, initiator, responder, endUs }: FlowDelta<FlowNameState>,
  ): FlowEvidence {
    const names = state?.payloadNames ?? NO_NAMES;
    const { ech } = names;
    const serverName = names.tlsServerName ?? names.quicServerName;
    return {
      protocol: names.protocol,
      tlsServerName: names.tlsServerName,
      quicServerName: names.quicServerName,
      httpHost: names.httpHost,
      dnsQueryName: state?.dnsQueryName ?? this.#dns.lookUp(initiator, responder.address, endUs),
      isEchOuterName: ech?.configId !== undefined && serverName !== undefined &&
        this.#dns.isEchOuterName(serverName, ech.configId),
    };
  }

  /** Gives back what was held for a flow that has ended. */
  release(state: FlowNameState): void {
    state.inspector?.close();
  }
}

function isNamed(dnsQueryName: string | undefined, names: Readonly<NameEvidence>): boolean {
  return dnsQueryName !== undefined ||
    isHostName(names.tlsServerName ?? names.quicServerName ?? names.httpHost);
}

function isEmpty(names: Readonly<NameEvidence>): boolean {
  for (const _name in names) return false;
  return true;
}

function payloadOf({ bytes, payloadOffset, ipEnd }: Packet): Uint8Array {
  return bytes.subarray(payloadOffset, ipEnd);
}
