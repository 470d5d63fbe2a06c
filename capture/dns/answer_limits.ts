/**
 * Which answers are read when there are more than can be: each takes 5 us, and a flood of them would push every name out of
 * memory. Then an answer must have been asked for, and each client has a share.
 */

import type { Packet } from "../decode/packet.ts";
import { Allowance } from "../pressure/allowance.ts";
import { Shares } from "../pressure/shares.ts";

/** Answers whose question nobody saw, as where only one direction passes. */
const UNASKED = { perSecond: 20, burst: 2_000 } as const;
/** Answers of one client: one may be a resolver for many others. */
const OF_CLIENT = { perSecond: 100, burst: 1_000 } as const;
/** Packets of clients and of streams: each takes 1 us to be told from others. */
const FOLLOWED = { perSecond: 10_000, burst: 20_000 } as const;
/** Questions that are remembered; a power of two. At 100,000 a second each is for 160 ms. */
const QUESTIONS = 16_384;

/** Decides for the answers of one capture. */
export class AnswerLimits {
  readonly #unasked = new Allowance(UNASKED);
  readonly #ofClient = new Shares(OF_CLIENT);
  readonly #followed = new Allowance(FOLLOWED);
  /** Hashes of questions, each at the place that its last bits say; made with the first. */
  #questions: Int32Array | undefined;

  /** Notes a UDP packet to port 53. */
  noteQuestion(packet: Packet): void {
    const { source0, source1, source2, source3, sourcePort } = packet;
    const hash = questionHash(packet, sourcePort, source3 ^ source2 ^ source1 ^ source0);
    this.#questions ??= new Int32Array(QUESTIONS);
    this.#questions[hash & QUESTIONS - 1] = hash;
  }

  /** Whether to follow a client, or a stream, by one more packet. */
  mayFollow(): boolean {
    return this.#followed.take();
  }

  /** Whether to read a packet from port 53. */
  mayRead(packet: Packet, isStream: boolean): boolean {
    const { destination0, destination1, destination2, destination3, destinationPort } = packet;
    const client = destination3 ^ destination2 ^ destination1 ^ destination0;
    const hash = questionHash(packet, destinationPort, client);
    const isAsked = isStream || this.#questions?.[hash & QUESTIONS - 1] === hash;
    return isAsked
      ? this.#ofClient.take(destination0, destination1, destination2, destination3)
      : this.#unasked.take();
  }

  /** So many seconds have passed. */
  fill(seconds: number): void {
    this.#unasked.fill(seconds);
    this.#ofClient.fill(seconds);
    this.#followed.fill(seconds);
  }
}

/** Of the client, its port, and the message's identification (RFC 1035, 4.1.1). */
function questionHash({ bytes, payloadOffset, ipEnd }: Packet, port: number, client: number) {
  const id = ipEnd - payloadOffset < 2 ? 0 : bytes[payloadOffset] << 8 | bytes[payloadOffset + 1];
  let hash = Math.imul(client, 0x85ebca6b) ^ port << 16 ^ id;
  hash = Math.imul(hash ^ hash >>> 15, 0xc2b2ae35);
  return hash ^ hash >>> 13;
}
