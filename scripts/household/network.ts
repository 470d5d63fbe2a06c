/**
 * The household's links and addresses, laid with `ip`:
 *
 *     laptop ─┐
 *     phone  ─┼─ br-lan (router, the set's first network namespace) wan0 ── internet (all servers)
 *     tv     ─┘
 *
 * The router forwards without translating addresses, so that the same flow has the same addresses on both
 * sides. There is no way out of the set. Neighbours on the Internet link are fixed and nothing there asks for
 * routers, so that its interface counters count the household's traffic and nothing else.
 */

import { DEVICES, LAN, serverAddresses, WAN } from "./addresses.ts";

/** A machine of the household; each has a network namespace of its own. */
export type Machine = "router" | "internet" | keyof typeof DEVICES;

/** Runs a program on a machine with this text as its stdin. @throws when it fails */
export type RunOn = (machine: Machine, argv: readonly string[], stdin: string) => Promise<void>;

/** Lays everything, in a set of namespaces that has nothing yet. */
export async function layNetwork(run: RunOn): Promise<void> {
  const machines = [...Object.keys(DEVICES) as Machine[], "internet"] as const;
  await run("router", ["sh", "-eu"], machines.map((name) => `ip netns add ${name}`).join("\n"));
  for (const machine of ["router", ...machines] as const) await run(machine, ["sh", "-eu"], QUIET);
  await run("router", ["sh", "-eu"], FORWARD);
  await run("router", IP_BATCH, [...cables(), ...routerWan()].join("\n"));
  await layLan(run);
  await run("internet", IP_BATCH, internet().join("\n"));
  for (const [name, device] of Object.entries(DEVICES)) {
    await run(name as Machine, IP_BATCH, deviceEnd(device).join("\n"));
  }
}

/** Makes the LAN bridge with its addresses and plugs the devices in; again, after the bridge was deleted. */
export async function layLan(run: RunOn): Promise<void> {
  const { interface: bridge, router, ipv4PrefixLength, ipv6PrefixLength } = LAN;
  const commands = [
    `link add ${bridge} address ${router.mac} type bridge`,
    `address add ${router.ipv4}/${ipv4PrefixLength} dev ${bridge}`,
    `link set ${bridge} up`,
    `address add ${router.ipv6}/${ipv6PrefixLength} dev ${bridge} nodad`,
    ...Object.keys(DEVICES).map((name) => `link set lan-${name} master ${bridge} up`),
  ];
  await run("router", IP_BATCH, commands.join("\n"));
}

const IP_BATCH = ["ip", "-batch", "-"];

/** Before any link is up: no asking for routers, and what is said on joining a group is said at once. */
const QUIET = `
cd /proc/sys/net/ipv6/conf/default
echo 0 >router_solicitations
echo 1 >mldv2_unsolicited_report_interval
`;

const FORWARD = `
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
`;

function cables(): string[] {
  return [
    ...Object.entries(DEVICES).map(([name, { mac }]) =>
      `link add lan-${name} type veth peer name eth0 address ${mac} netns ${name}`
    ),
    `link add ${WAN.interface} address ${WAN.router.mac} type veth ` +
    `peer name eth0 address ${WAN.provider.mac} netns internet`,
  ];
}

function routerWan(): string[] {
  const { interface: link, router, provider, ipv4PrefixLength, ipv6PrefixLength } = WAN;
  return [
    `link set lo up`,
    `link set ${link} addrgenmode none`,
    `link set ${link} up`,
    `address add ${router.ipv4}/${ipv4PrefixLength} dev ${link}`,
    `address add ${router.ipv6}/${ipv6PrefixLength} dev ${link} nodad`,
    `neighbour add ${provider.ipv4} lladdr ${provider.mac} dev ${link} nud permanent`,
    `neighbour add ${provider.ipv6} lladdr ${provider.mac} dev ${link} nud permanent`,
    `route add default via ${provider.ipv4}`,
    `route add default via ${provider.ipv6}`,
  ];
}

function internet(): string[] {
  const { router, provider, ipv4PrefixLength, ipv6PrefixLength } = WAN;
  return [
    `link set lo up`,
    `link set eth0 addrgenmode none`,
    `link set eth0 up`,
    `address add ${provider.ipv4}/${ipv4PrefixLength} dev eth0`,
    `address add ${provider.ipv6}/${ipv6PrefixLength} dev eth0 nodad`,
    `neighbour add ${router.ipv4} lladdr ${router.mac} dev eth0 nud permanent`,
    `neighbour add ${router.ipv6} lladdr ${router.mac} dev eth0 nud permanent`,
    `route add default via ${router.ipv4}`,
    `route add default via ${router.ipv6}`,
    ...serverAddresses().map((address) =>
      address.includes(":")
        ? `address add ${address}/128 dev lo nodad`
        : `address add ${address}/32 dev lo`
    ),
  ];
}

function deviceEnd(device: typeof DEVICES[keyof typeof DEVICES]): string[] {
  return [
    `link set lo up`,
    `link set eth0 up`,
    `address add ${device.ipv4}/${LAN.ipv4PrefixLength} dev eth0`,
    `address add ${device.ipv6}/${LAN.ipv6PrefixLength} dev eth0 nodad`,
    `route add default via ${LAN.router.ipv4}`,
    `route add default via ${LAN.router.ipv6}`,
  ];
}
