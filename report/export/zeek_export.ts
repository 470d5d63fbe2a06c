/**
 * Zeek's conn.log, as its ASCII writer has it (tab-separated, with a head) or as its JSON writer: one line for a flow.
 *
 * @see https://docs.zeek.org/en/master/logs/conn.html
 */

import { isMerged } from "../../record/log_record.ts";
import { FlowExport } from "./flow_export.ts";
import type { MergedFlow } from "./flow_merger.ts";
import { secondsText } from "./flow_time.ts";
import { escapeText } from "../../record/escape_text.ts";
import { hexEscaped } from "./safe_text.ts";
import type { Write } from "./text_sink.ts";

type ZeekType = "time" | "string" | "addr" | "port" | "enum" | "interval" | "count" | "bool";

/** A field's value: times and intervals in microseconds; undefined where it is unset. */
type ZeekValue = string | number | boolean | undefined;

interface ZeekField {
  readonly name: string;
  readonly type: ZeekType;
  readonly value: (flow: MergedFlow) => ZeekValue;
}

function field(
  name: string,
  type: ZeekType,
  value: (flow: MergedFlow) => ZeekValue = () => undefined,
): ZeekField {
  return { name, type, value };
}

/** Those of Zeek in its order; then its MAC address and Community ID; then this logger's own. */
const FIELDS: readonly ZeekField[] = [
  field("ts", "time", ({ startUs }) => startUs),
  field("uid", "string", ({ record }) => zeekUid(record.wifilogger.flow_id)),
  field("id.orig_h", "addr", ({ record }) => record.source.ip),
  field("id.orig_p", "port", ({ record }) => record.source.port),
  field("id.resp_h", "addr", ({ record }) => record.destination.ip),
  field("id.resp_p", "port", ({ record }) => record.destination.port),
  field("proto", "enum", ({ record }) => protoOf(record.network.transport)),
  field("service", "string", serviceOf),
  field("duration", "interval", ({ startUs, endUs }) => endUs - startUs),
  field("orig_bytes", "count"),
  field("resp_bytes", "count"),
  field("conn_state", "string", connState),
  field("local_orig", "bool", ({ record: { network: { direction } } }) => {
    return direction === "outbound" || direction === "internal";
  }),
  field("local_resp", "bool", ({ record: { network: { direction } } }) => {
    return direction === "inbound" || direction === "internal";
  }),
  field("missed_bytes", "count"),
  field("history", "string"),
  field("orig_pkts", "count", ({ sourcePackets }) => sourcePackets),
  field("orig_ip_bytes", "count", ({ sourceBytes }) => sourceBytes),
  field("resp_pkts", "count", ({ destinationPackets }) => destinationPackets),
  field("resp_ip_bytes", "count", ({ destinationBytes }) => destinationBytes),
  field("ip_proto", "count", ({ record }) => ipProtoOf(record.network.transport)),
  field("orig_l2_addr", "string", ({ record }) => record.source.mac),
  field("community_id", "string", (flow) => {
    return isMerged(flow.record) ? undefined : flow.record.network.community_id;
  }),
  field("resp_name", "string", ({ record }) => {
    return record.wifilogger.name_source === "none" ? undefined : record.destination.domain;
  }),
  field("resp_name_source", "string", ({ record }) => record.wifilogger.name_source),
  field("merged_flows", "count", ({ record }) => {
    return isMerged(record) ? record.wifilogger.merged_flows : undefined;
  }),
];

const UNSET = "-";
const EMPTY = "(empty)";

/** Writes conn.log. */
export class ZeekExport extends FlowExport {
  /** @param maxOpenFlows flows that are held at most */
  constructor(write: Write, format: "tsv" | "json", maxOpenFlows?: number) {
    const written = format === "tsv" ? { head: tsvHead(), lineOf: tsvLine } : { lineOf: jsonLine };
    super(write, written, maxOpenFlows);
  }
}

function tsvHead(): string {
  return [
    "#separator \\x09",
    "#set_separator\t,",
    `#empty_field\t${EMPTY}`,
    `#unset_field\t${UNSET}`,
    "#path\tconn",
    ["#fields", ...FIELDS.map(({ name }) => name)].join("\t"),
    ["#types", ...FIELDS.map(({ type }) => type)].join("\t"),
  ].join("\n") + "\n";
}

function tsvLine(flow: MergedFlow): string {
  return FIELDS.map(({ type, value }) => tsvText(type, value(flow))).join("\t");
}

function tsvText(type: ZeekType, value: ZeekValue): string {
  if (value === undefined) return UNSET;
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "number") {
    return type === "time" || type === "interval" ? secondsText(value) : String(value);
  }
  if (value === "") return EMPTY;
  // What is no text was made by hand.
  const text = String(value);
  // A text that would be taken for an unset or an empty field is told apart by its first character.
  return hexEscaped(text, text === UNSET || text === EMPTY ? /^.|\\/g : /\\/g);
}

function jsonLine(flow: MergedFlow): string {
  const fields = FIELDS.flatMap(({ name, type, value: valueOf }): [string, ZeekValue][] => {
    const value = valueOf(flow);
    if (value === undefined) return [];
    return [[name, type === "time" || type === "interval" ? Number(value) / 1e6 : value]];
  });
  return escapeText(JSON.stringify(Object.fromEntries(fields)));
}

/**
 * A flow id as Zeek writes its uids: letters and digits behind a `C`. The id is in lower case, so that an `X` in place
 * of its dash loses nothing.
 */
export function zeekUid(flowId: string): string {
  return "C" + String(flowId).replace("-", "X");
}

function protoOf(transport = ""): string {
  if (transport === "ipv6-icmp") return "icmp";
  return ["tcp", "udp", "icmp"].includes(transport) ? transport : "unknown_transport";
}

const IP_PROTO: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, "ipv6-icmp": 58 };

function ipProtoOf(transport = ""): number | undefined {
  if (Object.hasOwn(IP_PROTO, transport)) return IP_PROTO[transport];
  return /^\d{1,3}$/.test(transport) ? Number(transport) : undefined;
}

/** Zeek's word for TLS is that of its analyzer. */
function serviceOf({ record }: MergedFlow): string | undefined {
  if (isMerged(record)) return undefined;
  return record.network.protocol === "tls" ? "ssl" : record.network.protocol;
}

/**
 * As far as Zeek tells it by who sent packets: of UDP, and `OTH` of everything that is neither TCP nor UDP. TCP's depends
 * on flags that the log does not have.
 */
function connState(flow: MergedFlow): string | undefined {
  const { record, isWhole, sourcePackets, destinationPackets } = flow;
  if (isMerged(record) || !isWhole || record.network.transport === "tcp") return undefined;
  if (record.network.transport !== "udp") return "OTH";
  if (destinationPackets === 0) return "S0";
  return sourcePackets === 0 ? "SHR" : "SF";
}
