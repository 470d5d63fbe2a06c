/** A record as a row shows it. */

import type { RecordEntry } from "../../api/answers.ts";
import { portText } from "./words.ts";

type LogRecord = RecordEntry["record"];
type GapRecord = Extract<LogRecord, { event: { action: "gap" } }>;
type MergedRecord = Extract<LogRecord, { wifilogger: { merged_flows: number } }>;
export type FlowRecord = Exclude<LogRecord, GapRecord | MergedRecord>;

/** Whether a record is about a gap. */
export function isGap(record: LogRecord): record is GapRecord {
  return "action" in record.event;
}

/** Whether a record stands for several flows. */
export function isMerged(record: FlowRecord | MergedRecord): record is MergedRecord {
  return "merged_flows" in record.wifilogger;
}

/** Whether a record is the sum of what its owner leaves out of the log. */
function isLeftOut(record: FlowRecord | MergedRecord): boolean {
  return "left_out" in record.wifilogger;
}

/** A flow as its device sees it, whoever began. */
export interface FlowRow {
  readonly timeMs: number;
  readonly device: string;
  readonly other: string;
  /** Whether `other` is a name rather than an address. */
  readonly isNamed: boolean;
  readonly isInbound: boolean;
  readonly country?: string;
  /** `tls`, `udp` and the like, with the port. */
  readonly service: string;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly evidence: string;
  /** How many flows it stands for, where that is more than one. */
  readonly merged?: number;
}

/** The device's view of a record of traffic. */
export function flowRow(record: FlowRecord | MergedRecord): FlowRow {
  const { source, destination, network, wifilogger } = record;
  const isInbound = network.direction === "inbound";
  const [local, remote] = isInbound ? [destination, source] : [source, destination];
  const name = isInbound ? undefined : destination.domain;
  const isNamed = name !== undefined && name !== "unknown";
  const domain = "domain" in source ? source.domain : undefined;
  // Of what is left out of the log, nothing but sums is known.
  const protocol = "protocol" in network
    ? network.protocol ?? network.transport
    : network.transport;
  const port = destination.port === undefined ? "" : portText(destination.port).split(" ")[0];
  return {
    timeMs: Date.parse(record["@timestamp"]),
    device: isLeftOut(record)
      ? "left out"
      : (isInbound ? undefined : domain) ?? local.ip ?? "several",
    other: isNamed ? name : remote.ip ?? "several",
    isNamed,
    isInbound,
    country: remote.geo?.country_iso_code,
    service: [protocol ?? "several", port].filter(Boolean).join(" "),
    upBytes: local.bytes,
    downBytes: remote.bytes,
    evidence: wifilogger.name_source,
    ...(isMerged(record) && { merged: record.wifilogger.merged_flows }),
  };
}
