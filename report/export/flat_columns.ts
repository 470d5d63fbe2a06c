/** A record as a row: the columns of CSV and Parquet. `docs/export.md` lists them. */

import { type FlowRecord, isGap, isMerged, type LogRecord } from "../../record/log_record.ts";
import { intervalUs } from "./flow_time.ts";

/** How a column's values are kept where types matter; `time` is microseconds since 1970. */
export type ColumnType = "text" | "time" | "integer" | "number" | "boolean";

/** A column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Its value; undefined where the record has none. */
  readonly value: (record: LogRecord) => Value;
}

/** A time is a number. */
export type Value = string | number | boolean | undefined;

/** What a flow, a merged record or a gap may have; whichever it is, the fields of the others are absent. */
interface AnyRecord {
  readonly network?: Partial<FlowRecord["network"]>;
  readonly source?: Partial<FlowRecord["source"]>;
  readonly destination?: Partial<FlowRecord["destination"]>;
  readonly device?: FlowRecord["device"];
  readonly tls?: FlowRecord["tls"];
  readonly url?: FlowRecord["url"];
  readonly dns?: FlowRecord["dns"];
  readonly observer?: FlowRecord["observer"];
  readonly wifilogger: Partial<FlowRecord["wifilogger"]> & {
    readonly merged_flows?: number;
    readonly gap?: { readonly reason: string; readonly count?: number };
  };
}

function column(name: string, type: ColumnType, value: (record: AnyRecord) => Value): Column {
  return { name, type, value: value as (record: unknown) => Value };
}

function endColumns(end: "source" | "destination"): readonly Column[] {
  return [
    column(`${end}_ip`, "text", (r) => r[end]?.ip),
    column(`${end}_port`, "integer", (r) => r[end]?.port),
    column(`${end}_bytes`, "integer", (r) => r[end]?.bytes),
    column(`${end}_packets`, "integer", (r) => r[end]?.packets),
    column(`${end}_domain`, "text", (r) => r[end]?.domain),
    column(`${end}_geo_country_iso_code`, "text", (r) => r[end]?.geo?.country_iso_code),
    column(`${end}_geo_country_name`, "text", (r) => r[end]?.geo?.country_name),
    column(`${end}_geo_region_name`, "text", (r) => r[end]?.geo?.region_name),
    column(`${end}_geo_city_name`, "text", (r) => r[end]?.geo?.city_name),
    column(`${end}_geo_location_lat`, "number", (r) => r[end]?.geo?.location?.lat),
    column(`${end}_geo_location_lon`, "number", (r) => r[end]?.geo?.location?.lon),
    column(`${end}_as_number`, "integer", (r) => r[end]?.as?.number),
    column(`${end}_as_organization_name`, "text", (r) => r[end]?.as?.organization?.name),
  ];
}

/** In order; added to at the end only. */
export const FLAT_COLUMNS: readonly Column[] = [
  {
    name: "record",
    type: "text",
    value: (record) => isGap(record) ? "gap" : isMerged(record) ? "merged" : "flow",
  },
  { name: "timestamp", type: "time", value: (r) => Date.parse(r["@timestamp"]) * 1e3 },
  { name: "event_start", type: "time", value: (r) => intervalUs(r).startUs },
  { name: "event_end", type: "time", value: (r) => intervalUs(r).endUs },
  { name: "event_duration", type: "integer", value: (r) => r.event.duration },
  column("network_type", "text", (r) => r.network?.type),
  column("network_transport", "text", (r) => r.network?.transport),
  column("network_protocol", "text", (r) => r.network?.protocol),
  column("network_direction", "text", (r) => r.network?.direction),
  column("network_community_id", "text", (r) => r.network?.community_id),
  column("network_bytes", "integer", (r) => r.network?.bytes),
  column("network_packets", "integer", (r) => r.network?.packets),
  ...endColumns("source"),
  column("source_mac", "text", (r) => r.source?.mac),
  ...endColumns("destination"),
  column("device_manufacturer", "text", (r) => r.device?.manufacturer),
  column("tls_client_server_name", "text", (r) => r.tls?.client?.server_name),
  column("url_domain", "text", (r) => r.url?.domain),
  column("dns_question_name", "text", (r) => r.dns?.question?.name),
  column("observer_ingress_interface_name", "text", (r) => r.observer?.ingress.interface.name),
  column("flow_id", "text", (r) => r.wifilogger.flow_id),
  column("part", "integer", (r) => r.wifilogger.part),
  column("end_reason", "text", (r) => r.wifilogger.end_reason),
  column("name_source", "text", (r) => r.wifilogger.name_source),
  column("merged_flows", "integer", (r) => r.wifilogger.merged_flows),
  column("ptr", "text", (r) => r.wifilogger.ptr),
  column("ech", "boolean", (r) => r.wifilogger.ech),
  column("tunneled", "boolean", (r) => r.wifilogger.tunneled),
  column("clock", "text", (r) => r.wifilogger.clock),
  column("gap_reason", "text", (r) => r.wifilogger.gap?.reason),
  column("gap_count", "integer", (r) => r.wifilogger.gap?.count),
];
