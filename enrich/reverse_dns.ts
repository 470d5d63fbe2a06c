/**
 * Reverse DNS (PTR): the last resort for a name, asked in the background.
 *
 * An address is asked for once, however many want to know; the answer, and that there is none, is remembered. A
 * bounded number of queries is under way and a bounded number waits: with the network gone, neither memory grows
 * nor does anything wait.
 */

import { LRUCache } from "lru-cache";
import type { Clock } from "../system/clock.ts";

/** Asks for the name of an address, fit for a log; rejects, or resolves to nothing, when there is none or no answer. */
export type ResolvePtr = (address: string, signal: AbortSignal) => Promise<string | undefined>;

/** Addresses whose answer is remembered; more push out the longest unused. */
const MAX_ANSWERS = 8_192;
const NAME_LIFETIME_MS = 24 * 3600e3;
const FAILURE_LIFETIME_MS = 3600e3;
const MAX_UNDER_WAY = 8;
const MAX_WAITING = 256;
const TIMEOUT_MS = 5_000;
/** Between two queries in the long run. */
const INTERVAL_MS = 50;
/** Queries that may be asked at once after a pause. */
const BURST = 32;

/** Figures of the reverse look-ups. */
export interface ReverseDnsCounters {
  asked: number;
  named: number;
  /** Without a name, without an answer, or answered with an error. */
  failed: number;
  /** Not asked because too many were waiting; asked again when their flow's address comes up again. */
  skipped: number;
}

/** How a `ReverseDns` asks. */
export interface ReverseDnsOptions {
  readonly resolve: ResolvePtr;
  readonly clock: Clock;
  /** Milliseconds between two queries in the long run; 0 asks as fast as answers come. @default 50 */
  readonly intervalMs?: number;
}

/** Names of addresses by PTR. */
export class ReverseDns implements Disposable {
  readonly #resolve: ResolvePtr;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** The name, or "" where there is none. */
  readonly #answers: LRUCache<string, string>;
  readonly #waiting = new Set<string>();
  readonly #underWay = new Map<string, { abort: AbortController; answered: Promise<void> }>();
  #closed = false;
  /** When the next query would be due if all were asked at the interval. */
  #dueMs = -Infinity;
  #timer: number | undefined;
  readonly counters: ReverseDnsCounters = { asked: 0, named: 0, failed: 0, skipped: 0 };

  constructor({ resolve, clock, intervalMs = INTERVAL_MS }: ReverseDnsOptions) {
    this.#resolve = resolve;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#answers = new LRUCache({
      max: MAX_ANSWERS,
      perf: { now: () => clock.monotonicMs() },
    });
  }

  /** Answers remembered now, failures included. */
  get size(): number {
    return this.#answers.size;
  }

  /** The name of an address if it is known by now. Never asks. */
  name(address: string): string | undefined {
    return this.#answers.get(address) || undefined;
  }

  /** Asks for an address's name unless that is known, under way or waiting. */
  request(address: string): void {
    if (this.#closed || this.#answers.has(address)) return;
    if (this.#underWay.has(address) || this.#waiting.has(address)) return;
    if (this.#waiting.size >= MAX_WAITING) {
      this.counters.skipped++;
      return;
    }
    this.#waiting.add(address);
    this.#askNext();
  }

  /** Forgets every answer. */
  forget(): void {
    this.#answers.clear();
  }

  /** Resolves when nothing is under way or waiting. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0 || this.#waiting.size > 0) {
      await Promise.all(Array.from(this.#underWay.values(), ({ answered }) => answered));
      // What still waits does so for the rate.
      if (this.#waiting.size > 0) {
        await new Promise((resume) => setTimeout(resume, this.#intervalMs));
      }
    }
  }

  #askNext(): void {
    for (const address of this.#waiting) {
      if (this.#closed || this.#underWay.size >= MAX_UNDER_WAY || this.#mustPause()) return;
      this.#waiting.delete(address);
      const abort = new AbortController();
      const underWay = { abort, answered: Promise.resolve() };
      this.#underWay.set(address, underWay);
      underWay.answered = this.#ask(address, abort);
    }
  }

  /** Whether the rate is used up; then it goes on by itself. */
  #mustPause(): boolean {
    if (this.#timer !== undefined) return true;
    const nowMs = this.#clock.monotonicMs();
    this.#dueMs = Math.max(this.#dueMs, nowMs - BURST * this.#intervalMs);
    if (this.#dueMs <= nowMs) {
      this.#dueMs += this.#intervalMs;
      return false;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#askNext();
    }, this.#dueMs - nowMs);
    return true;
  }

  async #ask(address: string, abort: AbortController): Promise<void> {
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    this.counters.asked++;
    try {
      this.#remember(address, await this.#resolve(address, abort.signal));
    } catch {
      // Whatever went wrong, there is no name now; why does not matter to the log.
      this.#remember(address, undefined);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(address);
      this.#askNext();
    }
  }

  #remember(address: string, name: string | undefined): void {
    if (name === undefined) this.counters.failed++;
    else this.counters.named++;
    this.#answers.set(address, name ?? "", {
      ttl: name === undefined ? FAILURE_LIFETIME_MS : NAME_LIFETIME_MS,
    });
  }

  /** Gives up what is under way. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
    for (const { abort } of this.#underWay.values()) abort.abort();
  }
}
