/** A live logger whose links change under it: each time it goes on within 5 s, and tells of the time between as a gap. */

import { eventually } from "../../scripts/household/eventually.ts";
import { RAM_LOG, wifilogger } from "../../scripts/household/logger.ts";
import { PrivateNamespaces, SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { Program } from "../../scripts/household/program.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import { assert, assertEquals } from "../assert.ts";
import { lacksLibpcap } from "../capture/source/lacks_libpcap.ts";
import { whyNoNamespaces } from "../namespaces_missing.ts";
import { lacks, testWhen } from "../skip.ts";
import { flowsIn, gapsIn } from "./live_household.ts";

const MISSING = lacks({ root: true, commands: ["ip", "unshare", "nsenter", "python3"] }) ??
  lacksLibpcap() ??
  await whyNoNamespaces(() => PrivateNamespaces.open({ nameServer: "127.0.0.1" }));

/** Two cables to another machine; the default route goes through the first. */
const LAY = `
ip netns add far
for cable in a b; do
  ip link add \${cable}0 type veth peer name \${cable}1 netns far
  ip link set \${cable}0 up
  ip netns exec far ip link set \${cable}1 up
done
ip address add 10.9.1.1/24 dev a0
ip address add 10.9.2.1/24 dev b0
ip route add default via 10.9.1.2 dev a0
`;

/** Sends a datagram between two public addresses on an interface of this or another namespace, by a packet socket. */
const SEND = `
import socket, struct, sys
interface, port = sys.argv[1], int(sys.argv[2])
udp = struct.pack("!HHHH", port, 9, 8, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, bytes([10, 9, 0, 9]), bytes([9, 9, 9, 9]))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((interface, 0))
s.send(bytes.fromhex("020000000002020000000001") + b"\\x08\\x00" + ip + udp)
`;

/** A tun device of a given name, whose frames are IP packets without a link header: the datagram above, twice a second. */
const TUN = `
import fcntl, os, struct, subprocess, sys, time
name, port = sys.argv[1], int(sys.argv[2])
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH", name.encode(), 0x1001))
subprocess.check_call(["ip", "link", "set", name, "up"])
udp = struct.pack("!HHHH", port, 9, 8, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, bytes([10, 9, 0, 9]), bytes([9, 9, 9, 9]))
while True:
    os.write(tun, ip + udp)
    time.sleep(0.5)
`;

/** The rig, and a logger in it. */
class Links implements AsyncDisposable {
  readonly #namespaces: PrivateNamespaces;
  readonly #started: Program[] = [];
  #port = 20_000;

  private constructor(namespaces: PrivateNamespaces) {
    this.#namespaces = namespaces;
  }

  static async open(): Promise<Links> {
    const links = new Links(await PrivateNamespaces.open({ nameServer: "127.0.0.1" }));
    await links.run(LAY);
    return links;
  }

  start(argv: readonly string[], env: Record<string, string> = {}): Program {
    const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const program = new Program(this.#namespaces.spawn(argv, {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { HOME: SCRATCH, DENO_DIR: cache, NO_COLOR: "1", ...env },
    }));
    this.#started.push(program);
    return program;
  }

  async run(script: string): Promise<void> {
    const { code, stderr } = await this.start(["sh", "-euc", script]).ended;
    assertEquals(code, 0, stderr.join("\n"));
  }

  async startLogger(...args: string[]): Promise<Program> {
    const env = { WIFILOGGER_ACTIVE_TIMEOUT: "1s", WIFILOGGER_REVERSE_DNS: "off" };
    const logger = this.start(wifilogger("run", ...args), env);
    await logger.until("an interface in the status", async () => (await this.interface()).isUp);
    return logger;
  }

  /** What the logger listens on. */
  async interface(): Promise<{ name: string; isUp: boolean; linkType: string | undefined }> {
    const path = this.#namespaces.path("/run/wifilogger/control.sock");
    try {
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
      const status: LoggerStatus = await (await fetch("http://x/v1/status", { client })).json();
      return status.interfaces[0] as never;
    } catch {
      return { name: "", isUp: false, linkType: undefined };
    }
  }

  lines(): string[] {
    return Deno.readTextFileSync(this.#namespaces.path(RAM_LOG)).split("\n").slice(0, -1);
  }

  /** How many outages the log tells of. */
  outages(): number {
    return gapsIn(this.lines()).filter((reason) => reason === "interface_down").length;
  }

  /** Waits until what is sent at the far end of a cable is logged; sends again and again. @returns after how many ms */
  async untilLogged(far: string, isReady: () => Promise<boolean>): Promise<number> {
    const startMs = performance.now();
    await eventually("the interface up in the status", isReady);
    const port = this.#port++;
    await this.run(`ip netns exec far python3 - ${far} ${port} <<'END'\n${SEND}\nEND`);
    const ms = performance.now() - startMs;
    await this.untilPort(port);
    return ms;
  }

  async untilPort(port: number): Promise<void> {
    await eventually(
      "the packet in the log",
      () => flowsIn(this.lines()).some(({ source }) => source.port === port),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namespaces[Symbol.asyncDispose]();
    await Promise.all(this.#started.map(({ ended }) => ended));
  }
}

/** What the kernel and this machine's load may take besides. */
const WITHIN_MS = 5_000 + 2_000;

testWhen(MISSING, "run follows the default route, and an interface that is renamed", async () => {
  await using links = await Links.open();
  await links.startLogger();
  const isOn = (wanted: string) => async () => {
    const { name, isUp } = await links.interface();
    return name === wanted && isUp;
  };
  await links.untilLogged("a1", isOn("a0"));

  await links.run("ip route replace default via 10.9.2.2 dev b0");
  assert(await links.untilLogged("b1", isOn("b0")) < WITHIN_MS);
  assertEquals(links.outages(), 1);

  await links.run(`
    ip link set b0 down; ip link set b0 name usb7; ip link set usb7 up
    ip route replace default via 10.9.2.2 dev usb7`);
  assert(await links.untilLogged("b1", isOn("usb7")) < WITHIN_MS);
  assertEquals(links.outages(), 2);
});

testWhen(
  MISSING,
  "run goes on when its interface is renamed and back, gets another address and MTU, is replaced by one of another link type, and back",
  async () => {
    await using links = await Links.open();
    await links.startLogger("--interface", "a0");
    const isType = (wanted: string) => async () => {
      const { linkType, isUp } = await links.interface();
      return linkType === wanted && isUp;
    };
    await links.untilLogged("a1", isType("EN10MB"));

    await links.run(
      "ip address flush dev a0; ip address add 10.9.7.1/24 dev a0; ip link set a0 mtu 9000",
    );
    await links.untilLogged("a1", isType("EN10MB"));
    assertEquals(links.outages(), 0);

    await links.run("ip link set a0 down; ip link set a0 name gone0; ip link set gone0 up");
    await eventually("a0 gone in the status", async () => !(await links.interface()).isUp);
    await links.run("ip link set gone0 down; ip link set gone0 name a0; ip link set a0 up");
    assert(await links.untilLogged("a1", isType("EN10MB")) < WITHIN_MS);
    assertEquals(links.outages(), 1);

    await links.run("ip link delete a0");
    links.start(["python3", "-c", TUN, "a0", "30000"]);
    const startMs = performance.now();
    await eventually("raw IP in the status", isType("RAW"));
    assert(performance.now() - startMs < WITHIN_MS);
    await links.untilPort(30_000);
    assertEquals(links.outages(), 2);
  },
);

testWhen(
  MISSING,
  "run knows within seconds whose a MAC address is, when its interface gets its address late",
  async () => {
    await using links = await Links.open();
    await links.startLogger("--interface", "a0");
    const isUp = async () => (await links.interface()).isUp;
    /** The sender's MAC address in the record of its last packet. */
    const macLogged = async () => {
      await links.untilLogged("a1", isUp);
      return flowsIn(links.lines()).at(-1)!.source.mac;
    };
    assertEquals(await macLogged(), undefined, "the sender is in no network of the interface");

    await links.run("ip address add 10.9.0.1/24 dev a0");
    const startMs = performance.now();
    await eventually("the MAC address in a record", async () => await macLogged() !== undefined);
    assert(performance.now() - startMs < WITHIN_MS);
    assertEquals(flowsIn(links.lines()).at(-1)!.source.mac, "02:00:00:00:00:01");
  },
);
