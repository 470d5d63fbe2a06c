/** RFC 3339 timestamps in UTC. */

/** With milliseconds, as `@timestamp` has them. */
export function timestampMs(epochUs: number): string {
  return new Date(Math.floor(epochUs / 1e3)).toISOString();
}

/** With microseconds, as packets have them. */
export function timestampUs(epochUs: number): string {
  const microseconds = String(epochUs % 1e3).padStart(3, "0");
  return timestampMs(epochUs).slice(0, -1) + microseconds + "Z";
}
