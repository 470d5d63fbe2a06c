/**
 * docs/where_to_listen.md: its own commands, run in network namespaces, and what a logger sees then. The Pi is wired as
 * the document has it: eth0 to the router's side, eth1 to the devices. The ways "for good" are NetworkManager's, and tried by
 * tests/appliance/where_to_listen.ts.
 *
 * Each device pings a server that answers: its flow has five packets each way, of 84 bytes.
 */

import { eventually } from "../../scripts/household/eventually.ts";
import { wifilogger } from "../../scripts/household/logger.ts";
import { PrivateNamespaces, SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { askForLease, leaseIn, TAKE_LEASE } from "../lease.ts";
import { commandsOf as commandsIn } from "../listening_commands.ts";
import { whyNoNamespaces } from "../namespaces_missing.ts";
import { lacks, testWhen } from "../skip.ts";

const SERVER = "203.0.113.1";
const PINGS = 5;
const PING_BYTES = 84;

const open = () => PrivateNamespaces.open({ nameServer: SERVER });
const missing =
  lacks({ root: true, commands: ["ip", "tc", "nft", "ping", "sysctl", "dnsmasq", "busybox"] }) ??
    await whyNoNamespaces(open);

/** The commands of a block of the document, as root runs them. */
async function commandsOf(block: string): Promise<string> {
  return (await commandsIn(block)).replaceAll("sudo ", "");
}

/** Machines, each a namespace, with cables between them. */
class Rig implements AsyncDisposable {
  readonly #namespaces: PrivateNamespaces;
  #logger?: Deno.ChildProcess;

  private constructor(namespaces: PrivateNamespaces) {
    this.#namespaces = namespaces;
  }

  static async open(...machines: string[]): Promise<Rig> {
    const rig = new Rig(await open());
    for (const machine of machines) {
      await rig.#run(["ip", "netns", "add", machine]);
      await rig.sh(machine, "ip link set lo up; sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    }
    return rig;
  }

  /** Runs shell on a machine; it must succeed. */
  async sh(machine: string, script: string): Promise<string> {
    return await this.#run(["ip", "netns", "exec", machine, "sh", "-euc", script]);
  }

  /** A cable from an interface of one machine to one of another, each written `machine:interface`. */
  async cable(from: string, to: string): Promise<void> {
    const [a, aInterface] = from.split(":");
    const [b, bInterface] = to.split(":");
    await this.#run(
      `ip link add ${aInterface} netns ${a} type veth peer name ${bInterface} netns ${b}`.split(
        " ",
      ),
    );
    await this.sh(a, `ip link set ${aInterface} up`);
    await this.sh(b, `ip link set ${bInterface} up`);
  }

  /** Gives a machine its address and its way out. */
  async address(machine: string, name: string, address: string, gateway?: string): Promise<void> {
    await this.sh(machine, `ip address add ${address} dev ${name}`);
    if (gateway !== undefined) await this.sh(machine, `ip route add default via ${gateway}`);
  }

  /** Gets a lease for a machine. @returns its address */
  async lease(machine: string): Promise<string> {
    const script = `${SCRATCH}/take_lease`;
    await Deno.writeTextFile(this.#namespaces.path(script), TAKE_LEASE, { mode: 0o755 });
    return leaseIn(await this.sh(machine, askForLease(machine, script))).address;
  }

  /** Begins to log on an interface of the Pi. */
  async listen(name: string): Promise<void> {
    const argv = wifilogger(
      "run",
      "--interface",
      name,
      "--active-timeout",
      "1s",
      "--idle-timeout",
      "1s",
    );
    this.#logger = this.#spawn(["ip", "netns", "exec", "pi", ...argv]);
    await eventually("a logger that answers", async () => {
      try {
        return (await this.ask("status")) !== "";
      } catch {
        return false; // not yet
      }
    });
  }

  /** What the program says on the Pi. */
  async ask(...args: string[]): Promise<string> {
    return await this.sh("pi", wifilogger(...args).map((word) => `'${word}'`).join(" "));
  }

  /** What the doctor on the Pi says, whatever it finds. */
  async doctor(): Promise<string> {
    const words = wifilogger("doctor").map((word) => `'${word}'`).join(" ");
    return await this.sh("pi", `${words} || true`);
  }

  /** Pings the server from a machine. */
  async ping(machine: string): Promise<void> {
    await this.sh(machine, `ping -q -c ${PINGS} -i 0.2 ${SERVER}`);
  }

  /** Sums of the flows to the server, by the address that began them. */
  pinged(): Record<string, { packets: number; bytes: number; up: number; down: number }> {
    const sums: ReturnType<Rig["pinged"]> = {};
    let text = "";
    try {
      text = Deno.readTextFileSync(this.#namespaces.path("/mnt/ramlogs/today.log"));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter(Boolean)) {
      const { source, destination, network } = JSON.parse(line);
      if (destination?.ip !== SERVER || network.transport !== "icmp") continue;
      const sum = sums[source.ip] ??= { packets: 0, bytes: 0, up: 0, down: 0 };
      sum.packets += network.packets;
      sum.bytes += network.bytes;
      sum.up += source.packets;
      sum.down += destination.packets;
    }
    return sums;
  }

  /** Resolves when the log has what these addresses sent and got, to the packet, and nothing of others. */
  async untilLogged(...addresses: string[]): Promise<void> {
    const whole = { packets: 2 * PINGS, bytes: 2 * PINGS * PING_BYTES, up: PINGS, down: PINGS };
    await eventually(`pings of ${addresses} in the log`, () => {
      const sums = this.pinged();
      return addresses.every((address) => sums[address]?.packets === whole.packets);
    });
    assertEquals(this.pinged(), Object.fromEntries(addresses.map((one) => [one, whole])));
  }

  async #run(argv: string[]): Promise<string> {
    const { success, stdout, stderr } = await this.#spawn(argv).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`${argv.join(" ")}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  #spawn(argv: string[]): Deno.ChildProcess {
    const env = {
      HOME: `${SCRATCH}/home`,
      DENO_DIR: Deno.env.get("DENO_DIR")!,
      NO_COLOR: "1",
    };
    return this.#namespaces.spawn(argv, { env, stdin: "null", stdout: "piped", stderr: "piped" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namespaces[Symbol.asyncDispose]();
    await this.#logger?.stdout.cancel();
    await this.#logger?.stderr.cancel();
    await this.#logger?.status;
  }
}

/** The server, and the router that leads to it, with its inside at `router:lan`. */
async function layInternet(rig: Rig): Promise<void> {
  await rig.sh("router", `ip address add ${SERVER}/32 dev lo`);
}

testWhen(missing, "as router the Pi sees each device behind it by itself", async () => {
  await using rig = await Rig.open("pi", "router", "laptop");
  await layInternet(rig);
  await rig.cable("router:lan", "pi:eth0");
  await rig.cable("laptop:eth0", "pi:eth1");
  await rig.address("router", "lan", "192.0.2.1/24");
  await rig.address("pi", "eth0", "192.0.2.2/24", "192.0.2.1");
  await rig.sh("pi", await commandsOf("router"));
  await rig.listen("eth1");
  const address = await rig.lease("laptop");
  assertMatch(address, /^192\.168\.60\.\d+$/);
  await rig.ping("laptop");
  await rig.untilLogged(address);
  assertMatch(await rig.doctor(), /eth1 is up: a router's inside/);
  await rig.sh("pi", await commandsOf("router undo"));
  assertEquals(await rig.sh("pi", "cat /proc/sys/net/ipv4/ip_forward; nft list tables"), "0\n");
});

testWhen(missing, "as bridge the Pi sees what goes through the cable", async () => {
  await using rig = await Rig.open("pi", "router", "laptop");
  await layInternet(rig);
  await rig.cable("router:lan", "pi:eth0");
  await rig.cable("laptop:eth0", "pi:eth1");
  await rig.address("router", "lan", "192.0.2.1/24");
  await rig.address("pi", "eth0", "192.0.2.2/24");
  await rig.address("laptop", "eth0", "192.0.2.7/24", "192.0.2.1");
  await rig.sh("pi", await commandsOf("bridge"));
  await rig.listen("br0");
  await rig.ping("laptop");
  await rig.untilLogged("192.0.2.7");
  assertMatch(await rig.doctor(), /br0 is up: a bridge/);
  await rig.sh("pi", await commandsOf("bridge undo"));
  assertEquals(await rig.sh("pi", "ip -o link show type bridge"), "");
});

/** A switch between router, laptop and Pi; all but the Pi have addresses. */
async function switched(): Promise<Rig> {
  const rig = await Rig.open("pi", "router", "laptop", "switch");
  await layInternet(rig);
  await rig.cable("router:lan", "switch:lan");
  await rig.cable("laptop:eth0", "switch:port2");
  await rig.sh("switch", "ip link add br-lan type bridge; ip link set br-lan up");
  for (const port of ["lan", "port2"]) await rig.sh("switch", `ip link set ${port} master br-lan`);
  await rig.address("router", "lan", "192.0.2.1/24");
  await rig.address("laptop", "eth0", "192.0.2.7/24", "192.0.2.1");
  return rig;
}

testWhen(
  missing,
  "at a mirror port the Pi sees what the switch copies, without an address",
  async () => {
    await using rig = await switched();
    await rig.cable("pi:eth1", "switch:mirror");
    await rig.sh("switch", await commandsOf("tc"));
    await rig.sh("pi", await commandsOf("mirror"));
    await rig.listen("eth1");
    await rig.ping("laptop");
    await rig.untilLogged("192.0.2.7");
    assertMatch(await rig.doctor(), /eth1 is up: a mirror port's end/);
    await rig.sh("pi", await commandsOf("mirror undo"));
    await rig.sh("switch", await commandsOf("tc undo"));
    assertEquals(await rig.sh("switch", "tc filter show dev lan ingress"), "");
  },
);

testWhen(
  missing,
  "as plain client the Pi sees its own traffic, and of others that they are there",
  async () => {
    await using rig = await switched();
    await rig.cable("pi:eth0", "switch:port3");
    await rig.sh("switch", "ip link set port3 master br-lan");
    await rig.address("pi", "eth0", "192.0.2.2/24", "192.0.2.1");
    await rig.listen("eth0");
    await rig.ping("laptop");
    await rig.ping("pi");
    await rig.untilLogged("192.0.2.2");
    const said = await rig.doctor();
    assertMatch(said, /eth0 is up: a client/);
    assertMatch(said, /ONLY THIS MACHINE: .*\([1-9] devices? heard\).* docs\/where_to_listen\.md/);
  },
);
