import fc from "fast-check";
import { assertEquals } from "../../assert.ts";
import {
  type AddressWords,
  formatAddress,
  formatMac,
  isIpv4,
  parseAddress,
} from "../../../capture/address/address.ts";

/** Words, often zero, so that runs of zeros of every length come up. */
const word = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  fc.integer({ min: 0, max: 0xffff }),
  fc.integer({ min: -0x8000, max: 0x7fff }).map((half) => half << 16),
);
const anyAddress: fc.Arbitrary<AddressWords> = fc.tuple(word, word, word, word);

/** The text that the URL standard gives an address: the same as RFC 5952, but for IPv4 in IPv6. */
function urlText(words: AddressWords): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const text = groups.map((group) => group.toString(16)).join(":");
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

Deno.test("`formatAddress()` writes IPv6 as RFC 5952 asks for", () => {
  fc.assert(
    fc.property(anyAddress, (words) => {
      fc.pre(!isIpv4(words));
      assertEquals(formatAddress(words), urlText(words));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("`formatAddress()` writes an IPv4 address as four decimal numbers", () => {
  assertEquals(formatAddress([0, 0, 0xffff, 0]), "0.0.0.0");
  assertEquals(formatAddress([0, 0, 0xffff, -1]), "255.255.255.255");
  assertEquals(formatAddress([0, 0, 0xffff, 0x7f000001]), "127.0.0.1");
});

Deno.test("`parseAddress()` reads what `formatAddress()` writes", () => {
  fc.assert(
    fc.property(
      fc.oneof(anyAddress, word.map((last) => [0, 0, 0xffff, last] as const)),
      (words) => {
        assertEquals(parseAddress(formatAddress(words)), words);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("`parseAddress()` leaves a zone aside", () => {
  assertEquals(parseAddress("fe80::1%wlan0"), parseAddress("fe80::1"));
});

Deno.test("`parseAddress()` takes no other text for an address", () => {
  for (const text of ["", "example.org", "1.2.3.4.5", "1.2.3.256", "1::2::3", "::g", "[::1]"]) {
    assertEquals(parseAddress(text), undefined, text);
  }
});

Deno.test("`formatMac()` writes six bytes", () => {
  assertEquals(formatMac([0x0011, 0x22334455]), "00:11:22:33:44:55");
  assertEquals(formatMac([0xffff, -1]), "ff:ff:ff:ff:ff:ff");
  assertEquals(formatMac([0, 0]), "00:00:00:00:00:00");
});
