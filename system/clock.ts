/** The two clocks of the machine, and waiting. This file alone reads the clocks: everything else is given a `Clock`. */

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

/** Waits so long, or until it is stopped. */
export function sleep(ms: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      stop?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop?.addEventListener("abort", end);
  });
}
