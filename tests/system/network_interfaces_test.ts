/** What the logger says of interfaces and routes, each time in a network namespace made for it. */

import { fromFileUrl } from "@std/path";
import { assertEquals, assertMatch } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";

const SCRIPT = fromFileUrl(new URL("ask_interfaces.ts", import.meta.url));
const MISSING = lacks({ root: true, commands: ["unshare", "ip"] });

const TWO_INTERFACES = [
  "ip link set lo up",
  "ip link add wlan0 type veth peer name eth0",
  "ip addr add 192.168.7.2/24 dev wlan0",
  "ip addr add 10.1.0.2/16 dev eth0",
  "ip link set wlan0 up",
  "ip link set eth0 up",
];

interface Said {
  readonly names: string[];
  readonly up: string[];
  readonly chosen: string;
  readonly networks: string[];
  readonly networksOfWlan0: string[];
}

/** What is said in a new network namespace after these commands. */
async function saidAfter(...commands: string[]): Promise<Said> {
  const script = ["set -e", "mount -t sysfs sysfs /sys", ...commands, 'exec "$@"'].join("\n");
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "sh", "-c", script, "sh"],
      ...[Deno.execPath(), "run", "--frozen", "--no-check", "-A", SCRIPT],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

testWhen(
  MISSING,
  "`defaultInterface()` takes the IPv4 route with the lowest metric that can be used",
  async () => {
    const { chosen } = await saidAfter(
      ...TWO_INTERFACES,
      "ip route add unreachable default metric 5",
      "ip -6 route add default via fe80::1 dev eth0 metric 50",
      "ip route add default via 10.1.0.1 dev eth0 metric 300",
      "ip route add default via 192.168.7.1 dev wlan0 metric 200",
    );
    assertEquals(chosen, "wlan0");
  },
);

testWhen(MISSING, "`defaultInterface()` takes the IPv6 route where there is no other", async () => {
  const { chosen } = await saidAfter(
    ...TWO_INTERFACES,
    "ip -6 route add default via fe80::1 dev eth0 metric 50",
    "ip -6 route add default via fe80::1 dev wlan0 metric 60",
    "ip route add 203.0.113.0/24 via 192.168.7.1 dev wlan0",
  );
  assertEquals(chosen, "eth0");
});

testWhen(
  MISSING,
  "`defaultInterface()` says which interfaces there are where no route chooses one",
  async () => {
    const { chosen } = await saidAfter(...TWO_INTERFACES);
    assertMatch(
      chosen,
      /^cannot choose an interface: .*Name one with --interface; .*eth0, wlan0, any$/,
    );
    assertMatch((await saidAfter()).chosen, /This machine has no network interface$/);
  },
);

testWhen(
  MISSING,
  "`interfaceNetworks()` gives the networks of the named interfaces, or of all",
  async () => {
    const { names, networks, networksOfWlan0 } = await saidAfter(...TWO_INTERFACES);
    assertEquals(names, ["eth0", "wlan0"]);
    assertEquals(networks, ["10.1.0.2/16", "127.0.0.1/8", "192.168.7.2/24", "::1/128"]);
    assertEquals(networksOfWlan0, ["192.168.7.2/24"]);
  },
);

testWhen(MISSING, "`interfaceNetworks()` never makes the whole Internet local", async () => {
  const { networksOfWlan0 } = await saidAfter(...TWO_INTERFACES, "ip addr add 9.9.9.9/0 dev wlan0");
  assertEquals(networksOfWlan0, ["192.168.7.2/24"]);
});

testWhen(
  MISSING,
  "`interfaceIsUp()` tells an interface that is down, or without carrier, from one that is up",
  async () => {
    assertEquals((await saidAfter(...TWO_INTERFACES)).up, ["eth0", "wlan0", "lo", "any"]);
    // With one end down, the other has no carrier.
    assertEquals((await saidAfter(...TWO_INTERFACES, "ip link set eth0 down")).up, ["lo", "any"]);
  },
);
