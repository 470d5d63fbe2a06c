import fc from "fast-check";
import { parseDhcp } from "../../../capture/devices/dhcp.ts";
import { parseDhcpv6 } from "../../../capture/devices/dhcpv6.ts";
import { llmnrHosts, mdnsHosts } from "../../../capture/devices/mdns.ts";
import { netbiosHosts } from "../../../capture/devices/netbios.ts";
import { assert, assertEquals } from "../../assert.ts";
import { concat, uint8 } from "../wire/build_bytes.ts";
import {
  CLIENT,
  clientFqdn,
  DHCP,
  dhcpMessage,
  END,
  hostName,
  leaseSeconds,
  option,
  requestedAddress,
  wireForm,
} from "./build_dhcp.ts";
import {
  clientFqdn6,
  clientMacOption,
  DHCPV6,
  dhcpv6Message,
  duidLl,
  duidLlt,
  iaNa,
  iaTa,
  relayed,
} from "./build_dhcpv6.ts";
import { nameAnswer, nodeStatus, registration } from "./build_netbios.ts";
import { DAY_US, hostAnswer, Link, multicast } from "./hear.ts";

const ADDRESS = "192.168.1.20";

const DHCP_MESSAGES = [
  dhcpMessage({
    type: DHCP.request,
    options: [requestedAddress(ADDRESS), hostName("kitchen-tv"), option(52, uint8(3))],
    file: concat(hostName("-in-file"), END),
    sname: concat(clientFqdn(4, wireForm("tv.home.lan.")), END),
  }),
  dhcpMessage({ type: DHCP.ack, yiaddr: ADDRESS, options: [leaseSeconds(3600)] }),
];
const SOLICIT = dhcpv6Message(DHCPV6.solicit, duidLlt(CLIENT), clientFqdn6("laptop.lan."));
const DHCPV6_MESSAGES = [
  SOLICIT,
  dhcpv6Message(DHCPV6.reply, duidLl(CLIENT), iaNa("2001:db8::20"), iaTa("2001:db8::21")),
  relayed(
    DHCPV6.relayForward,
    { peer: "fe80::20", options: [clientMacOption(CLIENT)] },
    relayed(DHCPV6.relayForward, { peer: "fe80::21" }, SOLICIT),
  ),
];
const HOST_MESSAGES = [
  hostAnswer([["tv.local", ADDRESS], ["tv.local", "fe80::20"], ["tv", ADDRESS]]),
  hostAnswer([["desktop-1", ADDRESS]]),
];
const NETBIOS_MESSAGES = [
  registration({ name: "ATTIC-PC" }, ADDRESS),
  nameAnswer({ name: "ATTIC-PC" }, [ADDRESS, "10.0.0.1"]),
  nodeStatus([{ name: "GROUP", isGroup: true }, { name: "ATTIC-PC" }]),
];

/** Each parser, and messages that it reads. */
const PARSERS = [
  ["parseDhcp()", parseDhcp, DHCP_MESSAGES],
  ["parseDhcpv6()", parseDhcpv6, DHCPV6_MESSAGES],
  ["mdnsHosts()", mdnsHosts, HOST_MESSAGES],
  ["llmnrHosts()", llmnrHosts, HOST_MESSAGES],
  ["netbiosHosts()", netbiosHosts, NETBIOS_MESSAGES],
] as const;

/** Any bytes; or one of `wholes`, cut, and with some of its bytes changed. */
function hostile(wholes: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  const damaged = fc.tuple(
    fc.constantFrom(...wholes),
    fc.array(change, { maxLength: 6 }),
    fc.oneof(fc.constant(Infinity), fc.nat(400)),
  ).map(([whole, changes, length]) => {
    const bytes = whole.slice(0, length);
    for (const [at, value] of changes) bytes[at % Math.max(1, bytes.length)] = value;
    return bytes;
  });
  return fc.oneof(
    { weight: 5, arbitrary: damaged },
    fc.uint8Array({ maxLength: 400, size: "max" }),
  );
}

/** The bytes in the midst of memory that is full of `poison`, as they are in a batch. */
function amidst(poison: number, bytes: Uint8Array): Uint8Array {
  const memory = new Uint8Array(bytes.length + 600).fill(poison);
  memory.set(bytes, 300);
  return memory.subarray(300, 300 + bytes.length);
}

for (const [name, parse, wholes] of PARSERS) {
  Deno.test(`property: \`${name}\` never throws and reads nothing beyond the message`, () => {
    fc.assert(
      fc.property(hostile(wholes), (bytes) => {
        const [first, second] = [0x00, 0x41].map((poison) => parse(amidst(poison, bytes)));
        assertEquals(first, second);
      }),
      { numRuns: 1000 },
    );
  });

  Deno.test(`\`${name}\` of a message cut at any length reads nothing behind the cut`, () => {
    for (const whole of wholes) {
      for (let length = 0; length <= whole.length; length++) {
        const [first, second] = [0x00, 0x41].map((poison) =>
          parse(amidst(poison, whole.slice(0, length)))
        );
        assertEquals(first, second, `${length} bytes`);
      }
    }
  });
}

/** A payload on a port on which devices say their names. */
const SAID = fc.oneof(
  fc.tuple(fc.constantFrom(67, 68), hostile(DHCP_MESSAGES)),
  fc.tuple(fc.constantFrom(546, 547), hostile(DHCPV6_MESSAGES)),
  fc.tuple(fc.constantFrom(5353, 5355), hostile(HOST_MESSAGES)),
  fc.tuple(fc.constant(137), hostile(NETBIOS_MESSAGES)),
);

Deno.test("property: whatever is said, `learn()` does not throw, and names are fit for a log", () => {
  const speech = fc.tuple(
    SAID,
    fc.constantFrom(CLIENT, "02:00:00:00:00:21", undefined),
    fc.nat(20),
  );
  fc.assert(
    fc.property(fc.array(speech, { maxLength: 30, size: "max" }), (speeches) => {
      const link = new Link();
      for (const [[port, message], mac, days] of speeches) {
        link.hear(multicast({ address: ADDRESS, mac }, port, message)).wait(days / 10 * DAY_US);
        for (const end of [[ADDRESS, CLIENT], [ADDRESS], ["fe80::20", CLIENT], ["2001:db8::20"]]) {
          const name = link.nameOf(end[0], end[1]);
          assert(name === undefined || /^[\x21-\x7e]{1,1020}$/.test(name), name);
        }
      }
    }),
  );
});

Deno.test("property: what a host answers names nobody but itself", () => {
  const answer = fc.oneof(
    fc.tuple(fc.constantFrom(5353, 5355), hostile(HOST_MESSAGES)),
    fc.tuple(fc.constant(137), hostile(NETBIOS_MESSAGES)),
  );
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 10 }), (answers) => {
      const link = new Link();
      const speaker = { address: "192.168.1.66", mac: "02:00:00:00:00:66" };
      for (const [port, message] of answers) link.hear(multicast(speaker, port, message));
      for (const address of [ADDRESS, "fe80::20", "10.0.0.1"]) {
        assertEquals(link.nameOf(address), undefined);
        assertEquals(link.nameOf(address, CLIENT), undefined);
      }
    }),
  );
});
