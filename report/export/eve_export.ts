/**
 * Suricata's EVE: one event of the type `flow` for a flow.
 *
 * @see https://docs.suricata.io/en/latest/output/eve/eve-json-format.html#event-type-flow
 */

import { createHash } from "node:crypto";
import { isMerged } from "../../record/log_record.ts";
import { timestampUs } from "../../record/timestamp.ts";
import { FlowExport } from "./flow_export.ts";
import type { MergedFlow } from "./flow_merger.ts";
import { escapeText } from "../../record/escape_text.ts";
import type { Write } from "./text_sink.ts";

/** Writes flow events. */
export class EveExport extends FlowExport {
  /** @param maxOpenFlows flows that are held at most */
  constructor(write: Write, maxOpenFlows?: number) {
    const lineOf = (flow: MergedFlow) => escapeText(JSON.stringify(eveEvent(flow)));
    super(write, { lineOf }, maxOpenFlows);
  }
}

function eveEvent(flow: MergedFlow) {
  const { record, startUs, endUs, endReason } = flow;
  const { source, destination, network, wifilogger, observer } = record;
  const single = isMerged(record) ? undefined : record;
  const serverName = single?.tls?.client?.server_name;
  const httpHost = single?.url?.domain;
  return {
    timestamp: eveTime(endUs),
    flow_id: eveFlowId(wifilogger.flow_id),
    in_iface: observer?.ingress.interface.name,
    event_type: "flow",
    src_ip: source.ip,
    src_port: source.port,
    dest_ip: destination.ip,
    dest_port: destination.port,
    proto: network.transport === undefined ? undefined : eveProto(network.transport),
    app_proto: single?.network.protocol,
    flow: {
      pkts_toserver: flow.sourcePackets,
      pkts_toclient: flow.destinationPackets,
      bytes_toserver: flow.sourceBytes,
      bytes_toclient: flow.destinationBytes,
      start: eveTime(startUs),
      end: eveTime(endUs),
      age: Math.max(Math.round((endUs - startUs) / 1e6), 0),
      state: eveState(flow),
      reason: REASONS[endReason] ?? "unknown",
      alerted: false,
    },
    community_id: single?.network.community_id,
    tls: serverName === undefined ? undefined : { sni: serverName },
    http: httpHost === undefined ? undefined : { hostname: httpHost },
    metadata: isMerged(record)
      ? { flowints: { "wifilogger.merged_flows": record.wifilogger.merged_flows } }
      : undefined,
  };
}

/** `2026-11-22T12:00:00.123456+0000` */
function eveTime(us: number): string {
  return timestampUs(us).replace("Z", "+0000");
}

/** 53 bits of the flow id's hash: what JavaScript and others hold in a number. */
function eveFlowId(flowId: string): number {
  const hash = createHash("sha256").update(String(flowId)).digest();
  return hash.readUInt32BE(0) * 2 ** 21 + (hash.readUInt32BE(4) >>> 11);
}

const PROTOCOLS: Record<string, string> = {
  tcp: "TCP",
  udp: "UDP",
  icmp: "ICMP",
  "ipv6-icmp": "IPv6-ICMP",
};

/** Suricata writes the number of a protocol that it has no name for in three digits. */
function eveProto(transport: string): string {
  return PROTOCOLS[transport] ?? String(transport).padStart(3, "0");
}

function eveState({ endReason, sourcePackets, destinationPackets }: MergedFlow): string {
  if (endReason === "fin" || endReason === "rst") return "closed";
  return sourcePackets > 0 && destinationPackets > 0 ? "established" : "new";
}

/** Why Suricata logs a flow: one that TCP has closed times out, too. */
const REASONS: Record<string, string> = {
  idle: "timeout",
  fin: "timeout",
  rst: "timeout",
  evicted: "forced",
  shutdown: "shutdown",
};
