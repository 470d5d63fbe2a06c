/**
 * Watching the wall clock leap. A Pi has no clock of its own: it wakes up in the past and leaps when the
 * network tells the time, and a person may set it at any moment.
 *
 * A leap shows as the wall clock moving against the monotonic one. So does a sleep: while the machine is suspended the
 * monotonic clock stands still. But then the time since boot, which goes on, moves as the wall clock does.
 */

import type { Clock } from "./clock.ts";

/** What a look at the clock found. */
export interface ClockChange {
  /** What the wall clock told, milliseconds since 1970: what is done after the look goes by it, or a leap in between is not known. */
  readonly wallMs: number;
  /** By how much the wall clock leapt, milliseconds; 0 when it did not. */
  readonly leapMs: number;
  /** How long the machine was suspended since the last look, milliseconds. */
  readonly sleptMs: number;
  /** Whether the clock had not been set before. */
  readonly wasUnsynced: boolean;
}

interface Leap {
  readonly byUs: number;
  /** The last instant that the old clock told. */
  readonly lastOldUs: number;
}

/** What is less than this is the network keeping the clock in step. */
const LEAP_MS = 1000;
/** So long after a leap of a clock that was set, its date decides nothing that cannot be undone. */
const DISTRUST_MS = 24 * 3600e3;
/** Packets may be looked at a little after they came. */
const SLACK_US = 2e6;
const MAX_LEAPS = 8;

/** Watches a clock; to be asked about once a second. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #askIsSynced: () => boolean;
  readonly #bootMs: () => number | undefined;
  /** By how much the time since boot is ahead of the monotonic clock. */
  #sleptMs: number;
  readonly #leaps: Leap[] = [];
  #offsetMs: number;
  #isSynced: boolean;
  #trustedFromMs = 0;

  /**
   * `isSynced` says whether the network has set the time of day, see `clockSync()`; `bootMs` how long ago the machine
   * started, sleep included: it is asked only when the clocks have moved apart.
   */
  constructor(clock: Clock, isSynced: () => boolean, bootMs: () => number | undefined = () => 0) {
    this.#clock = clock;
    this.#bootMs = bootMs;
    this.#sleptMs = (bootMs() ?? 0) - clock.monotonicMs();
    this.#askIsSynced = isSynced;
    this.#offsetMs = clock.wallMs() - clock.monotonicMs();
    this.#isSynced = isSynced();
  }

  /** Whether the clock was set by the network when it was last looked at. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Whether the clock's date may decide what to delete: it is set, and has not leapt since for 24 hours. */
  get isTrusted(): boolean {
    return this.#isSynced && this.#clock.monotonicMs() >= this.#trustedFromMs;
  }

  /** Looks at the clock. */
  look(): ClockChange {
    const wasUnsynced = !this.#isSynced;
    this.#isSynced = this.#askIsSynced();
    const monotonicMs = this.#clock.monotonicMs();
    const wallMs = this.#clock.wallMs();
    const offsetMs = wallMs - monotonicMs;
    const movedMs = offsetMs - this.#offsetMs;
    const sleptMs = movedMs < LEAP_MS ? 0 : this.#sleptSince(monotonicMs);
    const leapMs = movedMs - sleptMs;
    const lastOldUs = (monotonicMs + this.#offsetMs) * 1e3;
    this.#offsetMs = offsetMs; // a clock that is slewed moves it too, a little each second
    if (Math.abs(leapMs) < LEAP_MS) return { wallMs, leapMs: 0, sleptMs, wasUnsynced };
    this.#leaps.push({ byUs: leapMs * 1e3, lastOldUs });
    if (this.#leaps.length > MAX_LEAPS) this.#leaps.shift();
    if (!wasUnsynced) this.#trustedFromMs = monotonicMs + DISTRUST_MS;
    return { wallMs, leapMs, sleptMs, wasUnsynced };
  }

  /** Since this was last asked. */
  #sleptSince(monotonicMs: number): number {
    const sleptMs = (this.#bootMs() ?? NaN) - monotonicMs;
    const newMs = sleptMs - this.#sleptMs;
    if (!(newMs >= LEAP_MS)) return 0;
    this.#sleptMs = sleptMs;
    return Math.round(newMs);
  }

  /**
   * An instant of the last hours (microseconds since 1970) as the present clock would have told it: one
   * that was told before a leap is moved by it. So a flow that was open during a leap lasts as long as it
   * did.
   */
  present(epochUs: number): number {
    const nowUs = this.#clock.wallMs() * 1e3;
    let us = epochUs;
    for (const { byUs, lastOldUs } of this.#leaps) {
      const slackUs = Math.min(SLACK_US, Math.abs(byUs) / 2);
      // The clock that was set back told what is still to come.
      const isOld = us <= lastOldUs + slackUs && (byUs > 0 || us > nowUs + slackUs);
      if (isOld) us += byUs;
    }
    return us;
  }
}
