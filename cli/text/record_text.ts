/** Records for a person's eyes: one line each, in local time, nothing in it that a terminal would obey. */

import { countText } from "../../service/program/count_text.ts";
import {
  type FlowRecord,
  type GapRecord,
  isGap,
  isMerged,
  type LogRecord,
  type MergedRecord,
} from "../../record/log_record.ts";
import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";

/** One line, without its end. */
export function recordText(record: LogRecord): string {
  if (isGap(record)) return gapText(record);
  return isMerged(record) ? mergedText(record) : flowText(record);
}

/** `20:19:51  192.168.1.20 -> news.example.org (93.184.216.34:443 tcp, Norwell, United States, Edgecast Inc.)  up 1.2 kB  down 34 kB`; what came in: `192.168.1.20:22 tcp <- 93.184.216.34 (Norwell...)` */
function flowText(record: FlowRecord): string {
  const { source, destination, network } = record;
  const isInbound = network.direction === "inbound";
  const remote = isInbound ? source : destination;
  const place = [remote.geo?.city_name, remote.geo?.country_name, remote.as?.organization?.name]
    .map((part) => part === undefined ? "" : `, ${part}`).join("");
  const service = `${socket(destination.ip, destination.port)} ${protocolText(record)}`;
  // The device is the local end: of what came in, the one that was asked.
  const ends = isInbound
    ? `${service} <- ${source.ip}${place === "" ? "" : ` (${place.slice(2)})`}`
    : `${deviceText(record)} -> ${destination.domain} (${service}${place})`;
  const [device, other] = isInbound ? [destination, source] : [source, destination];
  return [
    localTime(record["@timestamp"]),
    escapeText(ends),
    `up ${formatBytes(device.bytes)}`,
    `down ${formatBytes(other.bytes)}`,
  ].join("  ");
}

/** `tv (192.168.1.20)`, `192.168.1.20 (Acme Inc.)` where it has not said its name, or the address alone. */
function deviceText({ source, device }: FlowRecord): string {
  if (source.domain !== undefined) return `${source.domain} (${source.ip})`;
  return device === undefined ? source.ip : `${source.ip} (${device.manufacturer})`;
}

/** `20:19:51  192.168.1.20 -> many addresses (1400 short tcp flows merged)  up 84 kB  down 0 B` */
function mergedText(record: MergedRecord): string {
  const { source, destination, network, wifilogger } = record;
  if (network.transport === undefined) return summedText(record);
  const ends = `${source.ip ?? "many hosts"} -> ${destination.ip ?? "many addresses"}`;
  return [
    localTime(record["@timestamp"]),
    `${ends} (${countText(wifilogger.merged_flows, `short ${network.transport} flow`)} merged)`,
    `up ${formatBytes(source.bytes)}`,
    `down ${formatBytes(destination.bytes)}`,
  ].join("  ");
}

/** `20:19:51  device-0a1b2c3d4e (240.1.2.3) -> ... (12 flows)  up 84 kB  down 2 MB`, or `left out (3 flows)` */
function summedText({ source, destination, network, wifilogger, ...record }: MergedRecord): string {
  const isInbound = network.direction === "inbound";
  const [device, other] = isInbound ? [destination, source] : [source, destination];
  const address = device.ip ?? "many hosts";
  const who = source.domain === undefined ? address : `${source.domain} (${address})`;
  const what = wifilogger.left_out ? "left out" : isInbound ? `${who} <- ...` : `${who} -> ...`;
  return [
    localTime(record["@timestamp"]),
    escapeText(`${what} (${countText(wifilogger.merged_flows, "flow")})`),
    `up ${formatBytes(device.bytes)}`,
    `down ${formatBytes(other.bytes)}`,
  ].join("  ");
}

function gapText(record: GapRecord): string {
  const { reason, count } = record.wifilogger.gap;
  const interfaceName = record.observer?.ingress.interface.name;
  const where = interfaceName === undefined ? "" : ` on ${escapeText(interfaceName)}`;
  // A record of a later version may have a reason that is not known here.
  const what = GAP_TEXTS[reason]?.(count) ?? escapeText(String(reason));
  return `${localTime(record["@timestamp"])}  gap: ${what}${where}`;
}

const GAP_TEXTS: Record<
  GapRecord["wifilogger"]["gap"]["reason"],
  (count: number | undefined) => string
> = {
  kernel_drop: (count) => `${count} packets were dropped by the kernel`,
  interface_down: () => "the interface was down",
  ram_full: (count) => `${count} records were lost because the RAM log was full`,
  restart: () => "nothing was seen before this start",
  undecodable: (count) => `${count} damaged IP packets could not be counted in a flow`,
};

/** What is spoken, as far as that is kept. */
export function protocolText({ network }: FlowRecord | MergedRecord): string {
  const protocol = "protocol" in network ? network.protocol : undefined;
  return protocol ?? network.transport ?? "";
}

function socket(ip: string, port: number | undefined): string {
  if (port === undefined) return ip;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** `20:19:51` */
export function localTime(timestamp: string): string {
  return new Date(timestamp).toTimeString().slice(0, 8);
}
