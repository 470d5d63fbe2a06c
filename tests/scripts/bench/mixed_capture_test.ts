import { formatAddress } from "../../../capture/address/address.ts";
import { Decoded } from "../../../capture/decode/decode.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { destinationOf, sourceOf } from "../../../capture/address/address.ts";
import { writeMixedCapture } from "../../../scripts/bench/mixed_capture.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { ethernet, LINK_TYPE, raw } from "../../capture/frame_builder.ts";
import { lacksLibpcap } from "../../capture/source/lacks_libpcap.ts";
import { type PcapFile, pcapFile, START_US } from "../../capture/pcap_records.ts";
import { readPackets } from "../../capture/source/read_packets.ts";
import { testWhen } from "../../skip.ts";

const CLIENT = "192.168.7.20";
const SERVER = "93.184.216.34";
const MISSING = lacksLibpcap();
const DAY_US = 86_400e6;

/** Two devices that say something, years apart; and a server that answers the first. */
function household(): PcapFile {
  const ask = ethernet().ipv4({ source: CLIENT, destination: SERVER }).udp().payload("ask");
  const answer = ethernet({ vlan: [7] }).ipv4({ source: SERVER, destination: CLIENT })
    .udp({ sourcePort: 443, destinationPort: 40000 }).payload("answer");
  const other = ethernet().ipv4({ source: "192.168.8.20", destination: SERVER }).udp()
    .payload("ask");
  return pcapFile([
    { frame: ask },
    { frame: answer, timeUs: START_US + 1000 },
    { frame: other, timeUs: START_US + 3000 * DAY_US },
  ]);
}

/** Both ends public: the first to send is the client. */
function mirrorPort(): PcapFile {
  const v6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };
  return pcapFile([
    { frame: ethernet().ipv4({ source: "8.8.4.4", destination: SERVER }).tcp({ flags: "S" }) },
    { frame: ethernet().ipv4({ source: SERVER, destination: "8.8.4.4" }).tcp({ flags: "SA" }) },
    { frame: ethernet().ipv6(v6).udp().payload("six") },
  ]);
}

interface Seen {
  readonly timeUs: number;
  readonly ends: readonly [source: string, destination: string];
  readonly mac: number;
  readonly payload: string;
}

function seen(packet: Packet): Seen {
  const bytes = packet.bytes.subarray(packet.payloadOffset, packet.ipEnd);
  return {
    timeUs: packet.timeUs,
    ends: [formatAddress(sourceOf(packet)), formatAddress(destinationOf(packet))],
    mac: packet.macLow,
    payload: new TextDecoder().decode(bytes),
  };
}

function mixed(captures: readonly PcapFile[], packets: number) {
  using output = pcapFile([]);
  const written = writeMixedCapture({
    captures: captures.map(({ path }) => path),
    output: output.path,
    packets,
  });
  const all: Seen[] = [];
  readPackets(output.path, (packet, decoded) => {
    assertEquals(decoded, Decoded.Ip);
    all.push(seen(packet));
  });
  return { written, all };
}

testWhen(MISSING, "a mixed capture holds whole repetitions of the Ethernet captures", () => {
  using home = household();
  using mirror = mirrorPort();
  using other = pcapFile([{ frame: raw().ipv4({ source: CLIENT, destination: SERVER }).udp() }], {
    linkType: LINK_TYPE.raw,
  });
  const { written, all } = mixed([home, mirror, other], 7);
  const sum = all.length;
  assertEquals([written.captures, written.repetitions, written.packets], [2, 2, 12]);
  assertEquals(sum, 12);
  const texts = all.map(({ payload }) => payload);
  assertEquals(texts.filter((text) => text === "ask").length, 4);
  assertEquals(texts.filter((text) => text === "six").length, 2);
  assert(all.every(({ timeUs }, i) => i === 0 || timeUs >= all[i - 1].timeUs), "time runs on");
  // The pause of years is ten seconds, and the second repetition begins after a minute.
  assertEquals(Math.max(...all.map(({ timeUs }) => timeUs)) - all[0].timeUs, 70_001_000);
});

testWhen(MISSING, "clients are others in each repetition, and servers stay", () => {
  using home = household();
  using mirror = mirrorPort();
  const { all } = mixed([home, mirror], 12);
  const asking = all.filter(({ payload }) => payload === "ask");
  assertEquals(new Set(asking.map(({ ends: [client] }) => client)).size, 4);
  assert(asking.every(({ ends: [client] }) => /^10\.\d+\.\d+\.20$/.test(client)));
  assert(asking.every(({ ends: [, server] }) => server === SERVER));
  assertEquals(new Set(asking.map(({ mac }) => mac)).size, 2);

  const [answer] = all.filter(({ payload }) => payload === "answer");
  assertEquals(answer.ends, [SERVER, asking[0].ends[0]]);

  const six = all.filter(({ payload }) => payload === "six").map(({ ends }) => ends);
  assertEquals(new Set(six.map(([client]) => client)).size, 2);
  assert(six.every(([client]) => client.startsWith("fd00:") && client.endsWith("::20")), `${six}`);
  assert(six.every(([, server]) => server === "2606:2800:220:1::1946"));
  const fromMirror = all.filter(({ ends: [client] }) => client.endsWith(".4"));
  assertEquals(new Set(fromMirror.map(({ ends: [client] }) => client)).size, 2);
});

testWhen(MISSING, "a mixed capture of nothing is an error", () => {
  assertThrows(() => mixed([], 1), Error, "none of the captures");
});
