/** How often something that costs may be done: so often a second for long, and so often at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket. Whoever has the clock fills it. */
export class Allowance {
  readonly #rate: Rate;
  #tokens: number;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Takes one; `false` when there is none. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** So many seconds have passed. */
  fill(seconds: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + seconds * this.#rate.perSecond);
  }
}
