/** The names that a live logger gives to the flows of real programs, each from the one evidence that there is. */

import { fromFileUrl } from "@std/path";
import { DEVICES, SERVERS, WAN } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { Household } from "../../scripts/household/household.ts";
import { startLogger } from "../../scripts/household/logger.ts";
import type { Machine } from "../../scripts/household/network.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import type { FlowRecord } from "../../record/log_record.ts";
import { assertEquals } from "../assert.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

/** A name that DNS does not know: where it is comes from curl's command line. */
const UNASKED = "unasked.example.org";

/** A household whose servers serve and whose name server has reverse names, at an address of the router or of a server. */
async function openWithReverseNames(
  { machine, address }: { machine: "router" | "internet"; address?: string },
): Promise<Household> {
  const household = await Household.open();
  try {
    await household.startOwn("internet", "internet.ts", SCRATCH);
    await household.startOwn(
      machine,
      "name_server.ts",
      ...(address === undefined ? [] : [address]),
    );
    return household;
  } catch (error) {
    await household[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs a program beside this file on a device; its lines. */
async function runHere(
  household: Household,
  machine: Machine,
  script: string,
  ...args: string[]
): Promise<readonly string[]> {
  const path = fromFileUrl(new URL(script, import.meta.url));
  const flags = ["run", "-A", "--unstable-net", "--frozen", "--cached-only"];
  const argv = [Deno.execPath(), ...flags, path, ...args];
  const { code, stdout, stderr } = await household.run(machine, argv);
  assertEquals(code, 0, stderr.join("\n"));
  return stdout;
}

/** The flows in the RAM log, once there are so many. */
async function loggedFlows(household: Household, count: number): Promise<FlowRecord[]> {
  const flows = await eventually(`${count} flows in the RAM log`, () => {
    const flows = flowsIn(ramLines(household));
    return flows.length >= count && flows;
  });
  assertEquals(flows.length, count);
  return flows;
}

/** What a record says of names, and from where. */
function namesOf({ destination, wifilogger, tls, url, dns }: FlowRecord) {
  return {
    ip: destination.ip,
    domain: destination.domain,
    source: wifilogger.name_source,
    sni: tls?.client.server_name,
    host: url?.domain,
    question: dns?.question.name,
    ptr: wifilogger.ptr,
  };
}

/** The same where all but some is absent. */
function names(some: Partial<ReturnType<typeof namesOf>>) {
  const absent = { sni: undefined, host: undefined, question: undefined, ptr: undefined };
  return { ...absent, ...some };
}

testWhen(liveMissing, "run names a TLS flow by its hello where no DNS was seen", async () => {
  await using household = await openLiveHousehold();
  await startLogger(household);
  const { ipv4: ip } = SERVERS.updates;
  const resolve = ["--resolve", `${UNASKED}:443:${ip}`];
  await curl(household, "laptop", "--insecure", ...resolve, `https://${UNASKED}/1000`);
  const [flow] = await loggedFlows(household, 1);
  assertEquals(flow.network.protocol, "tls");
  assertEquals(namesOf(flow), names({ ip, domain: UNASKED, source: "tls_sni", sni: UNASKED }));
});

testWhen(liveMissing, "run names a QUIC flow by its hello where no DNS was seen", async () => {
  await using household = await openLiveHousehold();
  await startLogger(household, [], { env: { WIFILOGGER_IDLE_TIMEOUT: "4s" } });
  const { ipv4: ip, host } = SERVERS.video;
  await runHere(household, "tv", "stream_over_quic.ts", ip, host, SCRATCH);
  const [flow] = await loggedFlows(household, 1);
  assertEquals([flow.network.transport, flow.network.protocol], ["udp", "quic"]);
  assertEquals(namesOf(flow), names({ ip, domain: host, source: "quic_sni", sni: host }));
});

testWhen(liveMissing, "run names an HTTP flow by its Host where no DNS was seen", async () => {
  await using household = await openLiveHousehold();
  await startLogger(household);
  const { ipv4: ip } = SERVERS.nameless;
  const resolve = ["--resolve", `${UNASKED}:80:${ip}`];
  await curl(household, "laptop", ...resolve, `http://${UNASKED}/1000`);
  const [flow] = await loggedFlows(household, 1);
  assertEquals(flow.network.protocol, "http");
  assertEquals(namesOf(flow), names({ ip, domain: UNASKED, source: "http_host", host: UNASKED }));
});

testWhen(
  liveMissing,
  "run names a flow by what its device asked a resolver for over TCP",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household);
    const { ipv4: ip, host } = SERVERS.updates;
    assertEquals(await runHere(household, "laptop", "ask_over_tcp.ts", host), [ip]);
    await curl(household, "laptop", `http://${ip}/1000`);
    const [flow] = await loggedFlows(household, 1);
    assertEquals(
      namesOf(flow),
      names({ ip, domain: host, source: "dns", host: ip, question: host }),
    );
  },
);

testWhen(
  liveMissing,
  "run gives two devices' flows to a shared address the name that each asked for",
  async () => {
    await using household = await openLiveHousehold();
    await startLogger(household);
    const { ipv4: ip, host, canonicalHost } = SERVERS.news;
    assertEquals(await runHere(household, "laptop", "ask_over_tcp.ts", host), [ip]);
    assertEquals(await runHere(household, "phone", "ask_over_tcp.ts", canonicalHost), [ip]);
    await curl(household, "laptop", `http://${ip}/1000`);
    await curl(household, "phone", `http://${ip}/1000`);
    const flows = await loggedFlows(household, 2);
    const nameByDevice = flows.map(({ source, destination }) => [source.ip, destination.domain]);
    assertEquals(Object.fromEntries(nameByDevice), {
      [DEVICES.laptop.ipv4]: host,
      [DEVICES.phone.ipv4]: canonicalHost,
    });
  },
);

testWhen(liveMissing, "run names a flow by reverse DNS where nothing else does", async () => {
  await using household = await openWithReverseNames({ machine: "router" });
  await startLogger(household);
  const { ipv4: ip, ptr } = SERVERS.reverseOnly;
  await curl(household, "tv", `http://${ip}/1000`);
  const [flow] = await loggedFlows(household, 1);
  assertEquals(namesOf(flow), names({ ip, domain: ptr, source: "ptr", host: ip, ptr }));
});

testWhen(
  liveMissing,
  "run leaves its own questions out of the log, and no device's, where the name server is on the Internet",
  async () => {
    const { ipv4: nameServer } = SERVERS.time;
    await using household = await openWithReverseNames({
      machine: "internet",
      address: nameServer,
    });
    await Deno.writeTextFile(
      household.path(`${SCRATCH}/resolv.conf`),
      `nameserver ${nameServer}\n`,
    );
    const logger = await startLogger(household, ["--interface", WAN.interface]);
    const { ipv4: ip, ptr } = SERVERS.reverseOnly;
    await curl(household, "tv", `http://${ip}/1000`);
    await curl(household, "laptop", "--ipv4", `http://${SERVERS.updates.host}/1000`);
    // What goes on while it stops is written then: DNS flows are idle for longer than this test lasts.
    await eventually(
      "both fetches in the RAM log",
      () => flowsIn(ramLines(household)).length >= 4,
    );
    logger.signal("SIGTERM");
    await logger.ended;

    const flows = flowsIn(archiveLines(household));
    const [fetches, questions] = [
      flows.filter(({ network }) => network.protocol === "http"),
      flows.filter(({ network }) => network.protocol === "dns"),
    ];
    assertEquals(flows.length, fetches.length + questions.length);
    // The router asked for the reverse name, and what passed between it and the name server is not there.
    const sources = new Set(fetches.map((flow) => `${flow.destination.domain} ${flow.source.ip}`));
    assertEquals(
      sources,
      new Set([`${ptr} ${DEVICES.tv.ipv4}`, `${SERVERS.updates.host} ${DEVICES.laptop.ipv4}`]),
    );
    assertEquals(
      new Set(questions.map(({ source, destination }) => `${source.ip} ${destination.ip}`)),
      new Set([`${DEVICES.laptop.ipv4} ${nameServer}`]),
    );
  },
);
