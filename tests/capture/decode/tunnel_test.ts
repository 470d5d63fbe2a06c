import { formatAddress, formatMac } from "../../../capture/address/address.ts";
import { decode } from "../../../capture/decode/decode.ts";
import { linkDecoder } from "../../../capture/decode/link_layer.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { type ObservedDelta, Observer } from "../../../capture/observer.ts";
import { flowLine } from "../../../record/flow_line.ts";
import { assertEquals } from "../../assert.ts";
import { concat, uint16, uint32, uint8 } from "../wire/build_bytes.ts";
import { decodeFrame } from "../decode_frame.ts";
import { ethernet, type Frame, LINK_TYPE, raw } from "../frame_builder.ts";
import { packetBatch } from "../pcap_records.ts";

const OUTER4 = { source: "192.168.1.20", destination: "198.51.100.1" };
const OUTER6 = { source: "2001:db8::20", destination: "2001:db8:ffff::1" };
const INNER4 = raw().ipv4({ source: "10.8.0.2", destination: "93.184.216.34" })
  .udp({ sourcePort: 5000, destinationPort: 443 }).payload("inside").bytes;
const INNER6 = raw().ipv6({ source: "2001:db8:1::2", destination: "2606:2800:220:1::1946" })
  .udp({ sourcePort: 5000, destinationPort: 443 }).payload("inside").bytes;
const INNER_FRAME = ethernet({ source: "02:00:00:00:77:01", vlan: [9] })
  .ipv4({ source: "10.8.0.2", destination: "93.184.216.34" })
  .udp({ sourcePort: 5000, destinationPort: 443 }).payload("inside").bytes;
const VXLAN = concat(uint8(0x08), new Uint8Array(7));
const gre = (flags: number, type: number, ...more: Uint8Array[]) =>
  concat(uint16(flags), uint16(type), ...more);

const outer = () => ethernet().ipv4(OUTER4);
/** Each kind of tunnel, and the address that its inner packet comes from. */
const TUNNELS: Record<string, [Frame, string]> = {
  "6in4": [outer().protocol(41, INNER6), "2001:db8:1::2"],
  "IPIP": [outer().protocol(4, INNER4), "10.8.0.2"],
  "4in6": [ethernet().ipv6(OUTER6).protocol(4, INNER4), "10.8.0.2"],
  "6in6 behind options": [
    ethernet().ipv6(OUTER6).destinationOptions().protocol(41, INNER6),
    "2001:db8:1::2",
  ],
  "GRE": [outer().protocol(47, gre(0, 0x0800, INNER4)), "10.8.0.2"],
  "GRE with checksum, key and sequence number": [
    outer().protocol(47, gre(0xb000, 0x86dd, uint32(0), uint32(7), uint32(1), INNER6)),
    "2001:db8:1::2",
  ],
  "Ethernet over GRE": [outer().protocol(47, gre(0, 0x6558, INNER_FRAME)), "10.8.0.2"],
  "VXLAN": [
    outer().udp({ destinationPort: 4789 }).payload(concat(VXLAN, INNER_FRAME)),
    "10.8.0.2",
  ],
  "IPIP in GRE": [
    outer().protocol(47, gre(0, 0x0800, raw().ipv4(OUTER4).protocol(4, INNER4).bytes)),
    "10.8.0.2",
  ],
};

function inside(frame: Frame): Packet {
  const { packet } = decodeFrame(frame);
  decode(packet, linkDecoder(LINK_TYPE.ethernet)!, true);
  return packet;
}

function sourceOf({ source0, source1, source2, source3 }: Packet): string {
  return formatAddress([source0, source1, source2, source3]);
}

for (const [name, [frame, source]] of Object.entries(TUNNELS)) {
  Deno.test(`\`decode()\` looks into ${name} only where that is wanted`, () => {
    const packet = inside(frame);
    assertEquals([packet.isTunneled, sourceOf(packet)], [true, source]);
    assertEquals([packet.protocol, packet.sourcePort, packet.destinationPort], [17, 5000, 443]);
    assertEquals(packet.ipLength, source.includes(":") ? 40 + 8 + 6 : 20 + 8 + 6);
    const { packet: plain } = decodeFrame(frame);
    assertEquals(plain.isTunneled, false);
    assertEquals(["192.168.1.20", "2001:db8::20"].includes(sourceOf(plain)), true);
  });
}

Deno.test("`decode()` takes the MAC address of a frame in a tunnel, and otherwise that of the link", () => {
  const macOf = ({ macHigh, macLow }: Packet) => formatMac([macHigh, macLow]);
  assertEquals(macOf(inside(TUNNELS.VXLAN[0])), "02:00:00:00:77:01");
  assertEquals(macOf(inside(TUNNELS.GRE[0])), "02:00:00:00:00:01");
});

Deno.test("`decode()` counts by the outer header what it cannot look into", () => {
  const shut: Record<string, Frame> = {
    "a cut inner header": outer().protocol(4, INNER4.subarray(0, 19)),
    "another version inside": outer().protocol(41, INNER4),
    "GRE of PPTP": outer().protocol(47, gre(0x3001, 0x880b, INNER4)),
    "GRE that carries ARP in Ethernet": outer().protocol(
      47,
      gre(0, 0x6558, ethernet({ etherType: 0x0806 }).payload(new Uint8Array(46)).bytes),
    ),
    "a first fragment": ethernet().ipv4({ ...OUTER4, moreFragments: true }).protocol(4, INNER4),
    "VXLAN without an identifier": outer().udp({ destinationPort: 4789 })
      .payload(concat(new Uint8Array(8), INNER_FRAME)),
  };
  for (const [what, frame] of Object.entries(shut)) {
    const packet = inside(frame);
    assertEquals([packet.isTunneled, sourceOf(packet)], [false, "192.168.1.20"], what);
    assertEquals(formatMac([packet.macHigh, packet.macLow]), "02:00:00:00:00:01", what);
  }
});

Deno.test("`decode()` follows tunnels in tunnels no further than four", () => {
  let bytes: Uint8Array = INNER4;
  for (let depth = 0; depth < 8; depth++) bytes = raw().ipv4(OUTER4).protocol(4, bytes).bytes;
  const packet = inside(ethernet().ipv4(OUTER4).protocol(4, bytes));
  assertEquals([packet.isTunneled, packet.protocol], [true, 4]);
});

Deno.test("a flow inside a tunnel has lines that say so, and is another than the same outside", () => {
  const deltas: ObservedDelta[] = [];
  const observer = new Observer((delta) => deltas.push(delta), {
    localNetworks: new LocalNetworks(),
    looksIntoTunnels: true,
  });
  const same = ethernet().ipv4({ source: "10.8.0.2", destination: "93.184.216.34" })
    .udp({ sourcePort: 5000, destinationPort: 443 }).payload("outside");
  const batch = packetBatch([TUNNELS.GRE[0], TUNNELS.IPIP[0], same].map((frame) => ({ frame })));
  observer.process(batch, linkDecoder(LINK_TYPE.ethernet)!);
  observer.endAll();
  assertEquals(observer.counters.ipBytes, 34 + 34 + 35);
  const lines = deltas.map((delta) =>
    JSON.parse(flowLine(delta, {
      place: () => undefined,
      ptr: () => undefined,
      vendor: () => undefined,
      isOnLink: () => false,
    }))
  );
  assertEquals(
    lines.map(({ network, wifilogger }) => [network.packets, wifilogger.tunneled]),
    [[2, true], [1, undefined]],
  );
});
