/** Lines of the log about one flow, as a logger would write them. */

import { timestampMs, timestampUs } from "../../record/timestamp.ts";

/** What a flow was. */
export interface MadeUpFlow {
  /** `@timestamp`, milliseconds since 1970. */
  readonly endMs: number;
  readonly durationMs?: number;
  readonly mac?: string;
  /** The device's address. */
  readonly ip: string;
  /** The device's host name. */
  readonly host?: string;
  /** The other end. */
  readonly remoteIp?: string;
  readonly name?: string;
  readonly evidence?: "tls_sni" | "quic_sni" | "http_host" | "dns" | "ptr" | "none";
  readonly country?: string;
  readonly owner?: string;
  readonly transport?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly direction?: "outbound" | "inbound";
  readonly up?: number;
  readonly down?: number;
  /** Tells its record from all others. */
  readonly id: string;
}

/** A line without its end. */
export function flowLine(flow: MadeUpFlow): string {
  const { endMs, durationMs = 1500, ip, mac, host, transport = "tcp", port = 443 } = flow;
  const { up = 800, down = 4000, direction = "outbound", name = "unknown" } = flow;
  const { evidence = name === "unknown" ? "none" : "tls_sni", protocol, remoteIp = "203.0.113.9" } =
    flow;
  const times = {
    start: timestampUs((endMs - durationMs) * 1e3),
    end: timestampUs(endMs * 1e3),
    duration: durationMs * 1e6,
  };
  const place = {
    ...(flow.country && { geo: { country_iso_code: flow.country, country_name: flow.country } }),
    ...(flow.owner && { as: { number: 64500, organization: { name: flow.owner } } }),
  };
  const isInbound = direction === "inbound";
  const device = { bytes: up, packets: Math.ceil(up / 1000) };
  const remote = { bytes: down, packets: Math.ceil(down / 1000) };
  return JSON.stringify({
    "@timestamp": timestampMs(endMs * 1e3),
    event: times,
    network: {
      type: ip.includes(":") ? "ipv6" : "ipv4",
      transport,
      ...(protocol && { protocol }),
      direction,
      community_id: "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz4=",
      bytes: up + down,
      packets: device.packets + remote.packets,
    },
    source: isInbound
      ? { ip: remoteIp, ...place, port: 40000, ...remote }
      : { ip, port: 50000, ...device, ...(mac && { mac }), ...(host && { domain: host }) },
    destination: isInbound
      ? { ip, port, ...device, domain: "unknown" }
      : { ip: remoteIp, ...place, port, ...remote, domain: name },
    wifilogger: {
      v: 1,
      flow_id: flow.id,
      part: 0,
      end_reason: "fin",
      name_source: evidence,
      clock: "synced",
    },
  });
}
