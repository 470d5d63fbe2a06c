/** Frames longer than 64 kB, as offloads hand them over: what the log says is what the interface counted. */

import { eventually } from "../../scripts/household/eventually.ts";
import { ARCHIVE_DIR, wifilogger } from "../../scripts/household/logger.ts";
import { PrivateNamespaces, SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { Program } from "../../scripts/household/program.ts";
import { assertEquals, assertGreater } from "../assert.ts";
import { lacksLibpcap } from "../capture/source/lacks_libpcap.ts";
import { whyNoNamespaces } from "../namespaces_missing.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";
import { isGap } from "../../record/log_record.ts";

const openNamespaces = () => PrivateNamespaces.open({ nameServer: "127.0.0.1" });
const MISSING = lacks({ root: true, commands: ["ip", "unshare", "nsenter", "python3"] }) ??
  lacksLibpcap() ?? await whyNoNamespaces(openNamespaces);

/**
 * A cable whose both ends bear IPv6 packets of 200,000 bytes (BIG TCP, RFC 2675), and a server behind one of them. Nothing
 * else passes on it: no neighbour is asked for, no end has an address of its own making, and what is said on joining a group is
 * said at once.
 */
const LAY = `
ip link set lo up
ip netns add far
ip -n far link set lo up
quiet=/proc/sys/net/ipv6/conf/default/mldv2_unsolicited_report_interval
echo 1 >$quiet
ip netns exec far sh -c "echo 1 >$quiet"
ip link add a0 address 02:00:00:00:00:01 type veth peer name a1 address 02:00:00:00:00:02 netns far
for end in "a0 1 2" "-n far a1 2 1"; do
  set -- $end
  ip=ip
  [ "$1" != -n ] || { ip="ip -n $2"; shift 2; }
  $ip link set "$1" addrgenmode none gso_max_size 200000 gro_max_size 200000
  $ip link set "$1" up
  $ip address add "fd00::$2/64" dev "$1" nodad
  $ip neighbour add "fd00::$3" lladdr "02:00:00:00:00:0$3" dev "$1" nud permanent
done
ip address add 2600::1/128 dev lo nodad
ip -n far route add 2600::1/128 via fd00::1
`;

const BYTES = 20 << 20;
/** Without a packet for so long, no more come. */
const QUIET_MS = 200;

/** Takes all that one client sends. */
const SERVER = `
import socket
listener = socket.socket(socket.AF_INET6)
listener.bind(("2600::1", 443))
listener.listen()
print("listens", flush=True)
connection, _ = listener.accept()
while connection.recv(1 << 20): pass
`;

const CLIENT = `
import socket
client = socket.socket(socket.AF_INET6)
client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
client.connect(("2600::1", 443))
client.sendall(b"x" * ${BYTES})
client.close()
`;

testWhen(
  MISSING,
  "frames longer than 64 kB count with the bytes that the interface counted",
  async () => {
    await using namespaces = await openNamespaces();
    const start = (...argv: string[]) => {
      const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
      return new Program(namespaces.spawn(argv, {
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env: {
          HOME: `${SCRATCH}/home`,
          DENO_DIR: cache,
          NO_COLOR: "1",
          WIFILOGGER_REVERSE_DNS: "off",
        },
      }));
    };
    const run = async (...argv: string[]) => {
      const { code, stderr } = await start(...argv).ended;
      assertEquals(code, 0, stderr.join("\n"));
    };
    await run("sh", "-euc", LAY);
    const counter = (name: string) =>
      Number(Deno.readTextFileSync(namespaces.path(`/sys/class/net/a0/statistics/${name}`)));
    const counters = () => ({
      upPackets: counter("rx_packets"),
      downPackets: counter("tx_packets"),
      // Without Ethernet's header.
      upBytes: counter("rx_bytes") - 14 * counter("rx_packets"),
      downBytes: counter("tx_bytes") - 14 * counter("tx_packets"),
    });

    const server = start("python3", "-c", SERVER);
    await server.said("listens");
    const logger = start(...wifilogger("run", "--interface", "a0"));
    await logger.said("listening on a0");
    const before = counters();
    await run("ip", "netns", "exec", "far", "python3", "-c", CLIENT);
    await server.ended;
    let after = counters();
    await eventually("the connection's last packet", async () => {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const earlier = after;
      after = counters();
      return after.upBytes - before.upBytes > BYTES && after.upPackets === earlier.upPackets &&
        after.downPackets === earlier.downPackets;
    });
    const passed = {
      upPackets: after.upPackets - before.upPackets,
      downPackets: after.downPackets - before.downPackets,
      upBytes: after.upBytes - before.upBytes,
      downBytes: after.downBytes - before.downBytes,
    };
    assertGreater(passed.upBytes / passed.upPackets, 1 << 16, "the kernel made no long frames");
    logger.signal("SIGTERM");
    await logger.ended;

    const folder = namespaces.path(ARCHIVE_DIR);
    const text = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".log"))
      .map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`)).join("");
    const logged = { upPackets: 0, downPackets: 0, upBytes: 0, downBytes: 0 };
    for (const record of parseRecords(text)) {
      if (isGap(record)) continue;
      logged.upPackets += record.source.packets;
      logged.downPackets += record.destination.packets;
      logged.upBytes += record.source.bytes;
      logged.downBytes += record.destination.bytes;
    }
    assertEquals(logged, passed);
  },
);
