import { assertEquals } from "../../assert.ts";
import { FragmentPorts } from "../../../capture/flow/fragments.ts";
import type { Packet } from "../../../capture/decode/packet.ts";
import { decodeFrame, packetOf } from "../decode_frame.ts";
import { ethernet, type Frame } from "../frame_builder.ts";
import { START_US } from "../pcap_records.ts";

const SECOND_US = 1e6;
const V4 = { source: "192.168.1.20", destination: "93.184.216.34" };
const V6 = { source: "2001:db8::20", destination: "2606:2800:220:1::1946" };

function firstOf4(identification: number): Frame {
  return ethernet().ipv4({ ...V4, identification, moreFragments: true })
    .udp({ sourcePort: 5000, destinationPort: 6000 }).payload("eight by");
}

function laterOf4(identification: number, protocol = 17): Frame {
  return ethernet().ipv4({ ...V4, identification, fragmentOffset: 16, protocol }).payload("rest");
}

function firstOf6(identification: number): Frame {
  return ethernet().ipv6(V6).fragment({ identification, more: true }).destinationOptions()
    .udp({ sourcePort: 5000, destinationPort: 6000 });
}

function laterOf6(identification: number, nextHeader: number): Frame {
  return ethernet().ipv6(V6).fragment({ identification, offset: 16, nextHeader }).payload("rest");
}

/** The protocol and ports of a packet after `apply()`; no ports where it has none. */
function applied(fragments: FragmentPorts, packet: Packet): number[] {
  fragments.apply(packet);
  const { protocol, sourcePort, destinationPort } = packet;
  return packet.hasTransport ? [protocol, sourcePort, destinationPort] : [protocol];
}

Deno.test("`FragmentPorts.apply()` gives the ports of the first fragment to the later ones", () => {
  const fragments = new FragmentPorts();
  assertEquals(applied(fragments, packetOf(firstOf4(7))), [17, 5000, 6000]);
  assertEquals(applied(fragments, packetOf(laterOf4(7))), [17, 5000, 6000]);
  assertEquals(applied(fragments, packetOf(laterOf4(7))), [17, 5000, 6000]);
});

Deno.test("`FragmentPorts.apply()` gives a later IPv6 fragment the protocol behind the options too", () => {
  const fragments = new FragmentPorts();
  fragments.apply(packetOf(firstOf6(7)));
  const DESTINATION_OPTIONS = 60;
  assertEquals(applied(fragments, packetOf(laterOf6(7, DESTINATION_OPTIONS))), [17, 5000, 6000]);
});

Deno.test("`FragmentPorts.apply()` keeps packets of other addresses, protocols and identifications apart", () => {
  const fragments = new FragmentPorts();
  fragments.apply(packetOf(firstOf4(7)));
  assertEquals(applied(fragments, packetOf(laterOf4(8))), [17]);
  assertEquals(applied(fragments, packetOf(laterOf4(7, 6))), [6]);
  const back = ethernet().ipv4({
    source: V4.destination,
    destination: V4.source,
    identification: 7,
    fragmentOffset: 16,
    protocol: 17,
  });
  assertEquals(applied(fragments, packetOf(back)), [17]);
});

Deno.test("`FragmentPorts.apply()` leaves a later fragment alone whose first was not seen", () => {
  const fragments = new FragmentPorts();
  assertEquals(applied(fragments, packetOf(laterOf4(7))), [17]);
  assertEquals(applied(fragments, packetOf(firstOf4(7))), [17, 5000, 6000]);
});

Deno.test("`FragmentPorts.apply()` learns nothing from a first fragment without its ports", () => {
  const fragments = new FragmentPorts();
  fragments.apply(decodeFrame(firstOf4(7), { snaplen: 14 + 20 + 3 }).packet);
  assertEquals(applied(fragments, packetOf(laterOf4(7))), [17]);
});

Deno.test("`FragmentPorts.apply()` forgets a packet after a minute", () => {
  const fragments = new FragmentPorts();
  fragments.apply(packetOf(firstOf4(7)));
  const after = (seconds: number) => packetOf(laterOf4(7), START_US + seconds * SECOND_US);
  assertEquals(applied(fragments, after(60)), [17, 5000, 6000]);
  assertEquals(applied(fragments, after(61)), [17]);
});

Deno.test("`FragmentPorts.apply()` takes a first fragment with a used identification for another packet", () => {
  const fragments = new FragmentPorts();
  fragments.apply(packetOf(firstOf4(7)));
  const other = ethernet().ipv4({ ...V4, identification: 7, moreFragments: true })
    .udp({ sourcePort: 1, destinationPort: 2 });
  fragments.apply(packetOf(other));
  assertEquals(applied(fragments, packetOf(laterOf4(7))), [17, 1, 2]);
});

Deno.test("`FragmentPorts.apply()` remembers the 1024 packets that began last", () => {
  const fragments = new FragmentPorts();
  for (let identification = 0; identification < 1025; identification++) {
    fragments.apply(packetOf(firstOf4(identification)));
  }
  assertEquals(applied(fragments, packetOf(laterOf4(0))), [17]);
  assertEquals(applied(fragments, packetOf(laterOf4(1))), [17, 5000, 6000]);
});
