/**
 * Names from DNS answers that pass by: what a client asked for is what the address it was given means to it.
 *
 * An answer names every address at the end of its CNAME chain by the name at the chain's beginning. It is kept for the
 * client that asked, by the link address that its question came from, because a device may ask over IPv4 and connect
 * over IPv6; and for everybody else as the second best guess, because a device may have got the address in a way that
 * nobody could see (its own cache, DNS over HTTPS).
 *
 * Messages are decoded by `dns-packet`; one that it cannot read is counted and otherwise ignored.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, decode, type Packet as DnsMessage } from "dns-packet";
import { LRUCache } from "lru-cache";
import { type AddressWords, parseAddress } from "./address.ts";
import type { Packet } from "./packet.ts";
import { wireName } from "./wire_name.ts";

/** Pairs of client and address that are remembered; more push out the longest unused. About 4 MB when full. */
const MAX_NAMES = 16_384;
/** Clients whose link address is remembered. */
const MAX_CLIENTS = 1024;
/** An address changes hands: after so long without being asked for again, a name is no longer believed. */
const MAX_AGE_US = 12 * 3600e6;

/** One end of a conversation, as far as it is known. */
export interface Host {
  readonly address: AddressWords;
  /** Its link address, first 2 and last 4 bytes, where the link has them. */
  readonly mac: Mac | undefined;
}

type Mac = readonly [high: number, low: number];

/** The names that clients were given addresses for. */
export class DnsNames {
  /** By the key of the client and that of the address. */
  readonly #names = new LRUCache<string, { readonly name: string; readonly learntUs: number }>({
    max: MAX_NAMES,
  });
  /** Link addresses of those who asked, by the key of their address. */
  readonly #macs = new LRUCache<string, Mac>({ max: MAX_CLIENTS });
  #answers = 0;
  #unreadable = 0;

  /** Answers that named at least one address. */
  get answers(): number {
    return this.#answers;
  }

  /** Messages that could not be decoded: damaged, cut by the snapshot length, or not DNS. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Names remembered now. */
  get size(): number {
    return this.#names.size;
  }

  /** Learns from a UDP packet to port 53 who asks. */
  learnClient(packet: Packet): void {
    if (!packet.hasMac) return;
    const { source0, source1, source2, source3, macHigh, macLow } = packet;
    this.#macs.set(addressKey([source0, source1, source2, source3]), [macHigh, macLow]);
  }

  /** Learns from a UDP packet from port 53; its receiver is the client. */
  learnAnswer(packet: Packet): void {
    const message = this.#decode(packet);
    if (message === undefined || message.type !== "response") return;
    const question = message.questions?.[0]?.name;
    const name = question === undefined ? undefined : wireName(question);
    if (question === undefined || name === undefined) return;
    const { destination0, destination1, destination2, destination3 } = packet;
    const client = addressKey([destination0, destination1, destination2, destination3]);
    const mac = this.#macs.get(client);
    const learnt = { name, learntUs: packet.timeUs };
    const addresses = addressesOf(question, message.answers ?? []);
    for (const address of addresses) {
      const key = addressKey(address);
      this.#names.set(EVERYBODY + key, learnt);
      this.#names.set((mac === undefined ? client : macKey(mac)) + key, learnt);
    }
    if (addresses.length > 0) this.#answers++;
  }

  #decode(packet: Packet): DnsMessage | undefined {
    const { bytes, payloadOffset, ipEnd } = packet;
    try {
      return decode(Buffer.from(bytes.buffer as ArrayBuffer, payloadOffset, ipEnd - payloadOffset));
    } catch {
      this.#unreadable++;
      return undefined;
    }
  }

  /**
   * What `client` asked for when it was given `address`, or else what anybody did, at a time in microseconds;
   * `undefined` if nobody did.
   */
  lookUp(client: Host, address: AddressWords, nowUs: number): string | undefined {
    const key = addressKey(address);
    const found = (client.mac && this.#names.get(macKey(client.mac) + key)) ??
      this.#names.get(addressKey(client.address) + key) ?? this.#names.get(EVERYBODY + key);
    return found !== undefined && nowUs - found.learntUs <= MAX_AGE_US ? found.name : undefined;
  }
}

/** The addresses that answer a question, directly or by CNAME (RFC 1034, 3.6.2), however the records are ordered. */
function addressesOf(question: string, answers: readonly Answer[]): AddressWords[] {
  const chain = new Set([question.toLowerCase()]);
  // Each round finds at least one more link of the chain, or is the last.
  for (let known = 0; known < chain.size;) {
    known = chain.size;
    for (const answer of answers) {
      if (answer.type !== "CNAME" || !chain.has(answer.name.toLowerCase())) continue;
      chain.add(answer.data.toLowerCase());
    }
  }
  const addresses: AddressWords[] = [];
  for (const answer of answers) {
    if (answer.type !== "A" && answer.type !== "AAAA") continue;
    if (!chain.has(answer.name.toLowerCase())) continue;
    const address = parseAddress(answer.data);
    if (address !== undefined) addresses.push(address);
  }
  return addresses;
}

/** Stands where a client's key would. */
const EVERYBODY = "";

/** An address as 8 UTF-16 units: the cheapest exact key for a map of strings. */
function addressKey([word0, word1, word2, word3]: AddressWords): string {
  return String.fromCharCode(
    word0 >>> 16,
    word0 & 0xffff,
    word1 >>> 16,
    word1 & 0xffff,
    word2 >>> 16,
    word2 & 0xffff,
    word3 >>> 16,
    word3 & 0xffff,
  );
}

/** A link address as 3 units: shorter than an address, so that the two cannot be taken for one another. */
function macKey([high, low]: Mac): string {
  return String.fromCharCode(high, low >>> 16, low & 0xffff);
}
