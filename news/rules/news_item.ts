/** A piece of news. */

import type { Sight } from "../ledger/entry_table.ts";
import { EVIDENCES, FROM_OUTSIDE } from "../ledger/words.ts";
import { QUARTER_MS } from "../ledger/quarter.ts";
import { type Device, queryWord } from "./household_devices.ts";

/** How much it matters: told at once, told in the letter, or only counted there. */
export const WEIGHTS = ["weighty", "plain", "small"] as const;
export type Weight = (typeof WEIGHTS)[number];

/** Kinds of news, in the order in which they are shown. */
export const NEWS_KINDS = ["limit", "device", "country", "service", "site", "owner"] as const;
export type NewsKind = (typeof NEWS_KINDS)[number];

/** Something that was not there before. */
export interface NewsItem {
  readonly kind: NewsKind;
  readonly device: Device | undefined;
  /** A site, two letters of a country, an owner, `23/tcp`; of a device its name; of a limit the limit. */
  readonly what: string;
  readonly weight: Weight;
  /** The beginning of the hour in which it was first seen, milliseconds since 1970; and of the last. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly evidence: string;
  /** Of an owner: so many sites in its networks are new. */
  readonly sites?: number;
  /** What more there is to say. */
  readonly note?: string;
  /** What tells it from other news of its kind and device. @default `what` */
  readonly id?: string;
}

/** The same for the same news, whenever it is found. */
export function newsKey({ kind, device, what, id = what, sites, firstMs }: NewsItem): string {
  // Of a device its name is news to nobody: it may change.
  if (kind === "device") return `device ${device?.id}`;
  // Of sites that were counted together there are ever more: each day's are told once.
  const part = sites === undefined ? "" : ` ${Math.floor(firstMs / (24 * 3600e3))}`;
  return `${kind} ${device?.id ?? ""} ${id}${part}`;
}

/** The weightiest first, then by kind, then the most bytes. */
export function byWeight(a: NewsItem, b: NewsItem): number {
  return WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight) ||
    NEWS_KINDS.indexOf(a.kind) - NEWS_KINDS.indexOf(b.kind) ||
    b.upBytes + b.downBytes - a.upBytes - a.downBytes ||
    b.firstMs - a.firstMs || (newsKey(a) < newsKey(b) ? -1 : 1);
}

/** The fields that say when and how much. */
export function sightFields({ first, last, upBytes, downBytes, evidence }: Sight) {
  return {
    firstMs: first * QUARTER_MS,
    lastMs: last * QUARTER_MS,
    upBytes,
    downBytes,
    evidence: evidenceOf(evidence),
  };
}

/** The best evidence among those whose bits are set. */
function evidenceOf(bits: number): string {
  return EVIDENCES.find((_, i) => (bits & 1 << i) !== 0) ?? "none";
}

const COUNTRY_NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** `Germany` for `DE`; what is no code stays. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? COUNTRY_NAMES.of(code) ?? code : code;
}

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  "20/tcp": "FTP",
  "21/tcp": "FTP",
  "22/tcp": "SSH",
  "23/tcp": "Telnet",
  "25/tcp": "SMTP",
  "53/tcp": "DNS",
  "53/udp": "DNS",
  "80/tcp": "HTTP",
  "123/udp": "NTP",
  "143/tcp": "IMAP",
  "443/tcp": "HTTPS",
  "443/udp": "QUIC",
  "445/tcp": "SMB",
  "465/tcp": "SMTP",
  "554/tcp": "RTSP",
  "587/tcp": "SMTP",
  "853/tcp": "DNS over TLS",
  "993/tcp": "IMAP",
  "1194/udp": "OpenVPN",
  "1883/tcp": "MQTT",
  "2323/tcp": "Telnet",
  "3389/tcp": "RDP",
  "3478/udp": "STUN",
  "4500/udp": "IPsec",
  "5222/tcp": "XMPP",
  "5228/tcp": "Google push",
  "6667/tcp": "IRC",
  "6881/tcp": "BitTorrent",
  "8883/tcp": "MQTT",
  "9001/tcp": "Tor",
  "51820/udp": "WireGuard",
};

/** `Telnet (23/tcp)`, `SSH (22/tcp) from outside` */
export function serviceName(what: string): string {
  const isCalled = what.endsWith(FROM_OUTSIDE);
  const service = isCalled ? what.slice(0, -FROM_OUTSIDE.length) : what;
  const name = SERVICE_NAMES[service];
  return (name === undefined ? service : `${name} (${service})`) +
    (isCalled ? " from outside" : "");
}

/** What is new, in a person's words. */
export function whatText({ kind, what, sites }: NewsItem): string {
  if (kind === "country") return countryName(what);
  if (kind === "service") return serviceName(what);
  if (sites !== undefined) return `${sites} more ${sites === 1 ? "site" : "sites"} at ${what}`;
  return what;
}

/** What shows the records behind a piece of news: sums or records, by which words. */
export interface RecordsBehind {
  readonly view: "report" | "records";
  /** Values by the names of flags. */
  readonly query: Readonly<Record<string, string>>;
}

/** What shows the records behind it. */
export function recordsBehind({ kind, device, what, firstMs, sites }: NewsItem): RecordsBehind {
  const since = localMinute(firstMs);
  const ofDevice: Record<string, string> = device === undefined
    ? {}
    : { device: queryWord(device) };
  if (kind === "device") return { view: "report", query: { ...ofDevice, since, by: "site" } };
  if (kind === "limit") return { view: "report", query: { ...ofDevice, since, by: "day" } };
  if (sites !== undefined) {
    return { view: "report", query: { ...ofDevice, owner: what, since, by: "site" } };
  }
  if (kind !== "service") return { view: "records", query: { ...ofDevice, [kind]: what, since } };
  const [port, transport = port] = what.replace(FROM_OUTSIDE, "").split("/");
  return {
    view: "records",
    query: {
      ...ofDevice,
      ...(/^\d+$/.test(port) && { port }),
      protocol: transport,
      ...(what.endsWith(FROM_OUTSIDE) && { direction: "inbound" }),
      since,
    },
  };
}

/** The command that shows the records behind it. */
export function commandOf(item: NewsItem): string {
  const { view, query } = recordsBehind(item);
  const flags = Object.entries(query).flatMap(([name, value]) => [`--${name}`, value]);
  return commandText([view === "report" ? "report" : "tail", ...flags]);
}

function commandText(words: readonly string[]): string {
  const quoted = words.map((word) =>
    /^[\w.:/@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  );
  return ["wifilogger", ...quoted].join(" ");
}

/** `2026-11-22T18:00` */
function localMinute(epochMs: number): string {
  const date = new Date(epochMs);
  return new Date(epochMs - date.getTimezoneOffset() * 60e3).toISOString().slice(0, 16);
}
