/** Addresses between the words of a `Packet` and text (RFC 5952 for IPv6), by way of `ipaddr.js`. */

import ipaddr from "ipaddr.js";
import { IPV4_MAPPED, type Packet } from "./packet.ts";

/** An address as four 32-bit words, see `Packet`. */
export type AddressWords = readonly [number, number, number, number];

/** The words of an address in text, `undefined` when it is none. An IPv6 zone (`%eth0`) is left aside. */
export function parseAddress(text: string): AddressWords | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  return addressWords(ipaddr.parse(text));
}

/** Whether a text that stands where a host's name would is one, and no bare address. */
export function isHostName(text: string | undefined): text is string {
  if (text === undefined) return false;
  // Asked of every record. ipaddr.js throws and catches to find out, 10 us; most names hold what no IPv4 address can.
  return /^[^:]*[g-wyz_-][^:]*$/i.test(text) || !ipaddr.isValid(text);
}

/** The words of a parsed address. */
export function addressWords(address: ipaddr.IPv4 | ipaddr.IPv6): AddressWords {
  const bytes = address.toByteArray();
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return bytes.length === 4
    ? [0, 0, IPV4_MAPPED, view.getInt32(0)]
    : [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
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

/** Texts that are kept, each in the slot of its hash; a power of two. */
const KEPT_TEXTS = 1024;
const keptAddresses = new Int32Array(KEPT_TEXTS * 4);
const keptAddressTexts: string[] = new Array(KEPT_TEXTS).fill("::");

/**
 * Text of an address: dotted decimal for IPv4, the shortest form of RFC 5952 for IPv6. It is asked for again and again
 * for the same few; the text that was kept is found in maps faster, too, than one made anew.
 */
export function formatAddress(address: AddressWords): string {
  const slot = slotOf(address[0] ^ address[1] ^ address[2] ^ address[3]);
  const base = slot * 4;
  const isKept = keptAddresses[base] === address[0] && keptAddresses[base + 1] === address[1] &&
    keptAddresses[base + 2] === address[2] && keptAddresses[base + 3] === address[3];
  if (!isKept) {
    keptAddressTexts[slot] = makeAddressText(address);
    keptAddresses.set(address, base);
  }
  return keptAddressTexts[slot];
}

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

const keptMacs = new Int32Array(KEPT_TEXTS * 2);
const keptMacTexts: string[] = new Array(KEPT_TEXTS).fill("00:00:00:00:00:00");

/** `aa:bb:cc:dd:ee:ff` from the first 2 and last 4 bytes; kept as the texts of addresses are. */
export function formatMac(high: number, low: number): string {
  const slot = slotOf(high ^ low);
  if (keptMacs[slot * 2] !== high || keptMacs[slot * 2 + 1] !== low) {
    keptMacTexts[slot] = makeMacText(high, low);
    keptMacs[slot * 2] = high;
    keptMacs[slot * 2 + 1] = low;
  }
  return keptMacTexts[slot];
}

function makeMacText(high: number, low: number): string {
  const digits = high.toString(16).padStart(4, "0") + (low >>> 0).toString(16).padStart(8, "0");
  return digits.replace(/..(?!$)/g, "$&:");
}

function slotOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 22;
}
