/** The two clocks of the machine. This file alone reads them: everything else is given a `Clock`. */

/** What tells the time of day, and what measures durations. */
export interface Clock {
  /** The time of day, milliseconds since 1970: it leaps when the network or a person sets it. */
  wallMs(): number;
  /** Milliseconds since some instant, which only ever go on. */
  monotonicMs(): number;
}

/** The machine's own. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
