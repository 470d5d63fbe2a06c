import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { assertEquals, assertThrows } from "../../assert.ts";
import {
  addressWords,
  formatAddress,
  isIpv4,
  parseAddress,
} from "../../../capture/address/address.ts";
import { LocalNetworks } from "../../../capture/address/local_networks.ts";
import { NetworkSyntaxError } from "../../../capture/address/network_set.ts";

function isLocal(networks: LocalNetworks, address: string): boolean {
  return networks.has(...parseAddress(address)!);
}

/** Of each fixed range: its first and last address, and those just outside. */
const FIXED_RANGES: readonly (readonly [inside: string[], outside: string[]])[] = [
  [["0.0.0.0", "0.255.255.255"], ["1.0.0.0"]],
  [["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]],
  [["100.64.0.0", "100.127.255.255"], ["100.63.255.255", "100.128.0.0"]],
  [["127.0.0.0", "127.255.255.255"], ["126.255.255.255", "128.0.0.0"]],
  [["169.254.0.0", "169.254.255.255"], ["169.253.255.255", "169.255.0.0"]],
  [["172.16.0.0", "172.31.255.255"], ["172.15.255.255", "172.32.0.0"]],
  [["192.168.0.0", "192.168.255.255"], ["192.167.255.255", "192.169.0.0"]],
  [["224.0.0.0", "239.255.255.255"], ["223.255.255.255", "240.0.0.0"]],
  [["255.255.255.255"], ["255.255.255.254"]],
  [["::", "::1"], ["::2"]],
  [["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], [
    "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe00::",
  ]],
  [["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], [
    "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::",
  ]],
  [["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], [
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]],
];

Deno.test("`LocalNetworks.has()` holds each fixed range from its first address to its last", () => {
  const networks = new LocalNetworks();
  for (const [inside, outside] of FIXED_RANGES) {
    for (const address of inside) assertEquals(isLocal(networks, address), true, address);
    for (const address of outside) assertEquals(isLocal(networks, address), false, address);
  }
});

Deno.test("`LocalNetworks.has()` takes public addresses for remote", () => {
  const networks = new LocalNetworks();
  for (const address of ["8.8.8.8", "93.184.216.34", "2001:db8::1", "2606:4700::1111"]) {
    assertEquals(isLocal(networks, address), false, address);
  }
});

Deno.test("`LocalNetworks` takes further networks, whatever host bits they are written with", () => {
  const networks = new LocalNetworks(["203.0.113.77/24", "2001:db8:1:2:3::4/64"]);
  assertEquals(isLocal(networks, "203.0.113.255"), true);
  assertEquals(isLocal(networks, "203.0.114.0"), false);
  assertEquals(isLocal(networks, "2001:db8:1:2:ffff::"), true);
  assertEquals(isLocal(networks, "2001:db8:1:3::"), false);
});

Deno.test("`LocalNetworks` takes a bare address for itself alone", () => {
  const networks = new LocalNetworks(["203.0.113.77", "2001:db8::7"]);
  assertEquals(isLocal(networks, "203.0.113.77"), true);
  assertEquals(isLocal(networks, "203.0.113.76"), false);
  assertEquals(isLocal(networks, "2001:db8::7"), true);
  assertEquals(isLocal(networks, "2001:db8::6"), false);
});

Deno.test("`LocalNetworks` takes a prefix of every length, also of none and of all bits", () => {
  for (let length = 0; length <= 32; length++) {
    const networks = new LocalNetworks([`203.0.113.77/${length}`]);
    assertEquals(isLocal(networks, "203.0.113.77"), true, `/${length}`);
    assertEquals(isLocal(networks, "8.8.8.8"), length === 0, `/${length}`);
  }
});

Deno.test("`LocalNetworks` keeps IPv4 and IPv6 apart", () => {
  const all4 = new LocalNetworks(["0.0.0.0/0"]);
  assertEquals([isLocal(all4, "8.8.8.8"), isLocal(all4, "2001:db8::")], [true, false]);
  const all6 = new LocalNetworks(["::/0"]);
  assertEquals([isLocal(all6, "8.8.8.8"), isLocal(all6, "2001:db8::")], [false, true]);
});

Deno.test("`LocalNetworks.replaceExtra()` forgets the networks before, not the fixed ones", () => {
  const networks = new LocalNetworks(["203.0.113.0/24"]);
  networks.replaceExtra(["198.51.100.0/24"]);
  assertEquals(isLocal(networks, "203.0.113.1"), false);
  assertEquals(isLocal(networks, "198.51.100.1"), true);
  assertEquals(isLocal(networks, "10.0.0.1"), true);
});

Deno.test("`LocalNetworks.replaceExtra()` leaves the set as it was when a text is no network", () => {
  const networks = new LocalNetworks(["203.0.113.0/24"]);
  assertThrows(() => networks.replaceExtra(["198.51.100.0/24", "nonsense"]), NetworkSyntaxError);
  assertEquals(isLocal(networks, "203.0.113.1"), true);
  assertEquals(isLocal(networks, "198.51.100.1"), false);
});

Deno.test("`LocalNetworks` refuses what is no network, and names it", () => {
  const texts = [
    "",
    "lan",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0/8 ",
    "10.0.0.256/8",
    "::/129",
    "1:2:3/64",
    "::1::/64",
  ];
  for (const text of texts) {
    assertThrows(() => new LocalNetworks([text]), NetworkSyntaxError, `"${text}" is no network`);
  }
});

Deno.test("`LocalNetworks` refuses an IPv4 address that people and parsers read differently", () => {
  // 10/8 would be 0.0.0.10/8, and a leading zero would make a number octal.
  const texts = ["10/8", "192.168/16", "192.168.1/24", "3232235777", "010.0.0.0/8", "0x0a.0.0.0/8"];
  for (const text of texts) {
    assertThrows(() => new LocalNetworks([text]), NetworkSyntaxError, text);
  }
});

Deno.test("`LocalNetworks.has()` agrees with ipaddr.js on any address and network", () => {
  const network = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })),
    fc.tuple(fc.ipV6(), fc.integer({ min: 3, max: 128 })),
  ).map(([address, length]) => `${address}/${length}`);
  const fixed = new LocalNetworks();
  fc.assert(
    fc.property(network, fc.nat(127), fc.boolean(), (text, bit, flip) => {
      const [base, prefixLength] = ipaddr.parseCIDR(text);
      // An address that differs from the network's own in one bit at most: near the edge of the prefix.
      const bytes = base.toByteArray();
      const at = bit % (bytes.length * 8);
      if (flip) bytes[at >> 3] ^= 0x80 >> (at & 7);
      const address = ipaddr.fromByteArray(bytes);
      fc.pre(base.kind() === "ipv4" || !isIpv4(addressWords(address)));
      const words = addressWords(address);
      const expected = fixed.has(...words) || address.match([base, prefixLength] as never);
      assertEquals(new LocalNetworks([text]).has(...words), expected, `${address} in ${text}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("`LocalNetworks.has()` looks at each bit of an IPv6 prefix and at none behind it", () => {
  const base = parseAddress("2aaa:aaaa:5555:5555:aaaa:aaaa:5555:5555")!;
  for (let length = 0; length <= 128; length++) {
    const networks = new LocalNetworks([`${formatAddress(base)}/${length}`]);
    for (let bit = 0; bit < 128; bit++) {
      const words: [number, number, number, number] = [...base];
      words[bit >> 5] ^= 1 << 31 - (bit & 31);
      assertEquals(networks.has(...words), bit >= length, `/${length}, bit ${bit}`);
    }
  }
});
