/**
 * RFC 3339 timestamps in UTC.
 *
 * A record has three, most of them of the last minute: the text of a second is kept, so that one costs 20 ns instead of
 * the 450 ns of `Date` (`tests/record/flow_line_bench.ts`).
 */

/** With milliseconds, as `@timestamp` has them. */
export function timestampMs(epochUs: number): string {
  const second = Math.floor(epochUs / 1e6);
  const millisecond = Math.floor((epochUs - second * 1e6) / 1e3);
  return `${secondText(second)}.${THREE_DIGITS[millisecond]}Z`;
}

/** With microseconds, as packets have them. */
export function timestampUs(epochUs: number): string {
  const second = Math.floor(epochUs / 1e6);
  const microsecond = Math.floor(epochUs - second * 1e6);
  const millisecond = Math.floor(microsecond / 1e3);
  const rest = microsecond - millisecond * 1e3;
  return `${secondText(second)}.${THREE_DIGITS[millisecond]}${THREE_DIGITS[rest]}Z`;
}

const THREE_DIGITS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, "0"));

/** Seconds whose text is kept, each in the slot of its lowest bits; a power of two. */
const KEPT_SECONDS = 256;
const keptSeconds = new Float64Array(KEPT_SECONDS).fill(NaN);
const keptTexts: string[] = new Array(KEPT_SECONDS).fill("");

/** `2026-11-22T12:00:00` */
function secondText(second: number): string {
  const slot = second & KEPT_SECONDS - 1;
  if (keptSeconds[slot] !== second) {
    keptTexts[slot] = new Date(second * 1e3).toISOString().slice(0, 19);
    keptSeconds[slot] = second;
  }
  return keptTexts[slot];
}
