/** What a flow table gives away: what passed in a flow since its last line, and flows under way. */

import type { AddressWords } from "../address/address.ts";

/** Why a line was written. */
export type EndReason = "active" | "idle" | "fin" | "rst" | "evicted" | "shutdown";

/** One end of a flow and what it sent. */
export interface FlowEnd {
  readonly address: AddressWords;
  /** A TCP or UDP port, or what stands for it in ICMP (see `transport.ts`); `undefined` where there is none. */
  readonly port: number | undefined;
  /** The MAC address that this end's packets came from: first 2 and last 4 bytes. */
  readonly mac: readonly [high: number, low: number] | undefined;
  /** Sum of IP lengths since the flow's last line. */
  readonly bytes: number;
  readonly packets: number;
}

/** What passed in a flow since its previous line; `E` is what the owner of the table keeps with a flow. */
export interface FlowDelta<E> {
  /** The same in all lines of the flow, and in no other flow's. */
  readonly flowId: string;
  /** 0 for the flow's first line, then one more each. */
  readonly part: number;
  readonly endReason: EndReason;
  readonly ipVersion: 4 | 6;
  readonly protocol: number;
  /** One-way by nature: an ICMP message without a counterpart. */
  readonly oneWay: boolean;
  /** Its packets were inside others, see `Packet.isTunneled`. */
  readonly isTunneled: boolean;
  /** Index of the interface it was seen on. */
  readonly interfaceIndex: number;
  readonly initiator: FlowEnd;
  readonly responder: FlowEnd;
  /** First and last packet of this line, microseconds since 1970. */
  readonly startUs: number;
  readonly endUs: number;
  readonly evidence: E | undefined;
}

/** A flow under way: as a delta of all that has passed since it began, and what of that is in no line yet. */
export interface LiveFlow<E> extends FlowDelta<E> {
  readonly unwritten: { readonly initiator: Passed; readonly responder: Passed };
}

/** What an end of a flow has sent. */
export interface Passed {
  /** Sum of IP lengths. */
  readonly bytes: number;
  readonly packets: number;
}

/** Flows under way that were chosen to be looked at; `read()` gives each as it is by then. */
export interface ChosenFlows {
  /** Entries, in no order, and the serial numbers of their flows. */
  readonly entries: Int32Array;
  readonly serials: Float64Array;
  /** Count of all flows under way, chosen or not. */
  readonly all: { readonly flows: number; readonly bytes: number; readonly packets: number };
}
