import { parseAddress } from "../../../capture/address/address.ts";
import { type Dhcpv6Message, parseDhcpv6 } from "../../../capture/devices/dhcpv6.ts";
import { assertEquals } from "../../assert.ts";
import { concat, text, uint32, uint8 } from "../wire/build_bytes.ts";
import {
  clientFqdn6,
  clientMacOption,
  DHCPV6,
  dhcpv6Message,
  duidLl,
  duidLlt,
  duidUuid,
  iaNa,
  iaTa,
  option6,
  relayed,
} from "./build_dhcpv6.ts";
import { macWords } from "./build_mac.ts";

const MAC = "02:00:00:00:00:20";
const OTHER_MAC = "02:00:00:00:00:99";
const PEER = "fe80::20";

Deno.test("`parseDhcpv6()` reads a client's name and the MAC address in its DUID", () => {
  const solicit = dhcpv6Message(DHCPV6.solicit, duidLlt(MAC), clientFqdn6("Laptop"), iaNa("::", 0));
  assertEquals(parseDhcpv6(solicit), {
    isFromClient: true,
    isReply: false,
    relayedPeer: undefined,
    clientMac: macWords(MAC),
    fqdn: "laptop",
    addresses: [],
  });
  const macOf = (clientId: Uint8Array) =>
    parseDhcpv6(dhcpv6Message(DHCPV6.solicit, clientId))?.clientMac;
  assertEquals(macOf(duidLl(MAC)), macWords(MAC));
  assertEquals(macOf(duidLl(MAC, 32)), undefined, "no Ethernet");
  assertEquals(macOf(duidLl(MAC + ":00:00")), undefined, "too long");
  assertEquals(macOf(duidUuid()), undefined);
});

Deno.test("`parseDhcpv6()` reads the addresses that a reply grants", () => {
  const reply = parseDhcpv6(dhcpv6Message(
    DHCPV6.reply,
    duidLl(MAC),
    iaNa("2001:db8::20", 7200),
    iaTa("2001:db8::21", 60),
    iaNa("2001:db8::22", 0),
  ));
  assertEquals(reply?.isReply, true);
  assertEquals(reply?.addresses, [
    { address: parseAddress("2001:db8::20")!, validSeconds: 7200 },
    { address: parseAddress("2001:db8::21")!, validSeconds: 60 },
  ]);
  const advertise = parseDhcpv6(dhcpv6Message(DHCPV6.advertise, iaNa("2001:db8::20")));
  assertEquals([advertise?.isFromClient, advertise?.isReply], [false, false]);
});

/** A client's message inside so many relays, the outermost with the highest number. */
function inRelays(count: number, message: Uint8Array): Uint8Array {
  for (let i = 1; i <= count; i++) {
    message = relayed(DHCPV6.relayForward, { peer: i === 1 ? PEER : `fe80::${i}:0` }, message);
  }
  return message;
}

Deno.test("`parseDhcpv6()` takes relays off, down to the one next to the client", () => {
  const request = dhcpv6Message(DHCPV6.request, duidLl(OTHER_MAC), clientFqdn6("laptop.lan."));
  for (const count of [1, 2, 8]) {
    const message = parseDhcpv6(inRelays(count, request));
    assertEquals(message?.relayedPeer, parseAddress(PEER), `${count}`);
    assertEquals(message?.fqdn, "laptop.lan", `${count}`);
    assertEquals(message?.clientMac, macWords(OTHER_MAC), `${count}`);
  }
  assertEquals(parseDhcpv6(inRelays(9, request)), undefined);
});

Deno.test("`parseDhcpv6()` believes the nearest relay about the MAC address before the DUID", () => {
  const request = dhcpv6Message(DHCPV6.request, duidLl(OTHER_MAC));
  const near = relayed(
    DHCPV6.relayForward,
    { peer: PEER, options: [clientMacOption(MAC)] },
    request,
  );
  const far = (message: Uint8Array) =>
    relayed(DHCPV6.relayForward, {
      peer: "fe80::9",
      options: [clientMacOption("02:00:00:00:00:77")],
    }, message);
  assertEquals(parseDhcpv6(near)?.clientMac, macWords(MAC));
  assertEquals(parseDhcpv6(far(near))?.clientMac, macWords(MAC));
  const silent = relayed(DHCPV6.relayForward, { peer: PEER }, request);
  assertEquals(parseDhcpv6(far(silent))?.clientMac, macWords(OTHER_MAC));
});

Deno.test("`parseDhcpv6()` refuses what is no whole message", () => {
  const request = dhcpv6Message(DHCPV6.request, duidLl(MAC), clientFqdn6("laptop"));
  const damaged: Record<string, Uint8Array> = {
    "empty": new Uint8Array(0),
    "cut in the header": request.subarray(0, 3),
    "cut in an option": request.subarray(0, -1),
    "text": text("PRI * HTTP/2.0"),
    "of no known type": dhcpv6Message(99),
    "a relay without a message": relayed(DHCPV6.relayForward, { peer: PEER }, request)
      .subarray(0, 34),
  };
  for (const [what, message] of Object.entries(damaged)) {
    assertEquals(parseDhcpv6(message), undefined, what);
  }
});

Deno.test("`parseDhcpv6()` takes no more addresses than a message can honestly have", () => {
  const many = concat(...Array.from({ length: 500 }, (_, i) => iaNa(`2001:db8::${i + 1}`)));
  const reply: Dhcpv6Message | undefined = parseDhcpv6(dhcpv6Message(DHCPV6.reply, many));
  assertEquals(reply?.addresses.length, 64);
});

Deno.test("`parseDhcpv6()` leaves addresses that are cut inside their option", () => {
  const cut = option6(3, uint32(1), uint32(0), uint32(0), option6(5, uint8(0x20)));
  assertEquals(parseDhcpv6(dhcpv6Message(DHCPV6.reply, cut))?.addresses, []);
  const short = option6(3, uint32(1));
  assertEquals(parseDhcpv6(dhcpv6Message(DHCPV6.reply, short))?.addresses, []);
});
