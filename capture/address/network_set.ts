/**
 * Sets of networks, asked by the words of an address.
 *
 * They are written and checked with `ipaddr.js` and then compiled to masks on integers, because the question is asked
 * twice for every packet.
 */

import ipaddr from "ipaddr.js";
import { addressWords } from "./address.ts";
import { IPV4_MAPPED } from "../decode/packet.ts";

/** A network in CIDR notation, such as `192.168.0.0/16`, that could not be read. */
export class NetworkSyntaxError extends RangeError {
  override name = "NetworkSyntaxError";
}

/** A set of networks. */
export class NetworkSet {
  /** For each IPv4 network: mask, network. */
  #ipv4 = new Int32Array(0);
  /** For each IPv6 network: four words of mask, four of network. */
  #ipv6 = new Int32Array(0);

  /** @throws {NetworkSyntaxError} */
  constructor(networks: Iterable<string> = []) {
    this.replace(networks);
  }

  /**
   * Sets the networks, in CIDR notation (host bits are ignored); a bare address stands for itself.
   *
   * @throws {NetworkSyntaxError} and leaves the set as it was
   */
  replace(networks: Iterable<string>): void {
    const ipv4: number[] = [];
    const ipv6: number[] = [];
    for (const text of networks) {
      const [address, prefixLength] = parseNetwork(text);
      const words = addressWords(address);
      if (address.kind() === "ipv4") {
        const mask = maskWord(prefixLength);
        ipv4.push(mask, words[3] & mask);
      } else {
        const masks = [0, 32, 64, 96].map((start) => maskWord(prefixLength - start));
        ipv6.push(...masks, ...words.map((word, i) => word & masks[i]));
      }
    }
    this.#ipv4 = Int32Array.from(ipv4);
    this.#ipv6 = Int32Array.from(ipv6);
  }

  /** Whether an address, in the words of `Packet`, lies in one of the networks. */
  has(word0: number, word1: number, word2: number, word3: number): boolean {
    if (word0 === 0 && word1 === 0 && word2 === IPV4_MAPPED) {
      const ipv4 = this.#ipv4;
      for (let i = 0; i < ipv4.length; i += 2) {
        if ((word3 & ipv4[i]) === ipv4[i + 1]) return true;
      }
      return false;
    }
    const ipv6 = this.#ipv6;
    for (let i = 0; i < ipv6.length; i += 8) {
      if (
        (word0 & ipv6[i]) === ipv6[i + 4] && (word1 & ipv6[i + 1]) === ipv6[i + 5] &&
        (word2 & ipv6[i + 2]) === ipv6[i + 6] && (word3 & ipv6[i + 3]) === ipv6[i + 7]
      ) return true;
    }
    return false;
  }
}

function parseNetwork(text: string): [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number] {
  try {
    const [address, prefixLength] = text.includes("/") ? ipaddr.parseCIDR(text) : parseHost(text);
    // Only as people read it: 10/8 would be 0.0.0.10/8, and 010.0.0.0 octal.
    const isPlain = address.kind() === "ipv6" ||
      ipaddr.IPv4.isValidFourPartDecimal(text.split("/", 1)[0]);
    if (!isPlain) throw new SyntaxError("not four decimal numbers");
    return [address, prefixLength];
  } catch (cause) {
    throw new NetworkSyntaxError(
      `"${text}" is no network. Write an address and a prefix length, such as 192.168.0.0/16`,
      { cause },
    );
  }
}

function parseHost(text: string): [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number] {
  const address = ipaddr.parse(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** The mask of the first `bits` bits of a 32-bit word; below 0 none, above 32 all. */
function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : ~(0xffffffff >>> bits);
}
