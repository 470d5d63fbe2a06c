/**
 * An allowance for each sender, so that one that floods takes nothing from the others. Senders are told apart by 256 classes
 * of their addresses, under a secret: a flood from invented addresses uses all of them up.
 */

import type { Rate } from "./allowance.ts";

const CLASSES = 256;

/** Token buckets, one for each class of addresses. */
export class Shares {
  readonly #rate: Rate;
  readonly #tokens = new Float32Array(CLASSES);
  readonly #seed = crypto.getRandomValues(new Int32Array(1))[0];

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens.fill(rate.burst);
  }

  /** Takes one of the share of an address, in the words of `Packet`; `false` when it has none. */
  take(word0: number, word1: number, word2: number, word3: number): boolean {
    let hash = Math.imul(word0 ^ this.#seed, 0x85ebca6b) ^ word1;
    hash = Math.imul(hash ^ hash >>> 15, 0xc2b2ae35) ^ word2;
    hash = Math.imul(hash ^ hash >>> 13, 0x85ebca6b) ^ word3;
    hash = Math.imul(hash ^ hash >>> 16, 0xc2b2ae35);
    const sender = (hash ^ hash >>> 15) & CLASSES - 1;
    if (this.#tokens[sender] < 1) return false;
    this.#tokens[sender]--;
    return true;
  }

  /** So many seconds have passed. */
  fill(seconds: number): void {
    const { perSecond, burst } = this.#rate;
    for (let i = 0; i < CLASSES; i++) {
      this.#tokens[i] = Math.min(burst, this.#tokens[i] + seconds * perSecond);
    }
  }
}
