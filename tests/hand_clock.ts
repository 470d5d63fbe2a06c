/** A clock that a test moves: with it, what is due in an hour needs no waiting. */

import type { Clock } from "../system/clock.ts";

/** Stands still but for what the test does. */
export class HandClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1000;

  /** `wallMs`: the time of day that it begins with, milliseconds since 1970. */
  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }

  /** Somebody sets the time of day otherwise, by so much. */
  leap(ms: number): void {
    this.#wallMs += ms;
  }
}
