/**
 * A control socket that answers `GET /v1/flows` as a logger would in a household of which each look shows more bytes.
 *
 *     deno run -A live_flows_server.ts SOCKET
 */

import { serveControls } from "../../service/control/control_server.ts";

/** A flow: how many bytes a look it moves, and what it is. */
export interface Moving {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly country?: [code: string, name: string];
  readonly owner?: string;
  readonly perLook: number;
  readonly isInbound?: boolean;
  readonly nameSource?: string;
}

/** Each has a name that is long, wide, hostile or plain. */
export const FLOWS: readonly Moving[] = [
  {
    id: "a-1",
    device: "tv",
    name: "video.example.com",
    country: ["US", "United States"],
    owner: "Example Video Inc.",
    perLook: 5_000_000,
  },
  {
    id: "a-2",
    device: "phone",
    name: "a-very-long-name-of-a-host-that-does-not-fit-anywhere.cdn.example.co.uk",
    country: ["GB", "United Kingdom"],
    owner: "Example Network",
    perLook: 20_000,
  },
  {
    id: "a-3",
    device: "居間のテレビ",
    name: "動画.example.jp",
    country: ["JP", "Japan"],
    perLook: 9_000,
  },
  { id: "a-4", device: "bad\u001b[2J\u202eeman", name: "evil\u0007.example.net", perLook: 700 },
  { id: "a-5", device: "phone", name: "unknown", nameSource: "none", perLook: 300 },
  { id: "a-6", device: "", name: "unknown", isInbound: true, nameSource: "none", perLook: 60 },
];

export function liveFlow(flow: Moving, looks: number, nowMs: number): string {
  const bytes = flow.perLook * looks;
  const start = new Date(nowMs - 60_000).toISOString().replace("Z", "000Z");
  const end = new Date(nowMs).toISOString();
  const { isInbound, country, owner } = flow;
  const place = {
    geo: country && { country_iso_code: country[0], country_name: country[1] },
    as: owner === undefined ? undefined : { organization: { name: owner } },
  };
  const up = Math.round(bytes / 10);
  return JSON.stringify({
    "@timestamp": end,
    event: { start, end: end.replace("Z", "000Z"), duration: 60e9 },
    network: {
      type: "ipv4",
      transport: "tcp",
      protocol: "tls",
      direction: isInbound ? "inbound" : "outbound",
      community_id: "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz4=",
      bytes,
      packets: looks,
    },
    source: {
      ip: isInbound ? "203.0.113.9" : "192.168.1.20",
      ...(isInbound ? place : {}),
      port: 40000,
      bytes: up,
      packets: looks,
      domain: flow.device || undefined,
    },
    destination: {
      ip: isInbound ? "192.168.1.5" : "93.184.216.34",
      ...(isInbound ? {} : place),
      port: 443,
      bytes: bytes - up,
      packets: looks,
      domain: flow.name,
    },
    wifilogger: {
      v: 1,
      flow_id: flow.id,
      part: 0,
      end_reason: "active",
      name_source: flow.nameSource ?? "tls_sni",
    },
    unwritten: {
      source: { bytes: up, packets: looks },
      destination: { bytes: bytes - up, packets: 0 },
    },
  });
}

if (import.meta.main) {
  let looks = 0;
  const unasked = () => {
    throw new Error("not asked for here");
  };
  await serveControls(Deno.args[0], {
    status: unasked,
    places: unasked,
    flush: unasked,
    forgetPlaces: unasked,
    async *flows() {
      looks++;
      const nowMs = Date.now();
      const all = { flows: FLOWS.length, bytes: 0, packets: 0 };
      yield `{"at":"${new Date(nowMs).toISOString()}","all":${JSON.stringify(all)},"flows":[`;
      yield FLOWS.map((flow) => liveFlow(flow, looks, nowMs)).join(",");
      yield "]}";
    },
  }, console.error);
  console.log("ready");
}
