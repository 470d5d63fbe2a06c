/** From a delta of the flow table, and what is known of its ends, to a log record. */

import { type AddressWords, formatAddress, formatMac } from "../capture/address.ts";
import { communityId } from "../capture/community_id.ts";
import type { FlowEnd } from "../capture/flow_table.ts";
import type { MergedFlows } from "../capture/overflow.ts";
import type { ObservedDelta } from "../capture/observer.ts";
import type { Place } from "../enrich/place.ts";
import { bestName } from "./best_name.ts";
import type {
  EndFields,
  FlowRecord,
  GapReason,
  GapRecord,
  LogRecord,
  MergedRecord,
} from "./log_record.ts";
import { asFields, geoFields } from "./place_fields.ts";
import { timestampMs, timestampUs } from "./timestamp.ts";

/** What a record takes from outside the packets; each answers at once, with what is known by now. */
export interface RecordSources {
  /** Where a remote address is. */
  place(address: string): Place | undefined;
  /** The name that reverse DNS gave a remote address. */
  ptr(address: string): string | undefined;
  /** Whether a local address is on the link itself, so that the link address of its packets is its own. */
  isOnLink(address: AddressWords): boolean;
  /** Who made the device with a link address. */
  vendor(mac: string): string | undefined;
  /** The name of an interface, when records are to say it. */
  interfaceName?(interfaceIndex: number): string;
  /** Whether the clock that the packets were stamped by is right; not said for a file. */
  clockIsSynced?(): boolean;
}

/** The record of one delta. */
export function flowRecord(delta: ObservedDelta, sources: RecordSources): FlowRecord {
  const { initiator, responder, protocol, evidence } = delta;
  const destinationIp = formatAddress(responder.address);
  const ptr = delta.responderIsLocal ? undefined : sources.ptr(destinationIp);
  const { name, source: nameSource } = bestName(evidence, ptr);
  const mac = deviceMac(delta, sources);
  // A name says more; the maker is for devices that have not said theirs.
  const vendor = mac === undefined || delta.deviceName !== undefined
    ? undefined
    : sources.vendor(mac);
  const serverName = evidence.tlsServerName ?? evidence.quicServerName;

  return {
    "@timestamp": timestampMs(delta.endUs),
    event: interval(delta.startUs, delta.endUs),
    network: {
      type: delta.ipVersion === 4 ? "ipv4" : "ipv6",
      transport: transportName(protocol),
      protocol: evidence.protocol ?? protocolByPort(protocol, responder.port),
      direction: direction(delta),
      community_id: communityId({
        protocol,
        source: initiator.address,
        destination: responder.address,
        sourcePort: initiator.port,
        destinationPort: responder.port,
        oneWay: delta.oneWay,
      }),
      bytes: initiator.bytes + responder.bytes,
      packets: initiator.packets + responder.packets,
    },
    source: {
      ...endFields(initiator, delta, sources, delta.initiatorIsLocal),
      mac,
      domain: delta.deviceName,
    },
    destination: {
      ...endFields(responder, delta, sources, delta.responderIsLocal),
      domain: name,
    },
    device: vendor === undefined ? undefined : { manufacturer: vendor },
    tls: serverName === undefined ? undefined : { client: { server_name: serverName } },
    url: evidence.httpHost === undefined ? undefined : { domain: evidence.httpHost },
    dns: evidence.dnsQuestion === undefined
      ? undefined
      : { question: { name: evidence.dnsQuestion } },
    observer: observer(sources, delta.interfaceIndex),
    wifilogger: {
      v: 1,
      flow_id: delta.flowId,
      part: delta.part,
      end_reason: delta.endReason,
      name_source: nameSource,
      ptr,
      ech: evidence.isEchOuterName ? true : undefined,
      clock: clock(sources),
    },
  };
}

/** The record of flows that were merged under pressure. */
export function mergedRecord(merged: MergedFlows, sources: RecordSources): MergedRecord {
  const { up, down, initiatorAddress, responderAddress } = merged;
  return {
    "@timestamp": timestampMs(merged.endUs),
    event: interval(merged.startUs, merged.endUs),
    network: {
      type: merged.ipVersion === 4 ? "ipv4" : "ipv6",
      transport: transportName(merged.protocol),
      direction: direction(merged),
      bytes: up.bytes + down.bytes,
      packets: up.packets + down.packets,
    },
    source: {
      ...(initiatorAddress && addressFields(initiatorAddress, merged.initiatorIsLocal, sources)),
      ...up,
    },
    destination: {
      ...(responderAddress && addressFields(responderAddress, merged.responderIsLocal, sources)),
      domain: "unknown",
      ...down,
    },
    observer: observer(sources, merged.interfaceIndex),
    wifilogger: {
      v: 1,
      flow_id: merged.flowId,
      part: 0,
      end_reason: merged.endReason,
      name_source: "none",
      merged_flows: merged.flows,
      clock: clock(sources),
    },
  };
}

/** What was missed, from when to when (microseconds since 1970), and how much where that is known. */
export interface Gap {
  readonly reason: GapReason;
  readonly startUs: number;
  readonly endUs: number;
  readonly count?: number;
  /** Where it was missed, when only there. */
  readonly interfaceIndex?: number;
}

/** The record of a gap. */
export function gapRecord(gap: Gap, sources: Partial<RecordSources>): GapRecord {
  return {
    "@timestamp": timestampMs(gap.endUs),
    event: { action: "gap", ...interval(gap.startUs, gap.endUs) },
    observer: gap.interfaceIndex === undefined ? undefined : observer(sources, gap.interfaceIndex),
    wifilogger: {
      v: 1,
      gap: { reason: gap.reason, count: gap.count },
      clock: clock(sources),
    },
  };
}

/** A record as its line of the log, the line's end included. */
export function recordLine(record: LogRecord): string {
  return JSON.stringify(record) + "\n";
}

function interval(startUs: number, endUs: number): FlowRecord["event"] {
  return {
    start: timestampUs(startUs),
    end: timestampUs(endUs),
    duration: (endUs - startUs) * 1e3,
  };
}

function observer(
  sources: Partial<RecordSources>,
  interfaceIndex: number,
): FlowRecord["observer"] {
  const name = sources.interfaceName?.(interfaceIndex);
  return name === undefined ? undefined : { ingress: { interface: { name } } };
}

function clock(sources: Partial<RecordSources>): FlowRecord["wifilogger"]["clock"] {
  const isSynced = sources.clockIsSynced?.();
  return isSynced === undefined ? undefined : isSynced ? "synced" : "unsynced";
}

function endFields(
  end: FlowEnd,
  delta: ObservedDelta,
  sources: RecordSources,
  isLocal: boolean,
): EndFields {
  const { address, port, bytes, packets } = end;
  return {
    ...addressFields(address, isLocal, sources),
    port: hasRealPorts(delta.protocol) ? port : undefined,
    bytes,
    packets,
  };
}

function addressFields(
  address: AddressWords,
  isLocal: boolean,
  sources: RecordSources,
): Pick<EndFields, "ip" | "geo" | "as"> {
  const ip = formatAddress(address);
  const place = isLocal ? undefined : sources.place(ip);
  return {
    ip,
    geo: place && geoFields(place),
    as: place && asFields(place),
  };
}

/** Of what came through another router, the link address is that router's. */
function deviceMac(delta: ObservedDelta, sources: RecordSources): string | undefined {
  const { address, mac } = delta.initiator;
  const isOwn = mac !== undefined && delta.initiatorIsLocal && sources.isOnLink(address);
  return isOwn ? formatMac(...mac) : undefined;
}

function direction(
  delta: Pick<ObservedDelta, "initiatorIsLocal" | "responderIsLocal">,
): FlowRecord["network"]["direction"] {
  if (delta.initiatorIsLocal) return delta.responderIsLocal ? "internal" : "outbound";
  return delta.responderIsLocal ? "inbound" : "external";
}

const TRANSPORT_NAMES: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  58: "ipv6-icmp",
};

function transportName(protocol: number): string {
  return TRANSPORT_NAMES[protocol] ?? String(protocol);
}

/** ICMP flows keep message types where others have ports: those are no ports to a reader of the log. */
function hasRealPorts(protocol: number): boolean {
  return protocol !== 1 && protocol !== 58;
}

/** Protocols that are never spoken on another port, nor another one on theirs; the rest is not guessed by port. */
function protocolByPort(protocol: number, port: number | undefined): string | undefined {
  if (protocol === 17 && port === 123) return "ntp";
  return (protocol === 6 || protocol === 17) && port === 53 ? "dns" : undefined;
}
