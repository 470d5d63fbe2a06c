/** The link that a terminal prints: who opens it first is let in, and nobody after. */

import type { Clock } from "../../system/clock.ts";
import { isSameText, newSecret } from "./secret_text.ts";

/** Whoever finds it later in a terminal's history comes too late. */
const VALID_MS = 10 * 60_000;

export class EntryLink {
  /** What the link holds. */
  readonly secret: string = newSecret();
  readonly #clock: Clock;
  readonly #untilMs: number;
  #isUsed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#untilMs = clock.monotonicMs() + VALID_MS;
  }

  /** Whether that lets somebody in; then it does no more. */
  take(secret: string): boolean {
    if (this.#isUsed || this.#clock.monotonicMs() >= this.#untilMs) return false;
    if (!isSameText(secret, this.secret)) return false;
    this.#isUsed = true;
    return true;
  }
}
