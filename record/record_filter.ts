/** Choosing records: of a span of time, of a device, of a name. */

import { type FlowRecord, isGap, type LogRecord, type MergedRecord } from "./log_record.ts";

/** What is wanted; all of it must hold. */
export interface RecordFilter {
  /** From this `@timestamp` on, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Up to, but without this one. */
  readonly untilMs?: number;
  /** The device's name, address or MAC address. */
  readonly device?: string;
  /** The other end's name, a domain that it lies in, or its address. */
  readonly name?: string;
}

/** Whether a record is wanted. A gap in the span always is: what is missing may be of any device and name. */
export function isWanted(record: LogRecord, filter: RecordFilter): boolean {
  const timeMs = Date.parse(record["@timestamp"]);
  if (timeMs < (filter.sinceMs ?? -Infinity) || timeMs >= (filter.untilMs ?? Infinity)) {
    return false;
  }
  if (isGap(record)) return true;
  return (filter.device === undefined || isOfDevice(record, filter.device)) &&
    (filter.name === undefined || isOfName(record, filter.name));
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
  const wanted = plain(name).replace(/\.$/, "");
  const { source, destination, network: { direction } } = record;
  const domain = plain(destination.domain);
  if (domain === wanted || domain.endsWith(`.${wanted}`)) return true;
  return direction !== "inbound" && plain(destination.ip) === wanted ||
    direction !== "outbound" && plain(source.ip) === wanted;
}

/** Names and addresses without regard to case, MAC addresses in whatever way they are separated. */
function plain(text: string | undefined): string {
  const lower = (text ?? "").toLowerCase();
  return /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/.test(lower) ? lower.replaceAll("-", ":") : lower;
}
