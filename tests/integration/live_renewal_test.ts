/** Databases are fetched beside a logger that is at work; and what leaves the machine then, watched on its link. */

import { fromFileUrl } from "@std/path";
import { SERVERS, WAN } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import type { Household } from "../../scripts/household/household.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "../assert.ts";
import { TOKEN } from "../service/renewal/places_server.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  gapsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

const PROGRAM = fromFileUrl(new URL("./places_program.ts", import.meta.url));
const { ipv4 } = SERVERS.nameless;

const DISCARD_PORT = 9;
/** Sends datagrams to a server's discard port, 2,000 a second, until it is told to stop; then says how many it sent. */
const STEADY_TRAFFIC = `
  import { createSocket } from "node:dgram";
  const socket = createSocket("udp4");
  let [sent, isOver] = [0, false];
  Deno.addSignalListener("SIGTERM", () => isOver = true);
  await new Promise((connected) => socket.connect(${DISCARD_PORT}, "${SERVERS.updates.ipv4}", connected));
  console.log("sending");
  while (!isOver) {
    const turn = Array.from({ length: 20 }, () => new Promise((done) => socket.send(new Uint8Array(400), done)));
    sent += (await Promise.all(turn)).length;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  console.log(sent);
  socket.close();`;

testWhen(
  liveMissing,
  "places update gives a running logger newer places, which loses no packet meanwhile and asks for no address",
  async () => {
    await using household = await openLiveHousehold();
    const args = ["run", "-A", "--cached-only", PROGRAM, `${ipv4}/32`];
    const service = household.start("router", [Deno.execPath(), ...args]);
    await service.said("ready");
    const url = service.stdout[0].split(" at ")[1];
    const env = {
      HOME: `${SCRATCH}/home`,
      IPINFO_TOKEN: TOKEN,
      WIFILOGGER_IPINFO_URL: url,
      WIFILOGGER_ACTIVE_TIMEOUT: "1s",
      WIFILOGGER_REVERSE_DNS: "off",
    };
    const logger = await startLogger(household, [], { env });
    assertStringIncludes(
      logger.stderr.join("\n"),
      "IPinfo's database is fetched weekly, and no address",
    );
    const countries = async () => {
      await curl(household, "laptop", `http://${ipv4}/1000`);
      return flowsIn(ramLines(household)).filter(({ destination }) => destination.ip === ipv4)
        .map(({ destination }) => destination.geo?.country_iso_code);
    };
    await eventually(
      "the country inside",
      async () => (await countries()).includes(SERVERS.nameless.country),
    );
    assertEquals((await countries()).includes("SE"), false);
    const steady = household.start("laptop", [Deno.execPath(), "eval", STEADY_TRAFFIC]);
    await steady.said("sending");

    const updated = await household.run("router", wifilogger("places", "update"), { env });
    assertEquals(updated.stdout, ["IPinfo Lite: renewed, as of 2026-11-20"]);
    await eventually("the fetched one", async () => (await countries()).includes("SE"));
    const looked = await household.run("router", wifilogger("lookup", ipv4), { env });
    assertMatch(looked.stdout.join("\n"), /Sweden.*AS65001 Fetched AB.*from +.*ipinfo_lite\.mmdb/s);

    steady.signal("SIGTERM");
    await steady.ended;
    logger.signal("SIGTERM");
    assertEquals((await logger.ended).code, 0);
    assertEquals(gapsIn(archiveLines(household)), ["restart"]);
    const logged = flowsIn(archiveLines(household))
      .filter(({ destination: { ip, port } }) =>
        ip === SERVERS.updates.ipv4 && port === DISCARD_PORT
      )
      .reduce((sum, { source }) => sum + source.packets, 0);
    assertEquals(logged, Number(steady.stdout.at(-1)));
    assertGreater(logged, 1000);
    // Sums and files: nothing else was ever asked for.
    const asked = new Set(service.stdout.filter((line) => line.startsWith("asked")));
    assertEquals([...asked].sort(), [
      "asked files /artifacts/ipinfo_lite.mmdb",
      "asked ipinfo /data/ipinfo_lite.mmdb",
      "asked ipinfo /data/ipinfo_lite.mmdb/checksums",
    ]);
    const shown = [...logger.stderr, ...updated.stderr, ...updated.stdout];
    assertEquals(shown.filter((line) => line.includes(TOKEN)), []);
  },
);

testWhen(
  liveMissing,
  "nothing leaves the machine that no setting asks for: its link shows nothing of its own",
  async () => {
    await using household = await openLiveHousehold();
    const link = watchLink(household);
    await link.said("listening on");
    const env = { HOME: `${SCRATCH}/home`, WIFILOGGER_REVERSE_DNS: "off" };
    const logger = await startLogger(household, [], { env });
    for (const server of [SERVERS.news, SERVERS.nameless]) {
      await curl(household, "laptop", `http://${server.ipv4}/1000`);
    }
    await eventually("records", () => flowsIn(ramLines(household)).length >= 1);
    for (
      const args of [["places"], ["places", "update"], ["places", "update", "--if-due"], ["doctor"]]
    ) {
      await household.run("router", wifilogger(...args), { env });
    }
    logger.signal("SIGTERM");
    await logger.ended;
    assertEquals(ownPackets(link.stdout), []);

    // What watches sees what there is to see: with a setting, it is asked for where the name leads.
    const asking = {
      ...env,
      WIFILOGGER_PLACES_UPDATE: "dbip",
      WIFILOGGER_DBIP_URL: `https://${WAN.provider.ipv4}`,
    };
    const { code, stdout } = await household.run("router", wifilogger("places", "update"), {
      env: asking,
    });
    assertEquals(code, 1);
    assertStringIncludes(stdout.join("\n"), "IP to Country Lite by DB-IP: it cannot be reached");
    await eventually("its packets", () => ownPackets(link.stdout).length > 0);
    const to = new RegExp(` > ${WAN.provider.ipv4.replaceAll(".", "\\.")}\\.443: `);
    assertEquals(ownPackets(link.stdout).filter((line) => !to.test(line)), []);
  },
);

/** Prints every packet on the link to the Internet that the router itself sends. */
function watchLink(household: Household) {
  const from = `src host ${WAN.router.ipv4} or src host ${WAN.router.ipv6}`;
  return household.start("router", [
    ...["tcpdump", "-l", "-n", "-i", WAN.interface, from],
  ]);
}

/** Those that are no device's: the router hides none of their addresses. */
function ownPackets(lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes(" > "));
}
