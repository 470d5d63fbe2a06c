/** Choosing records: of a span of time, of a device, of a name and of whatever else a question may be about. */

import { type FlowRecord, isGap, type LogRecord, type MergedRecord } from "./log_record.ts";

/** What is wanted; all of it must hold. Texts are compared without regard to case. */
export interface RecordFilter extends FlowFilter {
  /** From this `@timestamp` on, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Up to, but without this one. */
  readonly untilMs?: number;
}

/** What is wanted of a flow, whenever it was. */
export interface FlowFilter {
  /** The device's name, address or MAC address. */
  readonly device?: string;
  /** The other end's name, a domain that it lies in, or its address. */
  readonly name?: string;
  /** The registrable domain that the other end's name lies in. */
  readonly site?: string;
  /** The other end's country, its name or its two letters. */
  readonly country?: string;
  /** A part of the name of the network's owner, or `AS` and its number. */
  readonly owner?: string;
  /** The responder's port. */
  readonly port?: number;
  /** The transport protocol, or the one that it carries. */
  readonly protocol?: string;
  readonly direction?: string;
  /** What gave the name. */
  readonly evidence?: string;
}

/** Whether a record is wanted. A gap in the span always is: what is missing may be of any device and name. */
export function isWanted(record: LogRecord, filter: RecordFilter): boolean {
  const timeMs = Date.parse(record["@timestamp"]);
  if (timeMs < (filter.sinceMs ?? -Infinity) || timeMs >= (filter.untilMs ?? Infinity)) {
    return false;
  }
  if (isGap(record)) return true;
  return matches(filter.device, (device) => isOfDevice(record, device)) &&
    matches(filter.name, (name) => isOfName(record, name)) &&
    matches(filter.site, (site) => isNameWithin(record.destination.domain, site)) &&
    matches(filter.country, (country) => isOfCountry(remoteEnd(record).geo, country)) &&
    matches(filter.owner, (owner) => isOfOwner(remoteEnd(record).as, owner)) &&
    matches(filter.port, (port) => record.destination.port === port) &&
    matches(filter.protocol, (protocol) => isOfProtocol(record.network, protocol)) &&
    matches(filter.direction, (direction) => record.network.direction === direction) &&
    matches(filter.evidence, (evidence) => record.wifilogger.name_source === evidence);
}

function matches<T>(wanted: T | undefined, test: (wanted: T) => boolean): boolean {
  return wanted === undefined || test(wanted);
}

/** The end that has a place: of what came in the initiator, otherwise the responder. */
export function remoteEnd(record: FlowRecord | MergedRecord): Partial<FlowRecord["destination"]> {
  return record.network.direction === "inbound" ? record.source : record.destination;
}

/** The device is the local end: of what comes in the responder, otherwise the initiator; between two devices either. */
function isOfDevice(record: FlowRecord | MergedRecord, device: string): boolean {
  const wanted = plain(device);
  const { source, destination, network: { direction } } = record;
  const initiator = source as Partial<FlowRecord["source"]>;
  const isInitiator = direction !== "inbound" &&
    [initiator.domain, initiator.ip, initiator.mac].some((text) => plain(text) === wanted);
  const isResponder = direction !== "outbound" && plain(destination.ip) === wanted;
  return isInitiator || isResponder;
}

function isOfName(record: FlowRecord | MergedRecord, name: string): boolean {
  const { source, destination, network: { direction } } = record;
  if (isNameWithin(destination.domain, name)) return true;
  const wanted = plain(name);
  return direction !== "inbound" && plain(destination.ip) === wanted ||
    direction !== "outbound" && plain(source.ip) === wanted;
}

/** Whether a name is the domain, or lies in it. */
export function isNameWithin(name: string, domain: string): boolean {
  const wanted = plain(domain).replace(/\.$/, "");
  const lower = plain(name);
  return lower === wanted || lower.endsWith(`.${wanted}`);
}

/** Whether a place lies in the country, which is named or given by its two letters. */
export function isOfCountry(geo: FlowRecord["source"]["geo"], country: string): boolean {
  const wanted = plain(country);
  if (wanted === "unknown") return geo?.country_iso_code === undefined;
  return plain(geo?.country_iso_code) === wanted || plain(geo?.country_name) === wanted;
}

/** Whether a network is of the owner: a part of the owner's name, or `AS15169`. */
export function isOfOwner(as: FlowRecord["source"]["as"], owner: string): boolean {
  const wanted = plain(owner);
  if (wanted === "unknown") return as?.organization === undefined;
  if (/^as\d+$/.test(wanted)) return as?.number === Number(wanted.slice(2));
  return plain(as?.organization?.name).includes(wanted);
}

/** Whether a flow is of the protocol, on either layer. */
export function isOfProtocol(
  { transport, protocol }: { readonly transport?: string; readonly protocol?: string },
  wanted: string,
): boolean {
  return [transport, protocol].some((text) => plain(text) === plain(wanted));
}

/** Names and addresses without regard to case, MAC addresses in whatever way they are separated. */
export function plain(text: string | undefined): string {
  const lower = (text ?? "").toLowerCase();
  return /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/.test(lower) ? lower.replaceAll("-", ":") : lower;
}
