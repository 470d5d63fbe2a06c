/**
 * Who is who in the household: every name and address of the rig stands here and nowhere else.
 *
 * The servers' addresses are from public ranges of several countries, so that places show; inside the private
 * namespaces they belong to nobody but the rig. The names are under domains reserved for examples (RFC 2606).
 */

/** The household's own network, seen from the router, which is where the logger runs. */
export const LAN = {
  interface: "br-lan",
  router: {
    ipv4: "192.168.50.1",
    ipv6: "2003:e5:50:50::1",
    mac: "02:00:00:00:50:01",
  },
  ipv4PrefixLength: 24,
  ipv6PrefixLength: 64,
} as const;

/** The router's link to the Internet. */
export const WAN = {
  interface: "wan0",
  router: {
    ipv4: "203.0.113.2",
    ipv6: "2001:db8:113::2",
    mac: "02:00:00:00:71:02",
  },
  provider: {
    ipv4: "203.0.113.1",
    ipv6: "2001:db8:113::1",
    mac: "02:00:00:00:71:01",
  },
  ipv4PrefixLength: 30,
  ipv6PrefixLength: 64,
} as const;

/** A machine of the household. */
export interface Device {
  readonly ipv4: string;
  readonly ipv6: string;
  readonly mac: string;
  /** What it does in the demo, for people. */
  readonly habit: string;
}

/** Every device, by the name of its network namespace. */
export const DEVICES = {
  laptop: {
    ipv4: "192.168.50.11",
    ipv6: "2003:e5:50:50::11",
    mac: "02:00:00:00:50:11",
    habit: "reads the news (HTTP), fetches updates (TLS)",
  },
  phone: {
    ipv4: "192.168.50.12",
    ipv6: "2003:e5:50:50::12",
    mac: "02:00:00:00:50:12",
    habit: "hears the radio over IPv6 (TLS), asks the time (NTP)",
  },
  tv: {
    ipv4: "192.168.50.13",
    ipv6: "2003:e5:50:50::13",
    mac: "02:00:00:00:50:13",
    habit: "streams video (QUIC), reports to its maker (TLS), and more",
  },
} as const satisfies Record<string, Device>;

/** The name of a device and of its network namespace. */
export type DeviceName = keyof typeof DEVICES;

/** A server on the rig's Internet. */
export interface Server {
  /** The name DNS knows it by; absent: reached by address only. */
  readonly host?: string;
  /** `host` is an alias (CNAME) of this, which holds the addresses. */
  readonly canonicalHost?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** What reverse DNS answers for its addresses; absent: nothing. */
  readonly ptr?: string;
  /** ISO code of the country that the tables inside the program tell. */
  readonly country: string;
}

/** Every server, by what it serves. */
export const SERVERS = {
  news: {
    host: "news.example.org",
    canonicalHost: "front.cdn.example.net",
    ipv4: "151.101.1.69",
    ipv6: "2606:2800:220:1:248:1893:25c8:1946",
    country: "CA",
  },
  updates: { host: "updates.example.com", ipv4: "129.132.19.216", country: "CH" },
  video: { host: "video.example.net", ipv4: "133.11.93.10", country: "JP" },
  radio: { host: "radio.example.org", ipv6: "2a02:2e0:3fe:1001::20", country: "DE" },
  time: { host: "time.example.org", ipv4: "200.160.7.193", country: "BR" },
  telemetry: { host: "telemetry.example.com", ipv4: "202.12.29.175", country: "AU" },
  reverseOnly: { ptr: "host6.pop.example.net", ipv4: "196.216.2.6", country: "ZA" },
  nameless: { ipv4: "93.184.216.34", country: "PL" },
} as const satisfies Record<string, Server>;

/** Every server's addresses, of both families. */
export function serverAddresses(): string[] {
  return Object.values<Server>(SERVERS)
    .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
    .filter((address) => address !== undefined);
}
