/** How often somebody may guess the password: the more wrong guesses, the longer the wait. */

import type { Clock } from "../../system/clock.ts";

/** So many wrong guesses cost nothing but the time that each takes. */
const FREE_GUESSES = 5;
/** Of all visitors together. */
const FREE_GUESSES_OF_ALL = 30;
const MAX_WAIT_MS = 60_000;
/** Guesses count for so long after the last one. */
const REMEMBERED_MS = 15 * 60_000;
/** Visitors that are told apart; of more, the one that was here first is forgotten. */
const MAX_VISITORS = 1_000;
const ALL = "";

interface Guesses {
  wrong: number;
  lastMs: number;
}

/** Counts wrong guesses by where they come from, and in all: each is taken for wrong until it was right. */
export class LoginLimit {
  readonly #clock: Clock;
  readonly #guesses = new Map<string, Guesses>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds that who guesses from there has to wait; 0: now. `address` is `undefined` where it is not known. */
  waitMs(address: string | undefined): number {
    return Math.max(
      this.#waitOf(address ?? "unknown", FREE_GUESSES),
      this.#waitOf(ALL, FREE_GUESSES_OF_ALL),
    );
  }

  /** To be called before a guess is looked at, so that many at once count as many. */
  begin(address: string | undefined): void {
    const nowMs = this.#clock.monotonicMs();
    for (const key of [address ?? "unknown", ALL]) {
      const known = this.#known(key, nowMs) ?? { wrong: 0, lastMs: nowMs };
      this.#guesses.delete(key);
      this.#guesses.set(key, { wrong: known.wrong + 1, lastMs: nowMs });
    }
    for (const key of this.#guesses.keys()) {
      if (this.#guesses.size <= MAX_VISITORS) break;
      if (key !== ALL) this.#guesses.delete(key);
    }
  }

  /** The guess was wrong, which took a while to find out: who guesses next waits from now on. */
  fail(address: string | undefined): void {
    const nowMs = this.#clock.monotonicMs();
    for (const key of [address ?? "unknown", ALL]) {
      const known = this.#guesses.get(key);
      if (known !== undefined) known.lastMs = nowMs;
    }
  }

  /** The guess was right: who came in is not kept waiting for what went before. */
  succeed(address: string | undefined): void {
    this.#guesses.delete(address ?? "unknown");
    const all = this.#guesses.get(ALL);
    if (all !== undefined) all.wrong = Math.max(0, all.wrong - 1);
  }

  #waitOf(key: string, free: number): number {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#known(key, nowMs);
    if (known === undefined || known.wrong < free) return 0;
    const waitMs = Math.min(MAX_WAIT_MS, 1e3 * 2 ** Math.min(10, known.wrong - free));
    return Math.max(0, known.lastMs + waitMs - nowMs);
  }

  #known(key: string, nowMs: number): Guesses | undefined {
    const known = this.#guesses.get(key);
    return known !== undefined && nowMs - known.lastMs < REMEMBERED_MS ? known : undefined;
  }
}
