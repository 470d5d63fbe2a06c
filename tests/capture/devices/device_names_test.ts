import { assertEquals } from "../../assert.ts";
import { decodeFrame, packetOf } from "../decode_frame.ts";
import { ethernet, type Frame } from "../frame_builder.ts";
import {
  CLIENT,
  clientFqdn,
  DHCP,
  fromDhcpClient,
  fromDhcpServer,
  hostName,
  leaseSeconds,
  requestedAddress,
  serverId,
  wireForm,
} from "./build_dhcp.ts";
import {
  clientFqdn6,
  clientMacOption,
  DHCPV6,
  dhcpv6Message,
  duidLl,
  duidUuid,
  iaNa,
  relayed,
} from "./build_dhcpv6.ts";
import { registration } from "./build_netbios.ts";
import { DAY_US, hostAnswer, HOUR_US, Link, llmnr, mdns, multicast } from "./hear.ts";

const ADDRESS = "192.168.1.20";
const OTHER = "02:00:00:00:00:21";
const OTHER_ADDRESS = "192.168.1.21";
const REPEATER = "02:00:00:00:00:99";

/** A client that takes the address it was offered. */
function takes(address: string, client: string, name?: string): Frame {
  const options = [requestedAddress(address), serverId("192.168.1.1")];
  if (name !== undefined) options.push(hostName(name));
  return fromDhcpClient({ type: DHCP.request, client, options });
}

function acknowledged(address: string, client: string, seconds = 3600): Frame {
  const options = [leaseSeconds(seconds)];
  return fromDhcpServer({ type: DHCP.ack, client, yiaddr: address, options });
}

Deno.test("a client's DHCP name is that of its MAC address, whatever address it uses", () => {
  const link = new Link().hear(
    fromDhcpClient({ type: DHCP.discover, options: [hostName("Pixel-7")] }),
  );
  assertEquals(link.nameOf(ADDRESS, CLIENT), "pixel-7");
  assertEquals(link.nameOf("2001:db8::abcd", CLIENT), "pixel-7");
  assertEquals(link.nameOf(ADDRESS, OTHER), undefined);
  assertEquals(link.nameOf(ADDRESS), undefined);
});

Deno.test("a lease names an address whose MAC address is not seen", () => {
  for (const frame of [acknowledged(ADDRESS, CLIENT), takes(ADDRESS, CLIENT)]) {
    const link = new Link().hear(
      fromDhcpClient({ type: DHCP.discover, options: [hostName("pixel-7")] }),
      frame,
    );
    assertEquals(link.nameOf(ADDRESS), "pixel-7");
    assertEquals(link.nameOf(OTHER_ADDRESS), undefined);
  }
});

Deno.test("a client that renews, rebinds or informs has the address it sends from", () => {
  for (const type of [DHCP.request, DHCP.inform]) {
    const link = new Link().hear(
      fromDhcpClient({ type, ciaddr: ADDRESS, options: [hostName("pixel-7")] }),
    );
    assertEquals(link.nameOf(ADDRESS), "pixel-7");
  }
});

Deno.test("of two DHCP names the fully qualified one counts, if it is one", () => {
  const named = (fqdn: string) =>
    new Link().hear(fromDhcpClient({
      type: DHCP.request,
      options: [hostName("desktop-1"), clientFqdn(4, wireForm(fqdn))],
    })).nameOf(ADDRESS, CLIENT);
  assertEquals(named("desktop-1.corp.example."), "desktop-1.corp.example");
  assertEquals(named("localhost."), "desktop-1");
});

Deno.test("what a server calls a client is not what the client calls itself", () => {
  const link = new Link().hear(
    fromDhcpServer({ type: DHCP.ack, yiaddr: ADDRESS, options: [hostName("reserved-7")] }),
  );
  assertEquals(link.nameOf(ADDRESS, CLIENT), undefined);
});

Deno.test("a host is believed about its own address, over IPv4 and IPv6", () => {
  const link = new Link().hear(
    mdns({ address: ADDRESS, mac: CLIENT }, ["TV.local", ADDRESS], ["other.local", OTHER_ADDRESS]),
    mdns({ address: "fe80::21", mac: OTHER }, ["Printer.local", "fe80::21"]),
  );
  assertEquals(link.nameOf(ADDRESS), "tv.local");
  assertEquals(link.nameOf("2001:db8::abcd", CLIENT), "tv.local");
  assertEquals(link.nameOf("fe80::21", OTHER), "printer.local");
  assertEquals(link.nameOf(OTHER_ADDRESS), undefined);
});

Deno.test("a host is not believed about others", () => {
  const link = new Link().hear(
    mdns({ address: ADDRESS, mac: CLIENT }, ["other.local", OTHER_ADDRESS]),
    llmnr({ address: ADDRESS, mac: CLIENT }, ["other", OTHER_ADDRESS]),
    multicast(
      { address: ADDRESS, mac: CLIENT },
      137,
      registration({ name: "OTHER" }, OTHER_ADDRESS),
    ),
  );
  assertEquals(link.nameOf(OTHER_ADDRESS), undefined);
  assertEquals(link.nameOf(ADDRESS, CLIENT), undefined);
  assertEquals(link.names.counters, { messages: 3, unreadable: 0, notBelieved: 3, leftOut: 0 });
});

Deno.test("a host is believed about the address that DHCP gave to its MAC address", () => {
  const announcement = (mac: string) => mdns({ address: "fe80::20", mac }, ["tv.local", ADDRESS]);
  const link = new Link().hear(acknowledged(ADDRESS, CLIENT), announcement(OTHER));
  assertEquals(link.nameOf(ADDRESS), undefined);
  link.hear(announcement(CLIENT));
  assertEquals(link.nameOf(ADDRESS), "tv.local");
  assertEquals(link.nameOf(ADDRESS, CLIENT), "tv.local");
});

Deno.test("DHCP is trusted over multicast DNS over LLMNR over NetBIOS, in whatever order they come", () => {
  const speaker = { address: ADDRESS, mac: CLIENT };
  const ranked: [string, Frame][] = [
    ["by-dhcp", takes(ADDRESS, CLIENT, "by-dhcp")],
    ["by-mdns.local", mdns(speaker, ["by-mdns.local", ADDRESS])],
    ["by-llmnr", llmnr(speaker, ["by-llmnr", ADDRESS])],
    ["by-netbios", multicast(speaker, 137, registration({ name: "BY-NETBIOS" }, ADDRESS))],
  ];
  for (let first = 0; first < ranked.length; first++) {
    const heard = ranked.slice(first);
    const frames = heard.map(([, frame]) => frame);
    for (const order of [frames, frames.toReversed()]) {
      const link = new Link().hear(...order);
      for (const mac of [CLIENT, undefined]) {
        assertEquals(link.nameOf(ADDRESS, mac), heard[0][0]);
      }
    }
  }
});

Deno.test("a new name takes the place of the old one; of several, the known one stays", () => {
  const speaker = { address: ADDRESS, mac: CLIENT };
  const link = new Link().hear(mdns(speaker, ["pi.local", ADDRESS]));
  link.hear(mdns(speaker, ["home.local", ADDRESS], ["pi.local", ADDRESS]));
  assertEquals(link.nameOf(ADDRESS, CLIENT), "pi.local");
  link.hear(mdns(speaker, ["home.local", ADDRESS]));
  assertEquals(link.nameOf(ADDRESS, CLIENT), "home.local");
});

Deno.test("an address that another device is given does not keep its name", () => {
  const link = new Link().hear(
    takes(ADDRESS, CLIENT, "pixel-7"),
    acknowledged(ADDRESS, CLIENT),
    mdns({ address: ADDRESS, mac: CLIENT }, ["pixel.local", ADDRESS]),
  );
  assertEquals(link.nameOf(ADDRESS), "pixel-7");
  for (const frame of [takes(ADDRESS, OTHER), acknowledged(ADDRESS, OTHER)]) {
    link.hear(frame);
    assertEquals(link.nameOf(ADDRESS), undefined);
    assertEquals(link.nameOf(ADDRESS, OTHER), undefined);
  }
  link.hear(takes(ADDRESS, OTHER, "galaxy"));
  assertEquals(link.nameOf(ADDRESS), "galaxy");
});

Deno.test("an address that another device uses unheard does not lend it its name", () => {
  const link = new Link().hear(
    takes(ADDRESS, CLIENT, "pixel-7"),
    mdns({ address: ADDRESS, mac: CLIENT }, ["pixel.local", ADDRESS]),
  );
  assertEquals(link.nameOf(ADDRESS, OTHER), undefined);
  link.hear(mdns({ address: ADDRESS, mac: OTHER }, ["printer.local", ADDRESS]));
  assertEquals(link.nameOf(ADDRESS, OTHER), "printer.local");
});

Deno.test("a client that hopes for an earlier address has it only while nobody else does", () => {
  const hopes = fromDhcpClient({
    type: DHCP.request,
    client: OTHER,
    options: [requestedAddress(ADDRESS), hostName("visitor")],
  });
  assertEquals(new Link().hear(hopes).nameOf(ADDRESS), "visitor");
  const link = new Link().hear(takes(ADDRESS, CLIENT, "pixel-7"), hopes);
  assertEquals(link.nameOf(ADDRESS), "pixel-7");
});

Deno.test("an address that a client only wishes for, gives back or declines is not its own", () => {
  const wish = fromDhcpClient({
    type: DHCP.discover,
    options: [requestedAddress(ADDRESS), hostName("pixel-7")],
  });
  assertEquals(new Link().hear(wish).nameOf(ADDRESS), undefined);

  const release = (client: string) =>
    fromDhcpClient({ type: DHCP.release, client, ciaddr: ADDRESS });
  const decline = fromDhcpClient({ type: DHCP.decline, options: [requestedAddress(ADDRESS)] });
  for (const end of [release(CLIENT), decline]) {
    const link = new Link().hear(takes(ADDRESS, CLIENT, "pixel-7"), release(OTHER));
    assertEquals(link.nameOf(ADDRESS), "pixel-7");
    assertEquals(link.hear(end).nameOf(ADDRESS), undefined);
  }
});

Deno.test("behind a repeater, devices are told apart by their leases and addresses", () => {
  const link = new Link().hear(
    fromDhcpClient({ type: DHCP.request, client: REPEATER, options: [hostName("repeater")] }),
    acknowledged("192.168.1.9", REPEATER),
    fromDhcpClient({ type: DHCP.request, options: [hostName("pixel-7")] }, REPEATER),
    acknowledged(ADDRESS, CLIENT),
    mdns({ address: OTHER_ADDRESS, mac: REPEATER }, ["tv.local", OTHER_ADDRESS]),
  );
  assertEquals(link.nameOf("192.168.1.9", REPEATER), "repeater");
  assertEquals(link.nameOf(ADDRESS, REPEATER), "pixel-7");
  assertEquals(link.nameOf(OTHER_ADDRESS, REPEATER), "tv.local");
  assertEquals(link.nameOf("192.168.1.22", REPEATER), undefined);
});

Deno.test("behind a repeater, too, the more trusted name counts", () => {
  const link = new Link().hear(
    llmnr({ address: "fe80::20", mac: CLIENT }, ["desktop-1", "fe80::20"]),
    fromDhcpClient({ type: DHCP.request, ciaddr: ADDRESS }, REPEATER),
    mdns({ address: ADDRESS, mac: REPEATER }, ["desktop-1.local", ADDRESS]),
  );
  assertEquals(link.nameOf(ADDRESS, REPEATER), "desktop-1.local");
});

Deno.test("a repeater is not named by what was heard through it", () => {
  const address = "192.168.1.9";
  const link = new Link().hear(
    mdns({ address: OTHER_ADDRESS, mac: REPEATER }, ["tv.local", OTHER_ADDRESS]),
    fromDhcpClient({ type: DHCP.request }, REPEATER),
    acknowledged(address, REPEATER),
    mdns({ address: "fe80::21", mac: REPEATER }, ["tv.local", address]),
  );
  assertEquals(link.nameOf(address, REPEATER), undefined);
  assertEquals(link.nameOf("fe80::21", REPEATER), undefined);
});

Deno.test("a device that has forwarded nothing for long is one like others", () => {
  const link = new Link().hear(
    fromDhcpClient({ type: DHCP.request, client: REPEATER, options: [hostName("repeater")] }),
    fromDhcpClient({ type: DHCP.request }, REPEATER),
  );
  assertEquals(link.wait(DAY_US).nameOf(ADDRESS, REPEATER), undefined);
  assertEquals(link.wait(HOUR_US).nameOf(ADDRESS, REPEATER), "repeater");
});

Deno.test("a MAC address from which two hosts speak names neither's other addresses", () => {
  const link = new Link().hear(
    mdns({ address: ADDRESS, mac: REPEATER }, ["tv.local", ADDRESS]),
    mdns({ address: OTHER_ADDRESS, mac: REPEATER }, ["printer.local", OTHER_ADDRESS]),
  );
  assertEquals(link.nameOf(ADDRESS, REPEATER), "tv.local");
  assertEquals(link.nameOf(OTHER_ADDRESS, REPEATER), "printer.local");
  assertEquals(link.nameOf("192.168.1.22", REPEATER), undefined);
});

Deno.test("a host may change its name, or its address, and stays one", () => {
  const link = new Link().hear(
    mdns({ address: ADDRESS, mac: CLIENT }, ["tv.local", ADDRESS]),
    mdns({ address: OTHER_ADDRESS, mac: CLIENT }, ["tv.local", OTHER_ADDRESS]),
    mdns({ address: OTHER_ADDRESS, mac: CLIENT }, ["big-tv.local", OTHER_ADDRESS]),
  );
  assertEquals(link.nameOf("192.168.1.22", CLIENT), "big-tv.local");
});

Deno.test("names and leases are believed for a time", () => {
  const speaker = { address: OTHER_ADDRESS, mac: OTHER };
  const link = new Link().hear(
    takes(ADDRESS, CLIENT, "pixel-7"),
    acknowledged(ADDRESS, CLIENT, 3 * 86_400),
    mdns(speaker, ["tv.local", OTHER_ADDRESS]),
  ).wait(DAY_US);
  assertEquals(link.nameOf(OTHER_ADDRESS, OTHER), "tv.local");
  assertEquals(link.nameOf(ADDRESS), "pixel-7");
  link.wait(HOUR_US);
  assertEquals(link.nameOf(OTHER_ADDRESS, OTHER), undefined);
  link.wait(2 * DAY_US);
  assertEquals(link.nameOf(ADDRESS), undefined);
  assertEquals(link.nameOf(ADDRESS, CLIENT), "pixel-7");
  link.wait(5 * DAY_US);
  assertEquals(link.nameOf(ADDRESS, CLIENT), undefined);
});

Deno.test("a short lease is believed for a day, because its renewals may pass unheard", () => {
  const link = new Link().hear(
    takes(ADDRESS, CLIENT, "pixel-7"),
    acknowledged(ADDRESS, CLIENT, 60),
  );
  assertEquals(link.wait(DAY_US).nameOf(ADDRESS), "pixel-7");
  assertEquals(link.wait(HOUR_US).nameOf(ADDRESS), undefined);
});

Deno.test("what comes from beyond a router names nobody, least of all the router", () => {
  const router = "02:00:00:00:00:01";
  const link = new Link({ offLink: [OTHER_ADDRESS] }).hear(
    mdns({ address: OTHER_ADDRESS, mac: router }, ["far.local", OTHER_ADDRESS]),
    takes("192.168.1.1", router, "router"),
  );
  assertEquals(link.nameOf("192.168.1.1", router), "router");
  assertEquals(link.nameOf(OTHER_ADDRESS, router), undefined);
  assertEquals(link.names.counters.notBelieved, 1);
});

/** A DHCPv6 message as it passes. */
function dhcpv6(
  { source, destination = "ff02::1:2", mac = CLIENT, toServer = true }: {
    readonly source: string;
    readonly destination?: string;
    readonly mac?: string;
    readonly toServer?: boolean;
  },
  message: Uint8Array,
): Frame {
  return ethernet({ source: mac }).ipv6({ source, destination })
    .udp({ sourcePort: toServer ? 546 : 547, destinationPort: toServer ? 547 : 546 })
    .payload(message);
}

Deno.test("DHCPv6 names a client by its MAC address and the addresses that it is given", () => {
  const link = new Link().hear(
    dhcpv6(
      { source: "fe80::20" },
      dhcpv6Message(DHCPV6.solicit, duidUuid(), clientFqdn6("laptop.lan.")),
    ),
    dhcpv6(
      { source: "fe80::1", destination: "fe80::20", mac: OTHER, toServer: false },
      dhcpv6Message(DHCPV6.reply, duidUuid(), iaNa("2001:db8::20")),
    ),
  );
  assertEquals(link.nameOf("2001:db8::abcd", CLIENT), "laptop.lan");
  assertEquals(link.nameOf("2001:db8::20"), "laptop.lan");
  assertEquals(link.nameOf("2001:db8::21"), undefined);
});

Deno.test("DHCPv6 through a relay names the client, not the relay", () => {
  const peer = "fe80::20";
  const request = dhcpv6Message(DHCPV6.request, duidLl(OTHER), clientFqdn6("laptop"));
  const options = [clientMacOption(CLIENT)];
  const link = new Link().hear(
    dhcpv6(
      { source: "2001:db8:1::1", mac: REPEATER },
      relayed(DHCPV6.relayForward, { peer, options }, request),
    ),
    dhcpv6(
      { source: "2001:db8:2::1", mac: REPEATER },
      relayed(DHCPV6.relayReply, { peer }, dhcpv6Message(DHCPV6.reply, iaNa("2001:db8::20"))),
    ),
  );
  assertEquals(link.nameOf("fe80::1:1", CLIENT), "laptop");
  assertEquals(link.nameOf("2001:db8::20"), "laptop");
  assertEquals(link.nameOf("fe80::9", REPEATER), undefined);
  assertEquals(link.nameOf("fe80::9", OTHER), undefined);
});

Deno.test("on a link without MAC addresses, hosts are named by their addresses", () => {
  const link = new Link().hear(mdns({ address: ADDRESS }, ["tv.local", ADDRESS]));
  assertEquals(link.nameOf(ADDRESS), "tv.local");
  link.hear(mdns({ address: ADDRESS }, ["big-tv.local", ADDRESS]));
  assertEquals(link.nameOf(ADDRESS), "big-tv.local");
});

Deno.test("`learn()` leaves packets on other ports, and counts those it cannot read", () => {
  const { names } = new Link();
  const udp = ethernet().ipv4({ source: ADDRESS, destination: "192.168.1.1" });
  names.learn(packetOf(udp.udp({ sourcePort: 40000, destinationPort: 443 }).payload("hello")));
  assertEquals(names.counters.messages, 0);
  for (const port of [67, 68, 546, 547]) {
    names.learn(packetOf(udp.udp({ destinationPort: port }).payload("hello")));
  }
  for (const port of [137, 5353, 5355]) {
    names.learn(packetOf(udp.udp({ sourcePort: port }).payload("hello")));
  }
  assertEquals(names.counters, { messages: 7, unreadable: 7, notBelieved: 0, leftOut: 0 });
});

Deno.test("`learn()` takes nothing from a message that is cut short or in fragments", () => {
  const frame = mdns({ address: ADDRESS, mac: CLIENT }, ["tv.local", ADDRESS], [
    "b.local",
    ADDRESS,
  ]);
  const { names } = new Link();
  names.learn(decodeFrame(frame, { snaplen: frame.bytes.length - 1 }).packet);
  const fragment = ethernet({ source: CLIENT })
    .ipv4({ source: ADDRESS, destination: "224.0.0.251", moreFragments: true })
    .udp({ sourcePort: 5353, destinationPort: 5353 })
    .payload(hostAnswer([["tv.local", ADDRESS]]));
  names.learn(packetOf(fragment));
  assertEquals(names.counters, { messages: 2, unreadable: 2, notBelieved: 0, leftOut: 0 });
  assertEquals(names.size, 0);
});

Deno.test("what is remembered is bounded, however many speak", () => {
  const link = new Link();
  const digits = (i: number) => i.toString(16).padStart(4, "0").replace(/..(?=.)/, "$&:");
  for (let i = 0; i < 10_000; i++) {
    const address = `10.1.${i >> 8}.${i & 255}`;
    const mac = `02:00:00:01:${digits(i)}`;
    link.hear(
      takes(address, mac, `host-${i}`),
      mdns({ address, mac }, [`host-${i}.local`, address]),
      fromDhcpClient({ type: DHCP.discover, client: CLIENT }, mac),
    );
  }
  assertEquals(link.names.size, 1024 + 2048 + 2048 + 256);
  assertEquals(link.nameOf("10.1.39.15"), "host-9999");
  assertEquals(link.nameOf("10.1.0.0"), undefined);
});

Deno.test("a MAC address of zeros or of a group in a DHCP message names nobody", () => {
  for (const client of ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"]) {
    const link = new Link().hear(takes(ADDRESS, client, "ghost"));
    assertEquals(link.nameOf(ADDRESS), undefined);
    assertEquals(link.names.size, 0);
  }
});

Deno.test("an offer gives nothing away yet", () => {
  const link = new Link().hear(
    fromDhcpClient({ type: DHCP.discover, options: [hostName("pixel-7")] }),
    fromDhcpServer({ type: DHCP.offer, yiaddr: ADDRESS }),
  );
  assertEquals(link.nameOf(ADDRESS), undefined);
});

Deno.test("a client that uses an address has it, whoever had it before", () => {
  const link = new Link().hear(
    takes(ADDRESS, OTHER, "galaxy"),
    fromDhcpClient({ type: DHCP.request, ciaddr: ADDRESS, options: [hostName("pixel-7")] }),
  );
  assertEquals(link.nameOf(ADDRESS), "pixel-7");
});

Deno.test("what was said from an address without a MAC address goes when the lease does", () => {
  const link = new Link().hear(
    takes(ADDRESS, CLIENT),
    mdns({ address: ADDRESS }, ["tv.local", ADDRESS]),
    acknowledged(ADDRESS, CLIENT),
  );
  assertEquals(link.nameOf(ADDRESS), "tv.local");
  assertEquals(link.hear(takes(ADDRESS, OTHER)).nameOf(ADDRESS), undefined);
});

Deno.test("another device that speaks from an address takes over none of its names", () => {
  const link = new Link().hear(
    mdns({ address: ADDRESS, mac: CLIENT }, ["tv.local", ADDRESS]),
    llmnr({ address: ADDRESS, mac: OTHER }, ["desktop-1", ADDRESS]),
  );
  assertEquals(link.nameOf(ADDRESS), "desktop-1");
});

Deno.test("a lease that is given for ever is believed for a month", () => {
  const link = new Link().hear(acknowledged(ADDRESS, CLIENT, 0xffffffff));
  const says = () =>
    link.hear(fromDhcpClient({ type: DHCP.discover, options: [hostName("pixel-7")] }));
  link.wait(30 * DAY_US);
  assertEquals(says().nameOf(ADDRESS), "pixel-7");
  link.wait(HOUR_US);
  assertEquals(says().nameOf(ADDRESS), undefined);
});

Deno.test("an option that is no name does not take away the one that is known", () => {
  const link = new Link().hear(
    takes(ADDRESS, CLIENT, "pixel-7"),
    takes(ADDRESS, CLIENT, "localhost"),
  );
  assertEquals(link.nameOf(ADDRESS, CLIENT), "pixel-7");
});
