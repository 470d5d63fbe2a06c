import fc from "fast-check";
import { assert, assertEquals } from "../assert.ts";
import { formatAddress } from "../../capture/address/address.ts";
import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { type ObservedDelta, Observer, type ObserverOptions } from "../../capture/observer.ts";
import type { Packet } from "../../capture/decode/packet.ts";
import { a, answerFrame, queryFrame } from "./dns/dns_message.ts";
import { direction, timeUs } from "./flow/flow_packets.ts";
import { ethernet, type Frame, LINK_TYPE } from "./frame_builder.ts";
import { type Captured, packetBatch } from "./pcap_records.ts";
import { SAMPLE_FRAMES } from "./sample_frames.ts";

const CLIENT = "192.168.1.20";
const OTHER_CLIENT = "192.168.1.21";
const RESOLVER = "192.168.1.1";
const SITE = "93.184.216.34";

/** An observer, what it gave away, and for whom it asked for a name. */
function observed(options: Partial<ObserverOptions> = {}) {
  const deltas: ObservedDelta[] = [];
  const nameless: string[] = [];
  const observer = new Observer((delta) => deltas.push(delta), {
    localNetworks: new LocalNetworks(),
    onNameless: (address) => nameless.push(formatAddress(address)),
    ...options,
  });
  /** Takes frames, each `at` seconds, as one batch. */
  const take = (frames: readonly (readonly [at: number, frame: Frame | Uint8Array])[]) => {
    const captured: Captured[] = frames.map(([at, frame]) => ({ frame, timeUs: timeUs(at) }));
    observer.process(packetBatch(captured), linkDecoder(LINK_TYPE.ethernet)!);
  };
  return { observer, deltas, nameless, take };
}

function from(source: string, destination: string): Frame {
  return ethernet().ipv4({ source, destination });
}

function webRequest(client = CLIENT, site = SITE): Frame {
  return from(client, site).tcp({ sourcePort: 40000, destinationPort: 443, flags: "S" });
}

function webAnswer(client = CLIENT, site = SITE): Frame {
  return from(site, client).tcp({ sourcePort: 443, destinationPort: 40000, flags: "SA" });
}

function asked(client: string, queriedName: string) {
  return { client, queriedName, answers: [a(queriedName, SITE)] };
}

Deno.test("`Observer` gives a conversation as one delta, with its name and its places", () => {
  const { observer, deltas, take } = observed();
  take([
    [0, queryFrame(asked(CLIENT, "www.example.org"))],
    [0.1, answerFrame(asked(CLIENT, "www.example.org"))],
    [0.2, webRequest()],
    [0.3, webAnswer()],
    [0.4, from(CLIENT, SITE).tcp({ flags: "PA" }).payload("hello")],
    [0.5, from(SITE, CLIENT).tcp({ sourcePort: 443, destinationPort: 40000, flags: "FA" })],
    [0.6, from(CLIENT, SITE).tcp({ flags: "FA" })],
  ]);
  assertEquals(deltas, []);
  observer.sweep(timeUs(6));

  assertEquals(deltas.length, 1);
  const [delta] = deltas;
  assertEquals(direction(delta), `${CLIENT}:40000 > ${SITE}:443`);
  assertEquals(delta.endReason, "fin");
  assertEquals([delta.initiator.packets, delta.responder.packets], [3, 2]);
  assertEquals([delta.initiator.bytes, delta.responder.bytes], [125, 80]);
  assertEquals([delta.startUs, delta.endUs], [timeUs(0.2), timeUs(0.6)]);
  assertEquals(delta.evidence?.dnsQueryName, "www.example.org");
  assertEquals([delta.initiatorIsLocal, delta.responderIsLocal], [true, false]);

  const { counters } = observer;
  assertEquals([counters.frames, counters.ipPackets, counters.internalPackets], [7, 7, 2]);
  assertEquals([counters.earliestUs, counters.latestUs], [timeUs(0), timeUs(0.6)]);
});

Deno.test("`Observer` counts traffic between local addresses and gives no delta of it", () => {
  const local = [
    from(CLIENT, OTHER_CLIENT).udp(),
    from("0.0.0.0", "255.255.255.255").udp({ sourcePort: 68, destinationPort: 67 }),
    from(CLIENT, "224.0.0.251").udp({ sourcePort: 5353, destinationPort: 5353 }),
    ethernet().ipv6({ source: "fe80::1", destination: "ff02::1" }).icmpv6({ type: 134 }),
  ];
  const { observer, deltas, take } = observed();
  take(local.map((frame) => [0, frame]));
  observer.endAll();
  assertEquals(deltas, []);
  assertEquals(observer.counters.internalPackets, 4);
  assertEquals(observer.counters.internalBytes, 28 + 28 + 28 + 48);
  assertEquals(observer.counters.ipBytes, observer.counters.internalBytes);

  const including = observed({ includeInternal: true });
  including.take(local.map((frame) => [0, frame]));
  including.observer.endAll();
  assertEquals(including.deltas.length, 4);
  assertEquals(including.observer.counters.internalPackets, 0);
  assert(including.deltas.every((delta) => delta.initiatorIsLocal && delta.responderIsLocal));
});

Deno.test("`Observer` takes networks for local as soon as they are replaced", () => {
  const localNetworks = new LocalNetworks();
  const { observer, take } = observed({ localNetworks });
  take([[0, webRequest()]]);
  localNetworks.replaceExtra([`${SITE}/32`]);
  take([[1, webRequest()]]);
  assertEquals([observer.counters.ipPackets, observer.counters.internalPackets], [2, 1]);
});

Deno.test("`Observer` counts what is no IP, and what is no whole IP, in no flow", () => {
  const { observer, deltas, take } = observed();
  take([
    [0, ethernet({ etherType: 0x0806 }).payload(new Uint8Array(28))],
    [0, webRequest().bytes.subarray(0, 14 + 19)],
    [0, ethernet().ipv4({ source: CLIENT, destination: SITE, version: 7 }).udp()],
    [0, new Uint8Array(0)],
  ]);
  observer.endAll();
  const { frames, notIp, badIp, ipPackets } = observer.counters;
  assertEquals({ frames, notIp, badIp, ipPackets }, {
    frames: 4,
    notIp: 2,
    badIp: 2,
    ipPackets: 0,
  });
  assertEquals(deltas, []);
});

Deno.test("`Observer` counts the fragments of a packet in one flow", () => {
  const ends = { source: CLIENT, destination: SITE, identification: 7 };
  const first = ethernet().ipv4({ ...ends, moreFragments: true })
    .udp({ sourcePort: 5000, destinationPort: 6000 }).payload(new Uint8Array(1472));
  const later = ethernet().ipv4({ ...ends, fragmentOffset: 1480, protocol: 17 })
    .payload(new Uint8Array(500));

  const inOrder = observed();
  inOrder.take([[0, first], [0, later]]);
  inOrder.observer.endAll();
  assertEquals(inOrder.deltas.map(direction), [`${CLIENT}:5000 > ${SITE}:6000`]);
  assertEquals(inOrder.deltas[0].initiator.bytes, 1500 + 520);

  // What comes before its first fragment has no ports yet.
  const outOfOrder = observed();
  outOfOrder.take([[0, later], [0, first], [0, later]]);
  outOfOrder.observer.endAll();
  assertEquals(outOfOrder.deltas.map(direction), [
    `${CLIENT} > ${SITE}`,
    `${CLIENT}:5000 > ${SITE}:6000`,
  ]);
  assertEquals(outOfOrder.deltas.map(({ initiator }) => initiator.bytes), [520, 1500 + 520]);
});

Deno.test("`Observer` gives each client's flow the name that this client asked for", () => {
  const { observer, deltas, take } = observed();
  take([
    [0, answerFrame(asked(CLIENT, "one.example"))],
    [0, answerFrame(asked(OTHER_CLIENT, "two.example"))],
    [1, webRequest(CLIENT)],
    [1, webRequest(OTHER_CLIENT)],
  ]);
  observer.endAll();
  assertEquals(deltas.map(({ evidence }) => evidence?.dnsQueryName), [
    "one.example",
    "two.example",
  ]);
});

Deno.test("`Observer` keeps the name that a flow began with", () => {
  const { observer, deltas, take } = observed();
  take([
    [0, answerFrame(asked(CLIENT, "one.example"))],
    [1, webRequest()],
    [2, answerFrame(asked(CLIENT, "two.example"))],
    [3, webAnswer()],
  ]);
  observer.endAll();
  assertEquals(deltas.map(({ evidence }) => evidence?.dnsQueryName), ["one.example"]);
});

Deno.test("`Observer` takes a name that is seen late over none", () => {
  const { observer, deltas, take } = observed();
  take([[0, webRequest()], [1, answerFrame(asked(CLIENT, "one.example"))], [2, webRequest()]]);
  observer.endAll();
  assertEquals(deltas.map(({ evidence }) => evidence?.dnsQueryName), ["one.example"]);
});

Deno.test("`Observer` asks for the name of each flow's remote responder that has none", () => {
  const { observer, nameless, take } = observed();
  const toUnknown = from(CLIENT, "203.0.113.7");
  take([
    [0, answerFrame(asked(CLIENT, "one.example"))],
    [1, webRequest()],
    [1, toUnknown.udp({ destinationPort: 9999 }).payload("neither name nor QUIC")],
    [2, from("203.0.113.8", CLIENT).udp({ destinationPort: 9999 }).payload("inbound")],
    [3, from("203.0.113.9", CLIENT).icmp({ type: 8 })],
  ]);
  // At once where no more can be seen of it, so that there is time to ask.
  assertEquals(nameless, ["203.0.113.7"]);
  observer.endAll();
  assertEquals([...new Set(nameless)], ["203.0.113.7"]);
});

Deno.test("`Observer` counts the logger's own questions to DNS and gives no delta of them", () => {
  const { observer, deltas, take } = observed({
    isOwnQuery: (packet) => packet.sourcePort === 5000 && packet.destinationPort === 53,
  });
  const toResolver = (sourcePort: number) =>
    from(CLIENT, SITE).udp({ sourcePort, destinationPort: 53 });
  take([[0, toResolver(5000)], [0, toResolver(5001)]]);
  observer.endAll();
  assertEquals(deltas.map(({ initiator }) => initiator.port), [5001]);
  assertEquals([observer.counters.ownPackets, observer.counters.ownBytes], [1, 28]);
});

Deno.test("`Observer` writes lines as the packets' own clock goes on", () => {
  const { deltas, take } = observed();
  const every10Seconds = Array.from({ length: 13 }, (_, i) => [i * 10, webRequest()] as const);
  take(every10Seconds);
  assertEquals(deltas.map(({ endReason, part }) => [endReason, part]), [
    ["active", 0],
    ["active", 1],
  ]);
  take([[600, from(CLIENT, "203.0.113.7").udp()]]);
  assertEquals(deltas.at(-1)?.endReason, "idle");
});

Deno.test("`Observer` keeps the flows of several interfaces apart", () => {
  const { observer, deltas } = observed();
  const batch = packetBatch([{ frame: webRequest() }]);
  for (const index of [0, 1]) observer.process(batch, linkDecoder(LINK_TYPE.ethernet)!, index);
  observer.endAll();
  assertEquals(deltas.map(({ interfaceIndex }) => interfaceIndex), [0, 1]);
});

Deno.test("`Observer` counts a frame that was cut with its whole length", () => {
  const { observer, deltas } = observed();
  const frame = from(CLIENT, SITE).udp().payload(new Uint8Array(1000));
  observer.process(packetBatch([{ frame, snaplen: 60 }]), linkDecoder(LINK_TYPE.ethernet)!);
  observer.endAll();
  assertEquals(deltas[0].initiator.bytes, 1028);
});

Deno.test("`Observer` gives away, or counts as not logged, every packet and byte of IP that came", () => {
  const ethernetFrames = SAMPLE_FRAMES.filter(([, frame]) => frame.linkType === LINK_TYPE.ethernet)
    .map(([, frame]) => frame);
  const addresses = fc.constantFrom(CLIENT, RESOLVER, SITE, "203.0.113.7");
  const frame = fc.oneof(
    fc.constantFrom(...ethernetFrames).map((frame) => frame.bytes),
    fc.tuple(addresses, addresses, fc.nat(3)).map(([source, destination, port]) =>
      from(source, destination).tcp({ sourcePort: 5000 + port, flags: "A" }).bytes
    ),
    fc.tuple(addresses, addresses, fc.nat(2), fc.boolean()).map(
      ([source, destination, identification, isFirst]) =>
        isFirst
          ? ethernet().ipv4({ source, destination, identification, moreFragments: true }).udp()
            .bytes
          : ethernet().ipv4({
            source,
            destination,
            identification,
            fragmentOffset: 8,
            protocol: 17,
          }).payload("rest").bytes,
    ),
    fc.uint8Array({ maxLength: 80 }),
  );
  const captured = fc.array(fc.tuple(fc.nat(400), frame, fc.option(fc.nat(70))), {
    maxLength: 100,
    size: "max",
  });
  fc.assert(
    fc.property(captured, fc.boolean(), (captured, includeInternal) => {
      const isOwnQuery = ({ sourcePort }: Packet) => sourcePort === 40000;
      const { observer, deltas } = observed({ maxFlows: 4, includeInternal, isOwnQuery });
      observer.process(
        packetBatch(captured.map(([at, frame, snaplen]) => ({
          frame,
          timeUs: timeUs(at),
          snaplen: snaplen ?? undefined,
        }))),
        linkDecoder(LINK_TYPE.ethernet)!,
      );
      observer.endAll();
      let [packets, bytes] = [0, 0];
      for (const { initiator, responder } of deltas) {
        packets += initiator.packets + responder.packets;
        bytes += initiator.bytes + responder.bytes;
      }
      const { counters } = observer;
      const { internalPackets, internalBytes, ownPackets, ownBytes } = counters;
      assertEquals(packets + internalPackets + ownPackets, counters.ipPackets);
      assertEquals(bytes + internalBytes + ownBytes, counters.ipBytes);
      assertEquals(counters.ipPackets + counters.notIp + counters.badIp, captured.length);
      assertEquals(counters.frames, captured.length);
    }),
    { numRuns: 300 },
  );
});
