/** Durations as people write them: `10s`, `15m`, `1h`, `7d`. */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 24 * 3600e3 };

/** Milliseconds of a written duration, `undefined` when it is none: a number and a unit, `ms`, `s`, `m`, `h` or `d`. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  return match === null ? undefined : Math.round(Number(match[1]) * UNIT_MS[match[2]]);
}
