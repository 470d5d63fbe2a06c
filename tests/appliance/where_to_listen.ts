/**
 * docs/where_to_listen.md: the ways "for good", set up by its own commands on a booted Debian with NetworkManager, before
 * and after a reboot, and taken back. `scripts/dev.sh test:listen`
 *
 *     router, bridge:  router:lan - eth0:pi:eth1 - switch - laptop, phone
 *     mirror port:     router:lan - switch - laptop, phone, eth0:pi; the switch copies what passes `lan` to eth1:pi
 *
 * Each device gets a lease, asks for the server's name and pings it: its flow has five packets each way, of 84 bytes.
 */

import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { askForLease, leaseIn, TAKE_LEASE } from "../lease.ts";
import { commandsOf } from "../listening_commands.ts";
import { lacks, testWhen } from "../skip.ts";
import { packageOf } from "./debian_packages.ts";
import { debianRoot } from "./debian_root.ts";
import { inRam, untilIt, whyNoMachine } from "./installation.ts";
import { Machine } from "./machine.ts";
import { Neighbour } from "./neighbour.ts";

const SERVER = "203.0.113.1";
const SERVER_NAME = "server.example.org";
/** As home routers give them to their network. */
const HOME_NETWORK = "192.168.1.";
const ROUTER = `${HOME_NETWORK}1`;
const PINGS = 5;
const PING_BYTES = 84;
const DEVICES = ["laptop", "phone"];
/** One of the document's ways. */
interface Way {
  /** As its blocks of commands are called. */
  readonly name: string;
  /** Where the document says to listen. */
  readonly interface: string;
  /** Where the Pi has an address from the router. */
  readonly outside: string;
  /** What the devices' addresses begin with. */
  readonly network: string;
  /** What `wifilogger doctor` says of it. */
  readonly vantage: RegExp;
  /** Lays the cables of the Pi, which end with its boot. */
  readonly plug: (rig: Rig) => Promise<void>;
  /** What else the document says of it, while the logger listens; given the commands of the devices' traffic. */
  readonly holds: (rig: Rig, traffic: () => Promise<void>) => Promise<void>;
  /** Whether nothing of it is left. */
  readonly isUndone: (rig: Rig) => Promise<boolean>;
}

const WAYS: readonly Way[] = [
  {
    name: "router",
    interface: "eth1",
    outside: "eth0",
    network: "192.168.60.",
    vantage: /eth1 is up: a router's inside/,
    plug: (rig) => rig.plugBetween(),
    async holds(rig, traffic) {
      await traffic();
      // The router knows no way to the devices: its answers came because addresses were translated.
      assertEquals(await rig.router.sh("ip route show 192.168.60.0/24"), "");
      for (const device of rig.devices.values()) {
        assertEquals(await device.sh("ip -6 route show default"), "");
      }
    },
    async isUndone({ pi }) {
      const tables = await pi.output("nft", "list", "tables");
      const { code } = await pi.run("pgrep", "dnsmasq");
      return tables === "" && code === 1 && !(await pi.ip("address")).includes("192.168.60.1");
    },
  },
  {
    name: "bridge",
    interface: "br0",
    outside: "br0",
    network: HOME_NETWORK,
    vantage: /br0 is up: a bridge/,
    plug: (rig) => rig.plugBetween(),
    holds: (_rig, traffic) => traffic(),
    async isUndone({ pi }) {
      const hasAddress = (await pi.ip("-o -4 address show dev eth0")).includes(` ${HOME_NETWORK}`);
      return hasAddress && await pi.ip("-o link show type bridge") === "";
    },
  },
  {
    name: "mirror",
    interface: "eth1",
    outside: "eth0",
    network: HOME_NETWORK,
    vantage: /eth1 is up: a mirror port's end/,
    plug: (rig) => rig.plugAtSwitch(),
    async holds(rig, traffic) {
      assertMatch(await rig.pi.ip("link show dev eth1"), /[<,]PROMISC[,>]/);
      const before = await rig.saidAtMirror();
      await traffic();
      assertEquals(await rig.saidAtMirror(), before, "the Pi says nothing there");
      assertEquals(await rig.pi.ip("-o address show dev eth1"), "");
    },
    isUndone: async ({ pi }) => !(await pi.ip("link show dev eth1")).includes("PROMISC"),
  },
];

/** The Pi, which is not plugged in at first, and the network around it. */
class Rig implements AsyncDisposable {
  readonly #folder: string;
  readonly #things = new AsyncDisposableStack();
  pi!: Machine;
  router!: Neighbour;
  switch!: Neighbour;
  readonly devices = new Map<string, Neighbour>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(root: string): Promise<Rig> {
    const rig = new Rig(await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-rig-" }));
    try {
      await rig.#open(root);
      return rig;
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #open(root: string): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/take_lease`, TAKE_LEASE, { mode: 0o755 });
    this.pi = this.#things.use(await Machine.boot(root));
    const neighbour = async () => this.#things.use(await Neighbour.open());
    this.router = await neighbour();
    await this.router.sh(`ip address add ${SERVER}/32 dev lo`);
    this.router.start(
      ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file="],
      ...["--interface=lan", "--bind-dynamic", "--no-resolv", "--no-hosts"],
      ...[`--address=/${SERVER_NAME}/${SERVER}`, `--log-facility=${this.#folder}/dnsmasq.log`],
      `--dhcp-range=${HOME_NETWORK}50,${HOME_NETWORK}99`,
      `--dhcp-leasefile=${this.#folder}/leases`,
    );
    this.switch = await neighbour();
    await this.switch.sh("ip link add br-lan type bridge; ip link set br-lan up");
    for (const name of DEVICES) {
      const device = await neighbour();
      await this.switch.cable(name, device, "eth0");
      await this.#switched(name);
      this.devices.set(name, device);
    }
  }

  async #switched(port: string): Promise<void> {
    await this.switch.sh(`ip link set ${port} master br-lan`);
  }

  /** The Pi between the router and the switch. */
  async plugBetween(): Promise<void> {
    await this.router.cable("lan", this.pi, "eth0");
    await this.router.sh(`ip address add ${ROUTER}/24 dev lan`);
    await this.switch.cable("uplink", this.pi, "eth1");
    await this.#switched("uplink");
  }

  /** The Pi at two ports of the switch, one of which has copies of what passes the router's. */
  async plugAtSwitch(): Promise<void> {
    if (!(await this.router.sh("ip -o link")).includes("lan@")) {
      await this.router.cable("lan", this.switch, "lan");
      await this.#switched("lan");
      await this.router.sh(`ip address add ${ROUTER}/24 dev lan`);
    }
    await this.switch.cable("port3", this.pi, "eth0");
    await this.#switched("port3");
    await this.switch.cable("mirror", this.pi, "eth1");
    await this.switch.sh(`tc qdisc del dev lan clsact 2>/dev/null || true
      ${await commandsOf("tc")}`);
  }

  async untilPiHasAddress(name: string): Promise<void> {
    await eventually(
      `a lease for the Pi on ${name}`,
      async () => (await this.pi.ip(`-o -4 address show dev ${name}`)).includes(` ${HOME_NETWORK}`),
    );
  }

  /** Packets that the Pi has sent to the mirror port. */
  async saidAtMirror(): Promise<number> {
    const [{ stats64 }] = JSON.parse(await this.switch.sh("ip -s -j link show dev mirror"));
    return stats64.rx.packets;
  }

  /** A device gets a lease, asks for the server's name, and pings it. @returns its address */
  async visit(name: string): Promise<string> {
    const device = this.devices.get(name)!;
    const said = await device.sh(askForLease(name, `${this.#folder}/take_lease`));
    const { address, nameServer } = leaseIn(said);
    const answer = await device.sh(`busybox nslookup ${SERVER_NAME} ${nameServer} || true`);
    assert(answer.includes(SERVER), answer);
    await device.sh(`ping -q -c ${PINGS} -i 0.2 ${SERVER}`);
    return address;
  }

  /** What was pinged, by the device's address. */
  pinged(): Record<string, unknown> {
    const sums: Record<string, ReturnType<typeof visitOf>> = {};
    for (const line of inRam(this.pi)) {
      const { source, destination, network } = JSON.parse(line);
      if (destination?.ip !== SERVER || network.transport !== "icmp") continue;
      const sum = sums[source.ip] ??= { ...visitOf(source.domain), place: destination.domain };
      sum.packets += network.packets;
      sum.bytes += network.bytes;
      sum.up += source.packets;
      sum.down += destination.packets;
    }
    return sums;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function visitOf(device: string) {
  return { device, place: SERVER_NAME, packets: 0, bytes: 0, up: 0, down: 0 };
}

/** Has every device visit the server, and holds the log to it: each by itself, to the packet, and nothing else. */
async function seesEach(rig: Rig, { network }: Way): Promise<void> {
  const whole = { packets: 2 * PINGS, bytes: 2 * PINGS * PING_BYTES, up: PINGS, down: PINGS };
  const expected: Record<string, unknown> = {};
  await Promise.all(DEVICES.map(async (name) => {
    const address = await rig.visit(name);
    assert(address.startsWith(network), address);
    expected[address] = { ...visitOf(name), ...whole };
  }));
  const packets = (sums: Record<string, unknown>) =>
    Object.values(sums).reduce((sum: number, one) => sum + (one as { packets: number }).packets, 0);
  await eventually("all pings in the log", () => packets(rig.pinged()) >= packets(expected));
  assertEquals(rig.pinged(), expected);
}

/** The bytes of a package of these sources. */
async function packageBytes(): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "wifilogger-packages-" });
  try {
    return await Deno.readFile(await packageOf(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PACKAGES = ["network-manager", "dnsmasq-base", "nftables", "iproute2"];
const ROOTS = ["bookworm", "trixie"].map((suite) => ({ suite, packages: PACKAGES }));
const commands = ["ip", "tc", "ping", "dnsmasq", "busybox"];
const missing = lacks({ root: true, commands }) ?? await whyNoMachine(ROOTS[0]) ??
  await whyNoMachine(ROOTS[1]);
const wifilogger = missing === null ? await packageBytes() : undefined;

for (const root of ROOTS) {
  for (const way of WAYS) {
    testWhen(missing, `${way.name}, for good, on ${root.suite}`, async (t) => {
      /** What comes after a step that failed would fail for no reason of its own. */
      const step = async (name: string, fn: () => void | Promise<void>) => {
        if (!await t.step(name, fn)) throw new Error(`stopped at: ${name}`);
      };
      await using rig = await Rig.open(await debianRoot(root));
      const { pi } = rig;
      /** Runs shell as pi, which must succeed. */
      const asPi = async (script: string) => {
        const { code, stdout, stderr } = await pi.runAsPi(`set -e; ${script}`);
        assertEquals(code, 0, `${script}: ${stdout}${stderr}`);
      };
      const setUp = async () => await asPi(await commandsOf(`${way.name} for good`));
      const undo = async () => {
        await asPi(await commandsOf(`${way.name} for good undo`));
        await eventually("a network as it was", () => way.isUndone(rig));
        const connections = await pi.output("nmcli", "--get-values", "NAME", "connection");
        assertEquals(connections.includes("wifilogger"), false, connections);
      };
      const holds = async () => {
        await rig.untilPiHasAddress(way.outside);
        await untilIt(pi, "capturing", way.interface);
        await way.holds(rig, () => seesEach(rig, way));
        assertMatch((await pi.run("wifilogger", "doctor")).stdout, way.vantage);
      };
      await Deno.writeFile(pi.path("/tmp/wifilogger.deb"), wifilogger!);
      await asPi("sudo DEBIAN_FRONTEND=noninteractive apt-get -qqy install /tmp/wifilogger.deb");
      const fast = "WIFILOGGER_IDLE_TIMEOUT=1s\\nWIFILOGGER_ACTIVE_TIMEOUT=1s\\n";
      await asPi(`printf '${fast}' | sudo tee -a /etc/wifilogger/env`);

      await step("its commands set it up, and take it back", async () => {
        await way.plug(rig);
        await rig.untilPiHasAddress("eth0"); // for which NetworkManager needs nobody
        await setUp();
        await undo();
      });

      await step("what is said of it holds", async () => {
        await setUp();
        await asPi((await commandsOf("package")).replace("wlan0", way.interface));
        await holds();
      });

      await step("so it does after a reboot", async () => {
        await pi.reboot();
        await way.plug(rig);
        await holds();
      });

      await step("it is undone", undo);
    });
  }
}
