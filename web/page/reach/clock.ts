/** The only reader of the browser's clock, which is set by the logger's: the two may differ by minutes. */

let aheadMs = 0;

/** @param now the logger's time, RFC 3339 */
export function setNow(now: string): void {
  aheadMs = Date.parse(now) - Date.now();
}

/** Milliseconds since 1970 by the logger's clock. */
export function nowMs(): number {
  return Date.now() + aheadMs;
}
