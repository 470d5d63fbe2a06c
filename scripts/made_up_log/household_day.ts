/**
 * Days of a made-up household, as its log would hold them, to measure and to show what reads logs. The same day is made
 * the same way each time.
 *
 * The household: twelve devices, of which some are phones with a second address; 2,400 names in 900 sites, of which a
 * few are visited all the time and most seldom (Zipf, s = 1); 220 network owners in 38 countries. A third of a day's
 * records fall between 18 and 23 o'clock. Of a hundred records 62 are TLS, 20 QUIC, 10 DNS, 3 HTTP, 3 NTP and 2
 * something else; of a hundred flows 8 have no name, and 3 come in from outside.
 */

import type { FlowRecord } from "../../record/log_record.ts";
import { type Random, seededRandom } from "../seeded_random.ts";

/** A day to be made. */
export interface HouseholdDay {
  /** Its first instant, milliseconds since 1970. */
  readonly startMs: number;
  /** Its records. */
  readonly records: number;
  /** Another seed gives another day. */
  readonly seed: number;
}

interface Device {
  readonly ip: string;
  readonly mac: string;
  readonly name: string | undefined;
  readonly maker: string;
  /** How much of the household's traffic is this device's. */
  readonly weight: number;
}

interface Place {
  readonly name: string;
  readonly ip: string;
  readonly owner: { readonly number: number; readonly name: string };
  readonly country: { readonly code: string; readonly name: string };
  /** Bytes down for each byte up, about. */
  readonly ratio: number;
}

const DEVICES: readonly Device[] = [
  device(20, "living-room-tv", "Samsung Electronics Co.,Ltd", 0.24),
  device(21, "Annas-iPhone", "Apple, Inc.", 0.16),
  device(22, "pixel-8", "Google, Inc.", 0.14),
  device(23, "thinkpad", "Intel Corporate", 0.14),
  device(24, "macbook-air", "Apple, Inc.", 0.12),
  device(25, "xbox", "Microsoft Corporation", 0.07),
  device(26, "kitchen-speaker", "Sonos, Inc.", 0.04),
  device(27, "front-door-camera", "Reolink Innovation Limited", 0.03),
  device(28, undefined, "Espressif Inc.", 0.02),
  device(29, undefined, "Tuya Smart Inc.", 0.02),
  device(30, "printer", "Brother Industries, Ltd.", 0.01),
  device(31, "guest-phone", "Xiaomi Communications Co Ltd", 0.01),
];

const COUNTRIES: readonly (readonly [code: string, name: string])[] = [
  ["US", "United States"],
  ["DE", "Germany"],
  ["IE", "Ireland"],
  ["NL", "Netherlands"],
  ["GB", "United Kingdom"],
  ["FR", "France"],
  ["SE", "Sweden"],
  ["JP", "Japan"],
  ["SG", "Singapore"],
  ["CN", "China"],
  ["CA", "Canada"],
  ["AT", "Austria"],
  ["CH", "Switzerland"],
  ["PL", "Poland"],
  ["IT", "Italy"],
  ["ES", "Spain"],
  ["DK", "Denmark"],
  ["FI", "Finland"],
  ["NO", "Norway"],
  ["BE", "Belgium"],
  ["CZ", "Czechia"],
  ["HU", "Hungary"],
  ["RO", "Romania"],
  ["PT", "Portugal"],
  ["GR", "Greece"],
  ["TR", "Türkiye"],
  ["UA", "Ukraine"],
  ["KR", "South Korea"],
  ["TW", "Taiwan"],
  ["HK", "Hong Kong"],
  ["IN", "India"],
  ["AU", "Australia"],
  ["NZ", "New Zealand"],
  ["BR", "Brazil"],
  ["AR", "Argentina"],
  ["MX", "Mexico"],
  ["ZA", "South Africa"],
  ["AE", "United Arab Emirates"],
];

const OWNER_KINDS = ["Cloud", "Networks", "Hosting", "Telecom", "Media", "Online", "Systems"];
const HOST_KINDS = ["www", "api", "cdn", "img", "static", "edge", "login", "push", "media"];
const SITE_ENDS = ["com", "net", "org", "io", "de", "co.uk", "tv", "app"];
/** Hours of the day, by how much happens in them. */
const HOUR_WEIGHTS = [
  2,
  1,
  1,
  1,
  1,
  1,
  2,
  4,
  5,
  4,
  4,
  4,
  5,
  5,
  4,
  4,
  5,
  6,
  9,
  10,
  11,
  10,
  7,
  4,
];

const NAMES = 2_400;
const SITES = 900;
const OWNERS = 220;
const HOUR_MS = 3600e3;

function device(
  host: number,
  name: string | undefined,
  maker: string,
  weight: number,
): Device {
  return {
    ip: `192.168.178.${host}`,
    mac: `b8:27:eb:00:00:${host.toString(16).padStart(2, "0")}`,
    name,
    maker,
    weight,
  };
}

/** The places of the household: the same in every day. */
function makePlaces(): Place[] {
  const random = seededRandom(7);
  const owners = Array.from({ length: OWNERS }, (_, i) => ({
    number: 1_000 + i * 37,
    name: `${syllables(random, 2)} ${OWNER_KINDS[i % OWNER_KINDS.length]}`,
    // Most owners are in few countries.
    country: COUNTRIES[Math.floor(random() ** 3 * COUNTRIES.length)],
  }));
  const sites = Array.from(
    { length: SITES },
    (_, i) => `${syllables(random, 2 + i % 2).toLowerCase()}.${SITE_ENDS[i % SITE_ENDS.length]}`,
  );
  return Array.from({ length: NAMES }, (_, i) => {
    const { country: [code, name], ...owner } = owners[Math.floor(random() ** 2 * OWNERS)];
    const host = HOST_KINDS[Math.floor(random() * HOST_KINDS.length)];
    const site = sites[i < SITES ? i : Math.floor(random() ** 2 * SITES)];
    return {
      name: i < SITES ? `${host}.${site}` : `${host}${Math.floor(i / SITES)}.${site}`,
      ip: `${20 + i % 180}.${Math.floor(i / 180)}.${i % 251}.${1 + i % 250}`,
      owner,
      country: { code, name },
      ratio: 0.5 + random() ** 4 * 200,
    };
  });
}

function syllables(random: Random, count: number): string {
  const parts = Array.from(
    { length: count },
    () =>
      "bcdfgklmnprstv"[Math.floor(random() * 14)] + "aeiou"[Math.floor(random() * 5)] +
      "lnrst"[Math.floor(random() * 5)],
  );
  const word = parts.join("");
  return word[0].toUpperCase() + word.slice(1);
}

let places: Place[] | undefined;

/** The records of a day, in the order in which a logger would have written them. */
export function* householdDay({ startMs, records, seed }: HouseholdDay): Generator<FlowRecord> {
  places ??= makePlaces();
  const random = seededRandom(seed);
  const hourSum = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight);
  for (const [hour, weight] of HOUR_WEIGHTS.entries()) {
    const count = Math.round(records * weight / hourSum);
    for (let i = 0; i < count; i++) {
      yield record(startMs + (hour + i / count) * HOUR_MS, random, places);
    }
  }
}

/** The lines of a day, each with its end. */
export function* householdLines(day: HouseholdDay): Generator<string> {
  for (const record of householdDay(day)) yield JSON.stringify(record) + "\n";
}

function record(timeMs: number, random: Random, places: readonly Place[]): FlowRecord {
  const device = chosenDevice(random());
  const place = places[Math.floor(NAMES ** random()) - 1];
  const kind = random() * 100;
  const [transport, protocol, port, source] = kind < 62
    ? ["tcp", "tls", 443, "tls_sni"] as const
    : kind < 82
    ? ["udp", "quic", 443, "quic_sni"] as const
    : kind < 92
    ? ["udp", "dns", 53, "dns"] as const
    : kind < 95
    ? ["tcp", "http", 80, "http_host"] as const
    : kind < 98
    ? ["udp", "ntp", 123, "dns"] as const
    : ["tcp", undefined, 1024 + Math.floor(random() * 9000), "ptr"] as const;
  const isNamed = random() > 0.08;
  const isInbound = random() < 0.03;
  const size = Math.exp(4 + random() * 9);
  const up = Math.round(80 + size / 8);
  const down = Math.round(80 + size / 8 * place.ratio);
  const [upPackets, downPackets] = [Math.ceil(up / 200), Math.ceil(down / 1300)];
  const end = new Date(Math.floor(timeMs));
  const durationMs = Math.floor(random() * 60_000);
  const stamp = (ms: number) => new Date(ms).toISOString().replace("Z", "000Z");
  const placed = {
    geo: { country_iso_code: place.country.code, country_name: place.country.name },
    as: { number: place.owner.number, organization: { name: place.owner.name } },
  };
  const named = device.name === undefined ? {} : { domain: device.name };
  const name = isNamed && !isInbound ? place.name : "unknown";
  const id = Math.floor(random() * 2 ** 48).toString(16).padStart(12, "0");
  return {
    "@timestamp": end.toISOString(),
    event: {
      start: stamp(end.getTime() - durationMs),
      end: stamp(end.getTime()),
      duration: durationMs * 1e6,
    },
    network: {
      type: "ipv4",
      transport,
      ...(protocol && { protocol }),
      direction: isInbound ? "inbound" : "outbound",
      community_id: `1:${id}abcdefghijklmno=`,
      bytes: up + down,
      packets: upPackets + downPackets,
    },
    source: isInbound
      ? { ip: place.ip, ...placed, port: 40_000, bytes: down, packets: downPackets }
      : {
        ip: device.ip,
        port: 30_000 + Math.floor(random() * 30_000),
        bytes: up,
        packets: upPackets,
        mac: device.mac,
        ...named,
      },
    destination: isInbound
      ? { ip: device.ip, port, bytes: up, packets: upPackets, domain: "unknown" }
      : { ip: place.ip, ...placed, port, bytes: down, packets: downPackets, domain: name },
    ...(device.name === undefined && !isInbound && { device: { manufacturer: device.maker } }),
    ...(source === "tls_sni" && name !== "unknown" &&
      { tls: { client: { server_name: name } } }),
    observer: { ingress: { interface: { name: "wlan0" } } },
    wifilogger: {
      v: 1,
      flow_id: id,
      part: random() < 0.85 ? 0 : 1 + Math.floor(random() * 20),
      end_reason: random() < 0.6 ? "fin" : "active",
      name_source: name === "unknown" ? "none" : source,
      clock: "synced",
    },
  };
}

function chosenDevice(share: number): Device {
  for (const device of DEVICES) {
    share -= device.weight;
    if (share < 0) return device;
  }
  return DEVICES[0];
}
