/**
 * Six weeks of a made-up household, the same ones each time: what its log would hold, in the order of time.
 *
 * - A TV that opens 60 sites and now and then another one, and loads from a content network whose names rotate;
 * - two cameras at one cloud each, of which one gets new registered domains of the content network every day, and has its
 *   firmware updated from a new site in the third week;
 * - a plug and a speaker with a handful of sites; the plug is taken over on the second day of the fifth week, at 03:12: it
 *   calls an address in a country that is new, on a port that is new, and then scans others by Telnet;
 * - two laptops and three phones, which open some new sites every day over IPv4 and IPv6 addresses of the day; phones make
 *   up their MAC addresses, one of them a new one in the third week, under the same host name; one tells no name;
 * - a guest on two days of the fourth week.
 */

import { type Random, seededRandom } from "../../../scripts/seeded_random.ts";
import { flowLine, type MadeUpFlow } from "../flow_line.ts";

export const SEED = 27;
export const DAYS = 42;
const HOUR_MS = 3600e3;
/** Monday, in the time zone of the test. */
export const START_MS = new Date(2026, 5, 1).getTime();
/** The first flow of the plug that is not its own: its beginning. */
export const TAKEN_OVER_MS = dayStart(29) + 3 * HOUR_MS + 12 * 60e3;

/** A line and its time, milliseconds since 1970. */
export interface TimedLine {
  readonly timeMs: number;
  readonly line: string;
}

interface Kind {
  readonly mac: (day: number) => string;
  readonly host?: string;
  readonly number: number;
  /** Sites that it opens again and again. */
  readonly sites: number;
  readonly prefix: string;
  /** Sites that it opens for the first time, a day. */
  readonly newSites: number;
  readonly flows: number;
  readonly hours: readonly [from: number, to: number];
  readonly hasIpv6?: boolean;
  /** Host names of the content network, a day; and domains of it that are registered anew. */
  readonly rotatingNames?: number;
  readonly rotatingSites?: number;
  readonly days?: readonly number[];
}

const fixed = (mac: string) => () => mac;
const DAYTIME: readonly [number, number] = [7, 23];
const ALWAYS: readonly [number, number] = [0, 24];

const KINDS: readonly Kind[] = [
  kind(20, "living-room-tv", fixed("b8:27:eb:00:00:20"), 60, 0.4, 60, [17, 23], {
    rotatingNames: 20,
    rotatingSites: 3,
  }),
  kind(21, "front-camera", fixed("b8:27:eb:00:00:21"), 2, 0, 48, ALWAYS, { rotatingSites: 3 }),
  kind(22, "garden-camera", fixed("b8:27:eb:00:00:22"), 2, 0, 48, ALWAYS, {}),
  kind(23, undefined, fixed("b8:27:eb:00:00:23"), 1, 0, 24, ALWAYS, {}),
  kind(24, "kitchen-speaker", fixed("b8:27:eb:00:00:24"), 8, 0, 30, DAYTIME, {}),
  kind(25, "thinkpad", fixed("b8:27:eb:00:00:25"), 150, 6, 120, DAYTIME, {
    hasIpv6: true,
    rotatingSites: 5,
  }),
  kind(26, "macbook", fixed("b8:27:eb:00:00:26"), 120, 5, 110, DAYTIME, { hasIpv6: true }),
  kind(
    27,
    "Annas-iPhone",
    (day) => day < 17 ? "da:00:00:00:00:27" : "de:00:00:00:00:27",
    80,
    3,
    90,
    DAYTIME,
    { hasIpv6: true },
  ),
  kind(28, "pixel-8", fixed("da:00:00:00:00:28"), 90, 3, 90, DAYTIME, { hasIpv6: true }),
  kind(29, undefined, fixed("da:00:00:00:00:29"), 70, 2, 70, DAYTIME, {}),
  kind(30, "guest-phone", fixed("da:00:00:00:00:30"), 40, 4, 60, DAYTIME, { days: [23, 24] }),
];

function kind(
  number: number,
  host: string | undefined,
  mac: Kind["mac"],
  sites: number,
  newSites: number,
  flows: number,
  hours: Kind["hours"],
  more: Partial<Kind>,
): Kind {
  return { number, host, mac, sites, prefix: `d${number}`, newSites, flows, hours, ...more };
}

/** The first instant of a day, from 0 on. */
export function dayStart(day: number): number {
  return new Date(2026, 5, 1 + day).getTime();
}

/** The lines of a day, in the order of time. */
export function dayLines(day: number): TimedLine[] {
  const random = seededRandom(SEED * 1000 + day);
  const flows: MadeUpFlow[] = [];
  let made = 0;
  const add = (flow: Omit<MadeUpFlow, "id">) => flows.push({ ...flow, id: `${day}-${made++}` });
  for (const one of KINDS) {
    if (one.days !== undefined && !one.days.includes(day)) continue;
    const device = { mac: one.mac(day), host: one.host, ip: `192.168.178.${one.number}` };
    const at = () => {
      const [from, to] = one.hours;
      return dayStart(day) + (from + random() * (to - from)) * HOUR_MS;
    };
    for (let i = 0; i < one.flows; i++) {
      const isIpv6 = one.hasIpv6 && random() < 0.3;
      const ip = isIpv6 ? `2001:db8::${one.number}:${day}` : device.ip;
      add({ ...device, ip, endMs: at(), ...knownSite(one, random) });
    }
    for (let i = 0; i < 4; i++) add({ ...device, endMs: at(), ...NTP });
    for (let i = 0; i < countOf(one.newSites, random); i++) {
      add({ ...device, endMs: at(), ...newSite(random) });
    }
    for (let i = 0; i < (one.rotatingNames ?? 0); i++) {
      add({ ...device, endMs: at(), ...CONTENT, name: `r${word(random)}.content.example` });
    }
    for (let i = 0; i < (one.rotatingSites ?? 0); i++) {
      add({ ...device, endMs: at(), ...CONTENT, name: `www.c-${word(random)}.net` });
    }
  }
  if (day === 16) {
    const camera = { mac: "b8:27:eb:00:00:22", host: "garden-camera", ip: "192.168.178.22" };
    const name = "firmware.camera-updates.com";
    add({ ...camera, endMs: dayStart(day) + 4 * HOUR_MS, name, country: "DE", owner: "Cam Cloud" });
  }
  if (day >= 29) addAttack(day, random, add);
  return flows.map((flow) => ({
    timeMs: Math.floor(flow.endMs),
    line: flowLine({ ...flow, endMs: Math.floor(flow.endMs) }),
  }))
    .sort((a, b) => a.timeMs - b.timeMs);
}

const NTP = {
  name: "pool.ntp.example",
  evidence: "dns",
  transport: "udp",
  protocol: "ntp",
  port: 123,
  country: "DE",
  owner: "Time",
} as const;
const CONTENT = { country: "US", owner: "Content Network" } as const;
const COUNTRIES = ["US", "DE", "IE", "NL", "FR", "GB", "SE"];

function knownSite({ prefix, sites }: Kind, random: Random): Partial<MadeUpFlow> {
  // A third of what laptops, phones and the TV open they open all.
  const isShared = sites > 30 && random() < 0.3;
  const number = Math.floor(sites * random() ** 2);
  const name = isShared ? `www.shared${number % 40}.com` : `www.${prefix}-${number}.com`;
  return { name, country: COUNTRIES[number % (sites > 30 ? 7 : 2)], owner: `Owner ${number % 25}` };
}

function newSite(random: Random): Partial<MadeUpFlow> {
  const number = Math.floor(random() * 25);
  return {
    name: `www.${word(random)}.org`,
    country: COUNTRIES[number % 7],
    owner: `Owner ${number}`,
  };
}

/** From 03:12 of the 30th day on: a first call, then an hour of scanning each night. */
function addAttack(day: number, random: Random, add: (flow: Omit<MadeUpFlow, "id">) => void): void {
  const plug = { mac: "b8:27:eb:00:00:23", ip: "192.168.178.23" };
  const firstMs = day === 29 ? TAKEN_OVER_MS : dayStart(day) + 3 * HOUR_MS;
  const master = { remoteIp: "198.51.100.66", country: "RU", owner: "Bulletproof Hosting" };
  add({
    ...plug,
    ...master,
    port: 48101,
    endMs: firstMs + 2000,
    durationMs: 2000,
    up: 300,
    down: 900,
  });
  for (let i = 0; i < 200; i++) {
    const country = ["BR", "VN", "IN", "TR", "ID"][i % 5];
    const endMs = firstMs + 60e3 + random() * HOUR_MS;
    const remoteIp = `203.0.113.${i}`;
    add({
      ...plug,
      endMs,
      remoteIp,
      country,
      owner: `Far ${i % 40}`,
      port: i % 4 ? 23 : 2323,
      up: 60,
      down: 0,
    });
  }
}

function countOf(mean: number, random: Random): number {
  return Math.floor(mean) + (random() < mean % 1 ? 1 : 0);
}

function word(random: Random): string {
  return Math.floor(random() * 36 ** 6).toString(36).padStart(6, "a");
}
