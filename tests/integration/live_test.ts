/** The logger on a live interface, against what tshark counts of a capture taken beside it. */

import { DEVICES, LAN, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { startLogger } from "../../scripts/household/logger.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { logged } from "../../scripts/household/traffic.ts";
import { assert, assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";
import { ReferenceCapture, sumOf } from "./reference_capture.ts";

/** A file in the household. */
const UPLOAD = `${SCRATCH}/upload`;

testWhen(
  liveMissing,
  "run logs one fetch as one line with its name, country and tshark's counts, and nothing local",
  async () => {
    await using household = await openLiveHousehold();
    const ssh = household.start("router", [
      ...[Deno.execPath(), "eval"],
      `Deno.serve({ hostname: "${LAN.router.ipv4}", port: 22 }, () => new Response("x".repeat(9999)))`,
    ]);
    await ssh.said("Listening");
    const logger = await startLogger(household);
    const reference = await ReferenceCapture.start(household);

    await curl(household, "laptop", `http://${LAN.router.ipv4}:22/`);
    await curl(household, "laptop", "--ipv4", `http://${SERVERS.news.host}/20000`);
    const packets = await reference.stop();
    const [flow] = await eventually("a line in the RAM log", () => {
      const flows = flowsIn(ramLines(household));
      return flows.length > 0 && flows;
    });

    assertEquals(flowsIn(ramLines(household)).length, 1);
    const { source, destination, network, wifilogger } = flow;
    assertEquals(network.type, "ipv4");
    assertEquals(network.transport, "tcp");
    assertEquals(network.direction, "outbound");
    assertEquals(source.ip, DEVICES.laptop.ipv4);
    assertEquals(source.mac, DEVICES.laptop.mac);
    assertEquals(destination.ip, SERVERS.news.ipv4);
    assertEquals(destination.port, 80);
    assertEquals(destination.domain, SERVERS.news.host);
    assertEquals(flow.dns?.question.name, SERVERS.news.host);
    assertEquals(destination.geo?.country_iso_code, SERVERS.news.country);
    assertEquals(flow.url?.domain, SERVERS.news.host);
    assertEquals(wifilogger.name_source, "http_host");
    assertEquals(wifilogger.part, 0);
    assertEquals(wifilogger.end_reason, "fin");

    const sent = packets.filter((packet) => packet.source === source.ip);
    const received = packets.filter((packet) => packet.destination === source.ip);
    assertEquals({ packets: source.packets, bytes: source.bytes }, sumOf(sent));
    assertEquals({ packets: destination.packets, bytes: destination.bytes }, sumOf(received));
    assertEquals({ packets: network.packets, bytes: network.bytes }, sumOf(packets));
    assert(destination.bytes > 20_000);

    // What is local would be written now at the latest: DNS flows are idle for longer than this test lasts.
    logger.signal("SIGTERM");
    await logger.ended;
    assertEquals(flowsIn(archiveLines(household)), [flow]);
  },
);

testWhen(
  liveMissing,
  "run names an IPv6 flow of a device that asked its IPv4 resolver",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household, [], { env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s" } });
    await curl(household, "phone", "--ipv6", `http://${SERVERS.radio.host}/1000`);
    const [flow] = await eventually("a line in the RAM log", () => {
      const flows = flowsIn(ramLines(household));
      return flows.length > 0 && flows;
    });
    assertEquals(flow.network.type, "ipv6");
    assertEquals(flow.network.direction, "outbound");
    assertEquals(flow.source.ip, DEVICES.phone.ipv6);
    assertEquals(flow.destination.ip, SERVERS.radio.ipv6);
    assertEquals(flow.destination.geo?.country_iso_code, SERVERS.radio.country);
    assertEquals(flow.destination.domain, SERVERS.radio.host);
    assertEquals(flow.dns?.question.name, SERVERS.radio.host);
  },
);

testWhen(
  liveMissing,
  "run, told to stop, moves every line to the archive, and the lines add up to tshark's counts",
  async () => {
    await using household = await openLiveHousehold();
    const logger = await startLogger(household, [], { env: { WIFILOGGER_ACTIVE_TIMEOUT: "1s" } });
    const reference = await ReferenceCapture.start(household);
    await Deno.writeFile(household.path(UPLOAD), new Uint8Array(300_000));
    await Promise.all([
      // Lasts for some active timeouts, so that its flow has several lines.
      curl(
        household,
        "laptop",
        "--limit-rate",
        "100k",
        "-T",
        UPLOAD,
        `http://${SERVERS.updates.host}/0`,
      ),
      curl(household, "phone", "--ipv6", "--insecure", `https://${SERVERS.radio.host}/500000`),
      curl(household, "tv", `http://${SERVERS.nameless.ipv4}/2000`),
      curl(household, "tv", "--data", "x=1", `http://${SERVERS.telemetry.host}/0`),
    ]);
    const packets = await reference.stop();
    const inRam = ramLines(household);
    logger.signal("SIGTERM");
    const { code, stderr } = await logger.ended;

    assertEquals(code, 0, stderr.join("\n"));
    assertEquals(ramLines(household), []);
    const lines = archiveLines(household);
    assertEquals(
      inRam.filter((line) => !lines.includes(line)),
      [],
      "lines lost on the way to disk",
    );
    assertEquals(logged(lines), sumOf(packets));

    const flows = Map.groupBy(flowsIn(lines), ({ wifilogger }) => wifilogger.flow_id);
    assertEquals(flows.size, 4);
    for (const parts of flows.values()) {
      assertEquals(parts.map(({ wifilogger }) => wifilogger.part), [...parts.keys()]);
    }
    assert(Math.max(...[...flows.values()].map(({ length }) => length)) > 1);
  },
);
