/**
 * Names from DNS answers that pass by: what a client asked for is what the address it was given means to it.
 *
 * An answer names every address at the end of its CNAME chain by the name at the chain's beginning. It is kept for the
 * client that asked, by the MAC address that its query came from, because a device may ask over IPv4 and connect
 * over IPv6; and for everybody else as the second best guess, because a device may have got the address in a way that
 * nobody could see (its own cache, DNS over HTTPS).
 */

import { LRUCache } from "lru-cache";
import { type AddressWords, destinationOf, sourceOf } from "../address/address.ts";
import { addressKey, macKey } from "../address/address_key.ts";
import type { Endpoint } from "../address/endpoint.ts";
import type { AnswerLimits } from "./answer_limits.ts";
import { readDnsAnswer } from "./dns_answer.ts";
import type { Mac } from "../address/mac.ts";
import { type Packet, PROTOCOL_TCP, PROTOCOL_UDP } from "../decode/packet.ts";

/** Pairs of client and address that are remembered; more push out the longest unused. About 4 MB when full. */
const MAX_NAMES = 16_384;
/** Public names of encrypted hellos that nobody asks for otherwise, for clients whose DNS cannot be seen. */
const WELL_KNOWN_OUTER_NAMES: ReadonlySet<string> = new Set(["cloudflare-ech.com"]);
const MAX_ECH_CONFIGS = 1024;
/** Clients whose MAC address is remembered. */
const MAX_CLIENTS = 1024;
/** An address changes hands: after so long without being asked for again, a name is no longer believed. */
const MAX_AGE_US = 12 * 3600e6;

/** The names that clients were given addresses for. */
export class DnsNames {
  /** By the key of the client and that of the address. */
  readonly #names = new LRUCache<string, { readonly name: string; readonly learntUs: number }>({
    max: MAX_NAMES,
  });
  /** MAC addresses of those who asked, by the key of their address. */
  readonly #macs = new LRUCache<string, Mac>({ max: MAX_CLIENTS });
  readonly #echConfigs = new LRUCache<string, true>({ max: MAX_ECH_CONFIGS });
  readonly #limits: AnswerLimits | undefined;
  #answers = 0;
  #unreadable = 0;
  #leftOut = 0;

  /** With `limits`, not every answer is read. */
  constructor(limits?: AnswerLimits) {
    this.#limits = limits;
  }

  /** Answers that named at least one address. */
  get answers(): number {
    return this.#answers;
  }

  /** Messages that could not be decoded: damaged, cut by the snapshot length, or not DNS. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Messages that were not read because there were too many. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Names remembered now. */
  get size(): number {
    return this.#names.size;
  }

  /** Learns from a packet to port 53 who asks. */
  learnClient(packet: Packet): void {
    if (packet.protocol === PROTOCOL_UDP) this.#limits?.noteQuestion(packet);
    if (!packet.hasMac || this.#limits?.mayFollow() === false) return;
    this.#macs.set(addressKey(sourceOf(packet)), [packet.macHigh, packet.macLow]);
  }

  /** Learns from a message of a packet that came from port 53; the packet's receiver is the client. */
  learnAnswer(packet: Packet, message: Uint8Array): void {
    if (this.#limits?.mayRead(packet, packet.protocol === PROTOCOL_TCP) === false) {
      this.#leftOut++;
      return;
    }
    // Of a message that was cut, dns-packet would make an address of what is left.
    const isCut = packet.moreFragments || packet.ipOffset + packet.ipLength > packet.ipEnd;
    const answer = isCut ? "unreadable" : readDnsAnswer(message);
    if (answer === "unreadable") this.#unreadable++;
    if (answer === undefined || answer === "unreadable") return;
    const client = addressKey(destinationOf(packet));
    const mac = this.#macs.get(client);
    const learnt = { name: answer.queriedName, learntUs: packet.timeUs };
    for (const address of answer.addresses) {
      if (!isPlace(address, packet)) continue;
      const key = addressKey(address);
      this.#names.set(EVERYBODY + key, learnt);
      this.#names.set(client + key, learnt);
      if (mac !== undefined) this.#names.set(macKey(mac) + key, learnt);
    }
    for (const { publicName, id } of answer.echConfigs) {
      this.#echConfigs.set(echKey(publicName, id), true);
    }
    if (answer.addresses.length > 0) this.#answers++;
  }

  /**
   * Whether a hello with this server name and configuration is truly encrypted, so that the name is only the public one
   * of whom it is encrypted for: DNS published that configuration under that name.
   */
  isEchOuterName(serverName: string, configId: number): boolean {
    return WELL_KNOWN_OUTER_NAMES.has(serverName) ||
      this.#echConfigs.has(echKey(serverName, configId));
  }

  /**
   * What `client` asked for when it was given `address`, or else what anybody did, at a time in microseconds;
   * `undefined` if nobody did.
   */
  lookUp(client: Endpoint, address: AddressWords, nowUs: number): string | undefined {
    const key = addressKey(address);
    // What nobody was given, this client was not: most addresses without a name are found out at once.
    const byAnybody = this.#fresh(EVERYBODY + key, nowUs);
    if (byAnybody === undefined) return undefined;
    return (client.mac && this.#fresh(macKey(client.mac) + key, nowUs)) ??
      this.#fresh(addressKey(client.address) + key, nowUs) ?? byAnybody;
  }

  #fresh(key: string, nowUs: number): string | undefined {
    const found = this.#names.get(key);
    if (found === undefined) return undefined;
    const ageUs = nowUs - found.learntUs;
    return ageUs >= 0 && ageUs <= MAX_AGE_US ? found.name : undefined;
  }
}

/**
 * Whether an answer's address is a place that its name can be of. A filter answers with nothing (0.0.0.0, ::) or with
 * itself for what it blocks, and a resolver is not to be renamed after what was asked of it.
 */
function isPlace(address: AddressWords, { source0, source1, source2, source3 }: Packet): boolean {
  const [word0, word1, word2, word3] = address;
  if (word3 === 0 && word0 === 0 && word1 === 0) return false;
  return word0 !== source0 || word1 !== source1 || word2 !== source2 || word3 !== source3;
}

function echKey(publicName: string, configId: number): string {
  return `${configId} ${publicName}`;
}

/** Stands where a client's key would. */
const EVERYBODY = "";
