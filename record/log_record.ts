/**
 * The shape of a log record, one JSON object a line: names from the Elastic Common Schema. What each field means, and
 * what it does not count, is written in `docs/record.schema.json`, against which the tests hold what is written.
 */

import type { HidingLevel } from "./privacy_level.ts";

/** Whose conversation a flow is: who of its ends is local, and began. */
export const DIRECTIONS = ["outbound", "inbound", "internal", "external"] as const;

/** A line about a flow: what passed since the flow's previous line. */
export interface FlowRecord {
  readonly "@timestamp": string;
  readonly event: { readonly start: string; readonly end: string; readonly duration: number };
  readonly network: {
    readonly type: "ipv4" | "ipv6";
    readonly transport: string;
    readonly protocol?: string;
    readonly direction: (typeof DIRECTIONS)[number];
    /** Absent where `wifilogger.privacy` hides an address. */
    readonly community_id?: string;
    readonly bytes: number;
    readonly packets: number;
  };
  readonly source: EndFields & { readonly mac?: string; readonly domain?: string };
  readonly destination: EndFields & { readonly domain: string };
  readonly device?: { readonly manufacturer: string };
  readonly tls?: { readonly client: { readonly server_name: string } };
  readonly url?: { readonly domain: string };
  readonly dns?: { readonly question: { readonly name: string } };
  readonly observer?: { readonly ingress: { readonly interface: { readonly name: string } } };
  readonly wifilogger: {
    readonly v: 1;
    readonly flow_id: string;
    readonly part: number;
    readonly end_reason: string;
    readonly name_source: NameSource;
    readonly ptr?: string;
    readonly ech?: true;
    readonly tunneled?: true;
    readonly clock?: "synced" | "unsynced";
    /** What was hidden before the record was written; absent: nothing. */
    readonly privacy?: HidingLevel;
  };
}

/** One end of a flow. */
export interface EndFields {
  readonly ip: string;
  readonly port?: number;
  readonly bytes: number;
  readonly packets: number;
  readonly geo?: GeoFields;
  readonly as?: { readonly number?: number; readonly organization?: { readonly name: string } };
}

/** Where a remote address is. */
export interface GeoFields {
  readonly country_iso_code?: string;
  readonly country_name?: string;
  readonly region_name?: string;
  readonly city_name?: string;
  readonly location?: { readonly lat: number; readonly lon: number };
}

/**
 * A line about several flows: short ones that were merged under pressure, or a minute of all flows of a device
 * (`privacy: "totals"`) or of what is left out. What they did not have in common, and what is hidden, is absent.
 */
export interface MergedRecord {
  readonly "@timestamp": string;
  readonly event: FlowRecord["event"];
  readonly network:
    & Pick<FlowRecord["network"], "direction" | "bytes" | "packets">
    & Partial<Pick<FlowRecord["network"], "type" | "transport">>;
  readonly source: Partial<FlowRecord["source"]> & Pick<EndFields, "bytes" | "packets">;
  readonly destination: Partial<EndFields> & Pick<EndFields, "bytes" | "packets"> & {
    readonly domain: "unknown";
  };
  readonly observer?: FlowRecord["observer"];
  readonly wifilogger: Omit<FlowRecord["wifilogger"], "ptr" | "ech"> & {
    /** Flows that began with this line. */
    readonly merged_flows: number;
    /** The line is about what `WIFILOGGER_LEAVE_OUT` names. */
    readonly left_out?: true;
  };
}

/** Which piece of evidence gave `destination.domain`. */
export type NameSource = (typeof NAME_SOURCES)[number];
export const NAME_SOURCES = ["tls_sni", "quic_sni", "http_host", "dns", "ptr", "none"] as const;

/** A line about what was not seen, or lost. */
export interface GapRecord {
  readonly "@timestamp": string;
  readonly event: {
    readonly action: "gap";
    readonly start: string;
    readonly end: string;
    readonly duration: number;
  };
  readonly observer?: { readonly ingress: { readonly interface: { readonly name: string } } };
  readonly wifilogger: {
    readonly v: 1;
    readonly gap: { readonly reason: GapReason; readonly count?: number };
    readonly clock?: "synced" | "unsynced";
  };
}

/** Why something is missing; `docs/record.schema.json` says what is counted with each. */
export type GapReason = "kernel_drop" | "interface_down" | "ram_full" | "restart" | "undecodable";

/** Any line of the log. */
export type LogRecord = FlowRecord | MergedRecord | GapRecord;

/** Whether a record stands for several flows. */
export function isMerged(record: FlowRecord | MergedRecord): record is MergedRecord {
  return "merged_flows" in record.wifilogger;
}

/** Whether a record is about a gap. */
export function isGap(record: LogRecord): record is GapRecord {
  return "action" in record.event;
}
