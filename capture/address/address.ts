/** Addresses between the words of a `Packet` and text (RFC 5952 for IPv6), by way of `ipaddr.js`. */

import ipaddr from "ipaddr.js";
import { keptByAddress, keptByMac } from "./kept_texts.ts";
import { IPV4_MAPPED, type Packet } from "../decode/packet.ts";

/** An address as four 32-bit words, see `Packet`. */
export type AddressWords = readonly [number, number, number, number];

/** The words of an address in text, `undefined` when it is none. An IPv6 zone (`%eth0`) is left aside. */
export function parseAddress(text: string): AddressWords | undefined {
  try {
    return addressWords(ipaddr.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether a text that stands where a host's name would is one, and no bare address. */
export function isHostName(text: string | undefined): text is string {
  if (text === undefined) return false;
  // Asked of every record. ipaddr.js throws and catches to find out, 10 us; most names hold what no IPv4 address can.
  return /^[^:]*[g-wyz_-][^:]*$/i.test(text) || !ipaddr.isValid(text);
}

/** The words of a parsed address. */
export function addressWords(address: ipaddr.IPv4 | ipaddr.IPv6): AddressWords {
  if (address instanceof ipaddr.IPv4) {
    const [a, b, c, d] = address.octets;
    return [0, 0, IPV4_MAPPED, a << 24 | b << 16 | c << 8 | d];
  }
  const [a, b, c, d, e, f, g, h] = address.parts;
  return [a << 16 | b, c << 16 | d, e << 16 | f, g << 16 | h];
}

/** A packet's source. For what is done once a flow or more seldom: it costs an allocation. */
export function sourceOf({ source0, source1, source2, source3 }: Packet): AddressWords {
  return [source0, source1, source2, source3];
}

/** A packet's destination, as `sourceOf()`. */
export function destinationOf(packet: Packet): AddressWords {
  const { destination0, destination1, destination2, destination3 } = packet;
  return [destination0, destination1, destination2, destination3];
}

/** Whether the words are an IPv4 address in its mapped form. */
export function isIpv4([word0, word1, word2]: AddressWords): boolean {
  return word0 === 0 && word1 === 0 && word2 === IPV4_MAPPED;
}

/** Text of an address: dotted decimal for IPv4, the shortest form of RFC 5952 for IPv6. */
export const formatAddress = keptByAddress(makeAddressText);

function makeAddressText(address: AddressWords): string {
  const [word0, word1, word2, word3] = address;
  if (isIpv4(address)) {
    return `${word3 >>> 24}.${word3 >>> 16 & 255}.${word3 >>> 8 & 255}.${word3 & 255}`;
  }
  return new ipaddr.IPv6([
    word0 >>> 16,
    word0 & 0xffff,
    word1 >>> 16,
    word1 & 0xffff,
    word2 >>> 16,
    word2 & 0xffff,
    word3 >>> 16,
    word3 & 0xffff,
  ]).toRFC5952String();
}

/** `aa:bb:cc:dd:ee:ff` from the first 2 and last 4 bytes. */
export const formatMac = keptByMac(([high, low]) => {
  const digits = high.toString(16).padStart(4, "0") + (low >>> 0).toString(16).padStart(8, "0");
  return digits.replace(/..(?!$)/g, "$&:");
});
