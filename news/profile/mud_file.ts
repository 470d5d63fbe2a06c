/**
 * A device's manners as a Manufacturer Usage Description (RFC 8520), which a firewall can be fed with: access lists
 * (RFC 8519) that let pass what the device speaks to regularly. The log does not tell where a name was reached over IPv4
 * and where over IPv6, so that each entry stands in a list for either.
 */

import type { Contact, Profile } from "./profile.ts";

/** Protocol numbers (IANA). */
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, "ipv6-icmp": 58 };
/** Where names are looked up, and the time: any server that the network offers (RFC 8520, section 8). */
const CONTROLLERS: Readonly<Record<string, string>> = {
  "53/udp": "urn:ietf:params:mud:dns",
  "53/tcp": "urn:ietf:params:mud:dns",
  "123/udp": "urn:ietf:params:mud:ntp",
};
/** Characters that `systeminfo` may have (RFC 8520, section 3.6). */
const MAX_SYSTEM_INFO = 60;
/** Of a description that is made by hand, hours (RFC 8520, section 3.5). */
const CACHE_HOURS = 48;

type Version = "ipv4" | "ipv6";
type Policy = "from-device" | "to-device";

/** A description, and what it could not express. */
export interface MudFile {
  readonly mud: Record<string, unknown>;
  /** Regular contacts without a name: no access list can name them. */
  readonly nameless: readonly Contact[];
}

/** @param maker who made the device, where that is known */
export function mudFile(
  { device, contacts }: Profile,
  { nowMs, maker }: { readonly nowMs: number; readonly maker?: string },
): MudFile {
  const regular = contacts.filter(({ isRegular }) => isRegular);
  const isNamed = ({ name, service, direction }: Contact) =>
    direction === "outbound" && (name !== undefined && isDnsName(name) ||
      CONTROLLERS[service] !== undefined);
  const named = regular.filter(isNamed);
  const slug = device.label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") ||
    "device";
  const lists = (["ipv4", "ipv6"] as const).flatMap((version) =>
    (["from-device", "to-device"] as const).map((policy) =>
      accessList(slug, named, version, policy)
    )
  );
  const policyOf = (policy: Policy) => ({
    "access-lists": {
      "access-list": lists.filter(({ name }) => name.endsWith(policy)).map(({ name }) => ({
        name,
      })),
    },
  });
  const mud = {
    "ietf-mud:mud": {
      "mud-version": 1,
      "mud-url": `https://wifilogger.invalid/${slug}.json`,
      "last-update": new Date(nowMs).toISOString(),
      "cache-validity": CACHE_HOURS,
      "is-supported": true,
      "systeminfo": `${device.label}, as wifilogger saw it`.slice(0, MAX_SYSTEM_INFO),
      ...(maker !== undefined && { "mfg-name": maker }),
      "from-device-policy": policyOf("from-device"),
      "to-device-policy": policyOf("to-device"),
    },
    "ietf-access-control-list:acls": { acl: lists },
  };
  return { mud, nameless: regular.filter((contact) => !isNamed(contact)) };
}

/** `inet:domain-name` (RFC 6991). */
function isDnsName(name: string): boolean {
  return name.length <= 253 && /^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})+$/i.test(name) &&
    !/^[\d.]+$/.test(name);
}

function accessList(slug: string, contacts: readonly Contact[], version: Version, policy: Policy) {
  const isOther = version === "ipv4" ? "ipv6-icmp" : "icmp";
  return {
    name: `${slug}-${version}-${policy}`,
    type: `${version}-acl-type`,
    aces: {
      ace: contacts.filter(({ service }) => service !== isOther).map((contact, i) => ({
        name: `${policy}-${i}`,
        matches: matches(contact, version, policy),
        actions: { forwarding: "accept" },
      })),
    },
  };
}

function matches({ name, service }: Contact, version: Version, policy: Policy) {
  const [portText, transport = portText] = service.split("/");
  const isFrom = policy === "from-device";
  const isNamed = name !== undefined && isDnsName(name);
  const port = Number(portText.replace("+", ""));
  const range = { operator: portText.endsWith("+") ? "gte" : "eq", port };
  const ports = { [isFrom ? "destination-port" : "source-port"]: range };
  return {
    ...(!isNamed && { "ietf-mud:mud": { controller: CONTROLLERS[service] } }),
    [version]: {
      ...(isNamed && { [`ietf-acldns:${isFrom ? "dst" : "src"}-dnsname`]: name }),
      ...protocolOf(transport),
    },
    ...(transport === "tcp" &&
      { tcp: { "ietf-mud:direction-initiated": "from-device", ...ports } }),
    ...(transport === "udp" && { udp: ports }),
  };
}

function protocolOf(transport: string): { protocol?: number } {
  const protocol = PROTOCOLS[transport] ?? Number(transport);
  return Number.isInteger(protocol) ? { protocol } : {};
}
