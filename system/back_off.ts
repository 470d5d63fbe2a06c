/** How long to leave a service alone that fails. */

/** How a back-off grows. */
export interface BackOffOptions {
  /** The first pause, in milliseconds. */
  readonly firstMs: number;
  /** No pause is longer. */
  readonly maxMs: number;
  /** From 0 to 1, both as likely: `Math.random`. */
  readonly random: () => number;
}

/** Pauses that double with every failure in a row; each is drawn from its upper half, so that clients do not come back together. */
export class BackOff {
  readonly #options: BackOffOptions;
  #failures = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const { firstMs, maxMs, random } = this.#options;
    const longestMs = Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures++, 30));
    return longestMs * (1 + random()) / 2;
  }

  /** It did not fail. */
  reset(): void {
    this.#failures = 0;
  }
}

/**
 * Milliseconds that a response asks to wait, by its Retry-After (RFC 9110, 10.2.3: seconds or a date); `undefined` when it
 * does not ask. A date is measured against the response's own Date, for the clock here may not be set yet.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // Date.parse() would take "-5" for a year.
  const atMs = /^[A-Z][a-z]+,? .* GMT$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs)) return undefined;
  const sentMs = Date.parse(headers.get("date") ?? "");
  return Math.max(0, atMs - (Number.isNaN(sentMs) ? nowMs : sentMs));
}
