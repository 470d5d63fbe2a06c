/** Names as a capture gives them: frames in, and out of the observer what is known of each flow. */

import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { type ObservedDelta, Observer } from "../../capture/observer.ts";
import { assert, assertEquals } from "../assert.ts";
import { echConfig, echParam, ipv4Hint, serviceRecord } from "./dns/build_service_binding.ts";
import {
  a,
  answerBytes,
  type Answered,
  answerFrame,
  queryFrame,
  RESOLVER,
} from "./dns/dns_message.ts";
import { timeUs } from "./flow/flow_packets.ts";
import { ethernet, type Frame, LINK_TYPE } from "./frame_builder.ts";
import { vector16 } from "./wire/build_bytes.ts";
import { clientHello, echExtension, tlsRecords } from "./tls/build_client_hello.ts";
import { cryptoFrame, initialPacket } from "./quic/build_quic.ts";
import { packetBatch } from "./pcap_records.ts";

const PHONE = { address: "192.168.1.20", ipv6: "2003:e5:1::20", mac: "02:00:00:00:00:20" };
const LAPTOP = { address: "192.168.1.21", ipv6: "2003:e5:1::21", mac: "02:00:00:00:00:21" };
const SITE = "93.184.216.34";
const SITE_IPV6 = "2606:2800:220:1::1946";
const ACTIVE_TIMEOUT_S = 60;
const DNS_PORT = 53;

type Timed = readonly [at: number, frame: Frame];

/** An observer that took frames, each `at` seconds, and the lines it gave; those of DNS itself are left out. */
function observed(frames: readonly Timed[]) {
  const lines: ObservedDelta[] = [];
  const observer = new Observer((line) => {
    if (line.initiator.port !== DNS_PORT && line.responder.port !== DNS_PORT) lines.push(line);
  }, { localNetworks: new LocalNetworks(), includeInternal: true });
  const captured = frames.map(([at, frame]) => ({ frame, timeUs: timeUs(at) }));
  observer.process(packetBatch(captured), linkDecoder(LINK_TYPE.ethernet)!);
  return { observer, lines };
}

/** All lines that come of frames. */
function linesAfter(...frames: readonly Timed[]): ObservedDelta[] {
  const { observer, lines } = observed(frames);
  observer.endAll();
  return lines;
}

/** The name asked for of each line. */
function questionsAfter(...frames: readonly Timed[]): (string | undefined)[] {
  return linesAfter(...frames).map(({ evidence }) => evidence.dnsQueryName);
}

/** Whether the only flow's server name is an outer one. */
function isOuterName(...frames: readonly Timed[]): boolean | undefined {
  const lines = linesAfter(...frames);
  assertEquals(lines.length, 1);
  return lines[0].evidence.isEchOuterName;
}

/** From a device to a site. */
function to(site: string, device = PHONE): Frame {
  const link = ethernet({ source: device.mac });
  return site.includes(":")
    ? link.ipv6({ source: device.ipv6, destination: site })
    : link.ipv4({ source: device.address, destination: site });
}

function syn(site = SITE, device = PHONE): Frame {
  return to(site, device).tcp({ flags: "S", sequence: 99 });
}

/** What follows the SYN. */
function sent(payload: Uint8Array | string, site = SITE, device = PHONE): Frame {
  return to(site, device).tcp({ flags: "PA", sequence: 100 }).payload(payload);
}

function hello(serverName: string, { ech }: { ech?: number } = {}): Uint8Array {
  const extensions = ech === undefined ? [] : [echExtension(ech)];
  return tlsRecords(clientHello({ serverName, extensions }));
}

/** An address for a name, given to a device. */
function answer(queriedName: string, address: string, device = PHONE): Frame {
  return answerFrame({ client: device.address, queriedName, answers: [a(queriedName, address)] });
}

/** The HTTPS record of a site whose hellos are to be encrypted, and the address to go to. */
function echAnswer(queriedName: string, config: { id: number; publicName: string }): Frame {
  const params = [ipv4Hint(SITE), echParam(echConfig(config))];
  return answerFrame({
    client: PHONE.address,
    queriedName,
    answers: [serviceRecord(queriedName, { params })],
  });
}

Deno.test("a flow has the names in its first payloads, each with the protocol", () => {
  const initial = initialPacket({
    frames: cryptoFrame(0, clientHello({ serverName: "quic.example" })),
  });
  const lines = linesAfter(
    [0, syn()],
    [0.1, sent(hello("tls.example"))],
    [0.2, to(SITE_IPV6).udp().payload(initial)],
    [0.3, sent("GET / HTTP/1.1\r\nHost: http.example:80\r\n\r\n", "93.184.216.35")],
  );
  const said = lines.map(({ evidence }) => {
    const { protocol, tlsServerName, quicServerName, httpHost } = evidence;
    return { protocol, tlsServerName, quicServerName, httpHost };
  });
  const none = { tlsServerName: undefined, quicServerName: undefined, httpHost: undefined };
  assertEquals(said, [
    { ...none, protocol: "tls", tlsServerName: "tls.example" },
    { ...none, protocol: "quic", quicServerName: "quic.example" },
    { ...none, protocol: "http", httpHost: "http.example" },
  ]);
});

Deno.test("a hello that only pretends to be encrypted (GREASE) has its true name", () => {
  const frames: Timed[] = [[1, syn()], [1.1, sent(hello("www.example.org", { ech: 7 }))]];
  assertEquals(isOuterName(...frames), false);
  assertEquals(isOuterName([0, answer("www.example.org", SITE)], ...frames), false);
  // The site encrypts hellos, under another public name or with another configuration.
  const other = { id: 7, publicName: "outer.example" };
  assertEquals(isOuterName([0, echAnswer("www.example.org", other)], ...frames), false);
  const old = { id: 6, publicName: "www.example.org" };
  assertEquals(isOuterName([0, echAnswer("www.example.org", old)], ...frames), false);
});

Deno.test("a hello with a published configuration has an outer name, and what was asked for beside it", () => {
  const config = { id: 7, publicName: "outer.example" };
  const [{ evidence }] = linesAfter(
    [0, echAnswer("secret.example", config)],
    [1, syn()],
    [1.1, sent(hello("outer.example", { ech: 7 }))],
  );
  assertEquals(evidence.isEchOuterName, true);
  assertEquals(evidence.tlsServerName, "outer.example");
  assertEquals(evidence.dnsQueryName, "secret.example");
});

Deno.test("an encrypted hello over QUIC has an outer name as one over TCP", () => {
  const config = { id: 7, publicName: "outer.example" };
  const quic = clientHello({ serverName: "outer.example", extensions: [echExtension(7)] });
  const initial = initialPacket({ frames: cryptoFrame(0, quic) });
  const frames: Timed[] = [
    [0, echAnswer("secret.example", config)],
    [1, to(SITE).udp().payload(initial)],
  ];
  assertEquals(isOuterName(...frames), true);
});

Deno.test("a public name that nobody visits is an outer name, whoever asked DNS, if the hello is encrypted", () => {
  const name = "cloudflare-ech.com";
  assertEquals(isOuterName([0, syn()], [0.1, sent(hello(name, { ech: 9 }))]), true);
  assertEquals(isOuterName([0, syn()], [0.1, sent(hello(name))]), false);
});

Deno.test("an answer that is no place, or the resolver itself, names nothing", () => {
  for (const address of ["0.0.0.0", "::"]) {
    assertEquals(questionsAfter([0, answer("blocked.example", address)], [1, syn(address)]), [
      undefined,
    ]);
  }
  const resolver = "203.0.113.53";
  const blocked = answerFrame({
    resolver,
    client: PHONE.address,
    queriedName: "blocked.example",
    answers: [a("blocked.example", resolver)],
  });
  assertEquals(questionsAfter([0, blocked], [1, syn(resolver)]), [undefined]);
});

Deno.test("two devices that asked different names for one address each have their own", () => {
  const frames: Timed[] = [
    [0, answer("one.example", SITE, PHONE)],
    [0, answer("two.example", SITE, LAPTOP)],
    [1, syn(SITE, PHONE)],
    [1, syn(SITE, LAPTOP)],
    [2, answer("one.example", SITE, PHONE)],
    [3, syn(SITE, LAPTOP)],
  ];
  assertEquals(questionsAfter(...frames), ["one.example", "two.example"]);
});

Deno.test("a later answer renames no flow that is under way", () => {
  const frames: Timed[] = [
    [0, answer("one.example", SITE)],
    [1, syn()],
    [2, answer("two.example", SITE)],
    [3, sent("no name in here")],
    [2 + ACTIVE_TIMEOUT_S, sent("nor in here")],
    [3 + ACTIVE_TIMEOUT_S, answer("three.example", SITE)],
    [4 + ACTIVE_TIMEOUT_S, sent("nor in here")],
  ];
  assertEquals(questionsAfter(...frames), ["one.example", "one.example"]);
});

Deno.test("a later answer renames no flow whose name came late", () => {
  const frames: Timed[] = [
    [1, syn()],
    [2, answer("one.example", SITE)],
    [3, sent("no name in here")],
    [2 + ACTIVE_TIMEOUT_S, sent("nor in here")],
    [3 + ACTIVE_TIMEOUT_S, answer("two.example", SITE)],
    [4 + ACTIVE_TIMEOUT_S, sent("nor in here")],
  ];
  assertEquals(questionsAfter(...frames), ["one.example", "one.example"]);
});

Deno.test("an answer that comes late names its flow and no other that has no name", () => {
  const other = "93.184.216.35";
  const lines = linesAfter(
    [1, syn()],
    [1, syn(other)],
    [2, answer("late.example", SITE)],
    [3, sent("no name in here")],
    [3, sent("nor in here", other)],
    [2 + ACTIVE_TIMEOUT_S, syn("93.184.216.36")],
  );
  assertEquals(lines.map(({ evidence }) => evidence.dnsQueryName), [
    "late.example",
    undefined,
    undefined,
  ]);
});

Deno.test("an answer that comes after a flow's last packet does not name it", () => {
  const frames: Timed[] = [[1, syn()], [2, answer("later.example", SITE)]];
  assertEquals(questionsAfter(...frames), [undefined]);
});

Deno.test("a device that asks over IPv4 has names for its IPv6 flows, by its MAC address", () => {
  const asked: Record<string, Answered> = {
    phone: {
      client: PHONE.address,
      clientMac: PHONE.mac,
      queriedName: "one.example",
      type: "AAAA",
      answers: [a("one.example", SITE_IPV6)],
    },
    laptop: {
      client: LAPTOP.address,
      clientMac: LAPTOP.mac,
      queriedName: "two.example",
      type: "AAAA",
      answers: [a("two.example", SITE_IPV6)],
    },
  };
  const frames: Timed[] = [
    [0, queryFrame(asked.phone)],
    [0.1, answerFrame(asked.phone)],
    [0.2, queryFrame(asked.laptop)],
    [0.3, answerFrame(asked.laptop)],
    [1, syn(SITE_IPV6, PHONE)],
    [1, syn(SITE_IPV6, LAPTOP)],
  ];
  assertEquals(questionsAfter(...frames), ["one.example", "two.example"]);
});

Deno.test("a name that is said after a flow's first line is in the lines that come then", () => {
  const site = "93.184.216.35";
  const lines = linesAfter(
    [0, answer("asked.example", SITE)],
    [1, syn(SITE)],
    [1, syn(site)],
    [2 + ACTIVE_TIMEOUT_S, sent(hello("tls.example"), SITE)],
    [2 + ACTIVE_TIMEOUT_S, sent("GET / HTTP/1.1\r\nHost: http.example\r\n\r\n", site)],
  );
  const said = lines.map(({ part, evidence }) => [
    part,
    evidence.dnsQueryName,
    evidence.tlsServerName ?? evidence.httpHost,
  ]);
  assertEquals(
    said.toSorted(),
    [
      [0, "asked.example", undefined],
      [0, undefined, undefined],
      [1, "asked.example", "tls.example"],
      [1, undefined, "http.example"],
    ].toSorted(),
  );
});

Deno.test("an answer over TCP names a flow, wherever its segments are cut", () => {
  const message = vector16(
    answerBytes({ queriedName: "tcp.example", answers: [a("tcp.example", SITE)] }),
  );
  const fromResolver = (flags: string, sequence: number) =>
    ethernet().ipv4({ source: RESOLVER, destination: PHONE.address })
      .tcp({ sourcePort: 53, destinationPort: 40_053, flags, sequence });
  for (let cut = 1; cut < message.length; cut++) {
    const frames: Timed[] = [
      [0, fromResolver("SA", 99)],
      [0.1, fromResolver("A", 100 + cut).payload(message.subarray(cut))],
      [0.2, fromResolver("A", 100).payload(message.subarray(0, cut))],
      [1, syn()],
    ];
    assertEquals(questionsAfter(...frames), ["tcp.example"]);
  }
});

Deno.test("the hints of an HTTPS record name a flow", () => {
  const https = echAnswer("hinted.example", { id: 7, publicName: "outer.example" });
  assertEquals(questionsAfter([0, https], [1, syn()]), ["hinted.example"]);
});

Deno.test("what is held of a flow's first payloads is given back when it ends", () => {
  const beginning = hello("www.example.org").subarray(0, 50);
  const { observer } = observed([[0, syn()], [0.1, sent(beginning)]]);
  assert(observer.names.inspections.heldBytes > 0);
  observer.endAll();
  assertEquals(observer.names.inspections.heldBytes, 0);
});
