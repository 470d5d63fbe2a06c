/**
 * IP fragments: only the first one of a packet has the ports, so they are remembered for the others.
 *
 * A fragment whose first one was not seen (lost, or arriving later) counts in a flow without ports. Nothing is
 * reassembled here, and each fragment counts as a packet, with its own IP length, as libpcap counts.
 *
 * First fragments stand in a ring, found by chains of those whose hashes end alike: a flood of them costs 0.1 us each and
 * no garbage.
 */

import type { Packet } from "../decode/packet.ts";

/** Packets whose fragments are under way at once; more push out the one that began first. A power of two. */
const MAX_PACKETS = 1024;
/** RFC 791, 3.2 and RFC 8200, 4.5 give up reassembly after 15 and 60 seconds. */
const LIFETIME_US = 60e6;
/** Words of a key: two addresses, identification, and the protocol in IPv4, where RFC 791 makes it part of the key. */
const KEY_WORDS = 10;

/** Fragmented packets under way. */
export class FragmentPorts {
  readonly #keys = new Int32Array(MAX_PACKETS * KEY_WORDS);
  readonly #hashes = new Int32Array(MAX_PACKETS);
  readonly #protocols = new Uint8Array(MAX_PACKETS);
  readonly #ports = new Uint16Array(MAX_PACKETS * 2);
  readonly #timesUs = new Float64Array(MAX_PACKETS);
  /** Place + 1 of each chain's newest, and of the one before each place in its chain; 0: there is none. */
  readonly #newest = new Uint16Array(MAX_PACKETS);
  readonly #before = new Uint16Array(MAX_PACKETS);
  readonly #wanted = new Int32Array(KEY_WORDS);
  readonly #hashSeed = crypto.getRandomValues(new Int32Array(1))[0];
  #count = 0;

  /** Remembers the ports of a first fragment, and gives them to a later one by setting its transport fields. */
  apply(packet: Packet): void {
    const hash = this.#want(packet);
    const place = this.#find(hash);
    if (packet.fragmentOffset === 0) {
      if (packet.hasTransport) this.#keep(packet, hash, place);
      return;
    }
    if (place < 0 || packet.timeUs - this.#timesUs[place] > LIFETIME_US) return;
    packet.protocol = this.#protocols[place];
    packet.sourcePort = this.#ports[place * 2];
    packet.destinationPort = this.#ports[place * 2 + 1];
    packet.hasTransport = true;
  }

  #want(packet: Packet): number {
    const key = this.#wanted;
    key[0] = packet.source0;
    key[1] = packet.source1;
    key[2] = packet.source2;
    key[3] = packet.source3;
    key[4] = packet.destination0;
    key[5] = packet.destination1;
    key[6] = packet.destination2;
    key[7] = packet.destination3;
    key[8] = packet.fragmentId;
    key[9] = packet.ipVersion === 4 ? packet.protocol : -1;
    let hash = this.#hashSeed;
    for (let i = 0; i < KEY_WORDS; i++) {
      hash = Math.imul(hash ^ key[i], 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  /** The place of the wanted packet, or -1. */
  #find(hash: number): number {
    let place = this.#newest[hash & MAX_PACKETS - 1] - 1;
    while (place >= 0 && !(this.#hashes[place] === hash && this.#isWanted(place))) {
      place = this.#before[place] - 1;
    }
    return place;
  }

  #isWanted(place: number): boolean {
    for (let i = 0; i < KEY_WORDS; i++) {
      if (this.#keys[place * KEY_WORDS + i] !== this.#wanted[i]) return false;
    }
    return true;
  }

  /** Keeps a first fragment at its place, or else at that of the one that began first. */
  #keep(packet: Packet, hash: number, place: number): void {
    if (place < 0) {
      place = this.#count & MAX_PACKETS - 1;
      if (this.#count >= MAX_PACKETS) this.#unchain(place);
      this.#count++;
      this.#keys.set(this.#wanted, place * KEY_WORDS);
      this.#hashes[place] = hash;
      const chain = hash & MAX_PACKETS - 1;
      this.#before[place] = this.#newest[chain];
      this.#newest[chain] = place + 1;
    }
    this.#protocols[place] = packet.protocol;
    this.#ports[place * 2] = packet.sourcePort;
    this.#ports[place * 2 + 1] = packet.destinationPort;
    this.#timesUs[place] = packet.timeUs;
  }

  #unchain(place: number): void {
    const chain = this.#hashes[place] & MAX_PACKETS - 1;
    let newer = this.#newest[chain] - 1;
    if (newer === place) {
      this.#newest[chain] = this.#before[place];
      return;
    }
    while (this.#before[newer] - 1 !== place) newer = this.#before[newer] - 1;
    this.#before[newer] = this.#before[place];
  }
}
