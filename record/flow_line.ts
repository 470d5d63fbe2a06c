/**
 * From a delta of the flow table, and what is known of its ends, to a line of the log: a `FlowRecord` in JSON.
 *
 * The line is put together from pieces of text: 1.8 us (`tests/record/flow_line_bench.ts`), half of what it took to make
 * the record as an object and give that to `JSON.stringify()`.
 */

import { formatAddress, formatMac } from "../capture/address/address.ts";
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from "../capture/decode/packet.ts";
import { communityId } from "../capture/flow/community_id.ts";
import type { FlowEnd } from "../capture/flow/flow_delta.ts";
import type { ObservedDelta } from "../capture/observer.ts";
import type { Place } from "../enrich/place.ts";
import { bestName } from "./best_name.ts";
import { asFields, geoFields } from "./place_fields.ts";
import type { RecordSources } from "./record_sources.ts";
import { clockWord, direction, transportName } from "./record_words.ts";
import { timestampMs, timestampUs } from "./timestamp.ts";

const DNS_PORT = 53;
const NTP_PORT = 123;

/** The line of one delta, its end included. The fields and their order are those of `FlowRecord`. */
export function flowLine(delta: ObservedDelta, sources: RecordSources): string {
  const { initiator, responder, protocol, evidence, startUs, endUs } = delta;
  const sourceIp = formatAddress(initiator.address);
  const destinationIp = formatAddress(responder.address);
  const ptr = delta.responderIsLocal ? undefined : sources.ptr(destinationIp);
  const { name, source: nameSource } = bestName(evidence, ptr);
  sources.onNamed?.(nameSource, initiator.bytes + responder.bytes);
  const wireProtocol = evidence.protocol ?? protocolByPort(protocol, responder.port);
  const serverName = evidence.tlsServerName ?? evidence.quicServerName;
  const { httpHost, dnsQueryName } = evidence;
  const mac = deviceMac(delta, sources);
  // A name says more; the maker is for devices that have not said theirs.
  const vendor = mac === undefined || delta.deviceName !== undefined
    ? undefined
    : sources.vendor(mac);
  const interfaceName = sources.interfaceName?.(delta.interfaceIndex);
  const clock = clockWord(sources.clockIsSynced?.());

  let line = `{"@timestamp":"${timestampMs(endUs)}","event":{"start":"${timestampUs(startUs)}"` +
    `,"end":"${timestampUs(endUs)}","duration":${(endUs - startUs) * 1e3}}` +
    `,"network":{"type":"ipv${delta.ipVersion}","transport":"${transportName(protocol)}"`;
  if (wireProtocol !== undefined) line += `,"protocol":${jsonText(wireProtocol)}`;
  line += `,"direction":"${direction(delta)}","community_id":"${communityIdOf(delta)}"` +
    `,"bytes":${initiator.bytes + responder.bytes}` +
    `,"packets":${initiator.packets + responder.packets}}` +
    `,"source":{${endText(initiator, sourceIp, delta.initiatorIsLocal, protocol, sources)}`;
  if (mac !== undefined) line += `,"mac":"${mac}"`;
  if (delta.deviceName !== undefined) line += `,"domain":${jsonText(delta.deviceName)}`;
  line += `},"destination":{` +
    endText(responder, destinationIp, delta.responderIsLocal, protocol, sources) +
    `,"domain":${jsonText(name)}}`;
  if (vendor !== undefined) line += `,"device":{"manufacturer":${jsonText(vendor)}}`;
  if (serverName !== undefined) {
    line += `,"tls":{"client":{"server_name":${jsonText(serverName)}}}`;
  }
  if (httpHost !== undefined) line += `,"url":{"domain":${jsonText(httpHost)}}`;
  if (dnsQueryName !== undefined) line += `,"dns":{"question":{"name":${jsonText(dnsQueryName)}}}`;
  if (interfaceName !== undefined) {
    line += `,"observer":{"ingress":{"interface":{"name":${jsonText(interfaceName)}}}}`;
  }
  line += `,"wifilogger":{"v":1,"flow_id":"${delta.flowId}","part":${delta.part}` +
    `,"end_reason":"${delta.endReason}","name_source":"${nameSource}"`;
  if (ptr !== undefined) line += `,"ptr":${jsonText(ptr)}`;
  if (evidence.isEchOuterName) line += `,"ech":true`;
  if (delta.isTunneled) line += `,"tunneled":true`;
  if (clock !== undefined) line += `,"clock":"${clock}"`;
  return line + "}}\n";
}

/** A text as JSON. Most are names in plain ASCII, which need no escape. */
function jsonText(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/** The fields of one end, up to its place. */
function endText(
  { port, bytes, packets }: FlowEnd,
  ip: string,
  isLocal: boolean,
  protocol: number,
  sources: RecordSources,
): string {
  const portText = port !== undefined && hasRealPorts(protocol) ? `,"port":${port}` : "";
  const place = isLocal ? undefined : sources.place(ip);
  const placed = place === undefined ? "" : placeText(place);
  return `"ip":"${ip}"${placed}${portText},"bytes":${bytes},"packets":${packets}`;
}

/** A place stays the same object for as long as nothing new is known of it. */
const placeTexts = new WeakMap<Place, string>();

/** `,"geo":{...},"as":{...}` */
function placeText(place: Place): string {
  let text = placeTexts.get(place);
  if (text === undefined) {
    const fields = JSON.stringify({ geo: geoFields(place), as: asFields(place) }).slice(1, -1);
    text = fields === "" ? "" : `,${fields}`;
    placeTexts.set(place, text);
  }
  return text;
}

function communityIdOf(delta: ObservedDelta): string {
  const { initiator, responder, protocol, oneWay } = delta;
  return communityId({
    protocol,
    source: initiator.address,
    destination: responder.address,
    sourcePort: initiator.port,
    destinationPort: responder.port,
    oneWay,
  });
}

/** Of what came through another router, the MAC address is that router's. */
function deviceMac(delta: ObservedDelta, sources: RecordSources): string | undefined {
  const { address, mac } = delta.initiator;
  const isOwn = mac !== undefined && delta.initiatorIsLocal && sources.isOnLink(address);
  return isOwn ? formatMac(mac) : undefined;
}

/** ICMP flows keep message types where others have ports: those are no ports to a reader of the log. */
function hasRealPorts(protocol: number): boolean {
  return protocol !== PROTOCOL_ICMP && protocol !== PROTOCOL_ICMPV6;
}

/** Protocols that are never spoken on another port, nor another one on theirs; the rest is not guessed by port. */
function protocolByPort(protocol: number, port: number | undefined): string | undefined {
  if (protocol === PROTOCOL_UDP && port === NTP_PORT) return "ntp";
  const mayBeDns = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  return mayBeDns && port === DNS_PORT ? "dns" : undefined;
}
