/** What the system knows of its network interfaces: their names, networks, state, and the default route. Linux only. */

import { CaptureError } from "./capture_error.ts";
import { readSystemFile } from "./system_file.ts";

/** The pseudo interface that listens on all others. */
export const ANY_INTERFACE = "any";

/** Names of the interfaces there are, but for the loopback. */
export function interfaceNames(): string[] {
  return [...Deno.readDirSync("/sys/class/net")].map(({ name }) => name)
    .filter((name) => name !== "lo" && interfaceFlags(name) !== undefined).sort();
}

/**
 * The networks of the given interfaces in CIDR notation; of all of them when `any` is among the names. `addresses` are
 * those of the machine, for who asks more of them at once.
 */
export function interfaceNetworks(
  names: readonly string[],
  addresses: readonly Deno.NetworkInterfaceInfo[] = Deno.networkInterfaces(),
): string[] {
  const all = names.includes(ANY_INTERFACE);
  return addresses
    .filter(({ name, cidr }) => (all || names.includes(name)) && cidr !== null)
    .map(({ cidr }) => cidr)
    // A prefix of 0 would make the whole Internet local.
    .filter((cidr) => !cidr.endsWith("/0"));
}

/** The addresses of this machine, on all its interfaces. */
export function ownAddresses(addresses: readonly Deno.NetworkInterfaceInfo[]): string[] {
  return addresses.map(({ address }) => address);
}

const IFF_UP = 0x1;

/** Whether packets can pass an interface: it is there, up, and has a carrier. */
export function interfaceIsUp(name: string): boolean {
  if (name === ANY_INTERFACE) return true;
  const flags = interfaceFlags(name);
  if (flags === undefined || (flags & IFF_UP) === 0) return false;
  const state = readSystemFile(`/sys/class/net/${name}/operstate`)?.trim();
  // `unknown` is what drivers say that do not keep track, the loopback's among them.
  return state === undefined || state === "up" || state === "unknown" || state === "dormant";
}

/**
 * What tells an interface from another that had or will have the same name, and its link type from another: `undefined`
 * when there is none of that name.
 */
export function interfaceIdentity(name: string): string | undefined {
  if (name === ANY_INTERFACE) return name;
  const folder = `/sys/class/net/${name}`;
  const index = readSystemFile(`${folder}/ifindex`)?.trim();
  return index && `${index} ${readSystemFile(`${folder}/type`)?.trim()}`;
}

/**
 * Whether the system tells nothing of any interface: so it is for a process whose file descriptors are used up. Of an
 * interface that seems to be gone then, nothing is known.
 */
export function interfacesAreHidden(): boolean {
  return readSystemFile("/sys/class/net/lo/ifindex") === undefined;
}

function interfaceFlags(name: string): number | undefined {
  const text = readSystemFile(`/sys/class/net/${name}/flags`);
  return text === undefined ? undefined : Number(text);
}

/**
 * The interface of the default route, the IPv4 one before the IPv6 one, of several the one with the lowest metric.
 *
 * @throws {CaptureError} `no_such_interface` when there is none; the message names the interfaces there are
 */
export function defaultInterface(): string {
  const name = ipv4DefaultInterface() ?? ipv6DefaultInterface();
  if (name !== undefined) return name;
  throw new CaptureError(
    "no_such_interface",
    `cannot choose an interface: there is no default route. ${interfaceAdvice()}`,
  );
}

/** What to do about an interface that is not there. */
export function interfaceAdvice(): string {
  const names = interfaceNames();
  if (names.length === 0) return "This machine has no network interface";
  return `Name one with --interface; there are: ${[...names, ANY_INTERFACE].join(", ")}`;
}

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** `/proc/self/net/route`: interface, destination, gateway, flags, reference count, use, metric, mask...; numbers in hex but the metric. */
function ipv4DefaultInterface(): string | undefined {
  return lowestMetric(
    tableRows("/proc/self/net/route").slice(1).flatMap((row) => {
      const [name, destination, , flags, , , metric, mask] = row;
      if (destination !== "00000000" || mask !== "00000000") return [];
      return isUsable(parseInt(flags, 16)) ? [{ name, metric: Number(metric) }] : [];
    }),
  );
}

/** `/proc/self/net/ipv6_route`: destination, its prefix length, source, its, next hop, metric, reference count, use, flags, interface; in hex. */
function ipv6DefaultInterface(): string | undefined {
  return lowestMetric(
    tableRows("/proc/self/net/ipv6_route").flatMap((row) => {
      const [destination, prefixLength, , , , metric, , , flags, name] = row;
      if (!/^0+$/.test(destination) || prefixLength !== "00" || name === "lo") return [];
      return isUsable(parseInt(flags, 16)) ? [{ name, metric: parseInt(metric, 16) }] : [];
    }),
  );
}

function isUsable(flags: number): boolean {
  return (flags & (RTF_UP | RTF_REJECT)) === RTF_UP;
}

function lowestMetric(routes: { name: string; metric: number }[]): string | undefined {
  return routes.sort((a, b) => a.metric - b.metric)[0]?.name;
}

function tableRows(path: string): string[][] {
  const text = readSystemFile(path) ?? ""; // IPv6 may be switched off
  return text.split("\n").filter(Boolean).map((line) => line.trim().split(/\s+/));
}
