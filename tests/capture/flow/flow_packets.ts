/** Packets of a client and a server for tests of flows, and a flow table that keeps what it gave away. */

import { formatAddress } from "../../../capture/address/address.ts";
import type { FlowDelta } from "../../../capture/flow/flow_delta.ts";
import { FlowTable, type FlowTableOptions } from "../../../capture/flow/flow_table.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, type TcpOptions } from "../frame_builder.ts";
import { START_US } from "../pcap_records.ts";

export const CLIENT = "192.168.1.20";
export const SERVER = "93.184.216.34";
export const CLIENT_PORT = 40_000;
export const SERVER_PORT = 443;

/** Whom a packet goes from and to, and when: seconds after `START_US`. */
export interface Way {
  readonly at?: number;
  readonly source?: string;
  readonly destination?: string;
}

/** Microseconds since 1970 of a time in seconds after `START_US`. */
export function timeUs(at: number): number {
  return START_US + at * 1e6;
}

function ipFrom({ source = CLIENT, destination = SERVER }: Way) {
  return source.includes(":")
    ? ethernet().ipv6({ source, destination })
    : ethernet().ipv4({ source, destination });
}

export function tcp(
  { at = 0, payload = "", ...options }: Way & TcpOptions & { readonly payload?: string } = {},
): Packet {
  const { sourcePort = CLIENT_PORT, destinationPort = SERVER_PORT } = options;
  const frame = ipFrom(options).tcp({ ...options, sourcePort, destinationPort }).payload(payload);
  return packetOf(frame, timeUs(at));
}

/** The same in the other direction. */
export function tcpAnswer(options: Parameters<typeof tcp>[0] = {}): Packet {
  const { source = CLIENT, destination = SERVER } = options;
  const { sourcePort = CLIENT_PORT, destinationPort = SERVER_PORT } = options;
  return tcp({
    ...options,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  });
}

export function udp(
  options: Way & { readonly sourcePort?: number; readonly destinationPort?: number } = {},
): Packet {
  const { at = 0, sourcePort = CLIENT_PORT, destinationPort = SERVER_PORT } = options;
  return packetOf(ipFrom(options).udp({ sourcePort, destinationPort }), timeUs(at));
}

export function icmp(options: Way & { readonly type: number; readonly code?: number }): Packet {
  const { at = 0, type, code } = options;
  const ip = ipFrom(options);
  const isIpv6 = (options.source ?? CLIENT).includes(":");
  return packetOf(isIpv6 ? ip.icmpv6({ type, code }) : ip.icmp({ type, code }), timeUs(at));
}

/** A flow table and all that it gave away, in order. */
export function recordedTable(options: FlowTableOptions = {}) {
  const deltas: FlowDelta<string>[] = [];
  return { table: new FlowTable<string>((delta) => deltas.push(delta), options), deltas };
}

/** Who began a flow and with whom, as text: `1.2.3.4:5 > 6.7.8.9:10`. */
export function direction({ initiator, responder }: FlowDelta<unknown>): string {
  const end = ({ address, port }: FlowDelta<unknown>["initiator"]) =>
    port === undefined ? formatAddress(address) : `${formatAddress(address)}:${port}`;
  return `${end(initiator)} > ${end(responder)}`;
}
