/** The identity of a flow, the same in all its lines and in no other flow's. */

/** From the time of its first packet, microseconds since 1970, and the number that it has in its table. */
export function flowId(startUs: number, serial: number): string {
  return `${base36(startUs)}-${serial.toString(36)}`;
}

/** All pairs of digits. */
const BASE36_PAIRS = Array.from({ length: 36 ** 2 }, (_, n) => n.toString(36).padStart(2, "0"));

/** A time in ten digits or more: 50 ns, where `toString(36)` of a number so large takes 270. */
function base36(timeUs: number): string {
  if (timeUs >= 36 ** 10) return timeUs.toString(36); // from 2085 on
  const upper = Math.floor(timeUs / 36 ** 4);
  const lower = timeUs - upper * 36 ** 4;
  const top = Math.floor(upper / 36 ** 4) | 0;
  const middle = upper - top * 36 ** 4;
  return BASE36_PAIRS[top] + BASE36_PAIRS[middle / 1296 | 0] + BASE36_PAIRS[middle % 1296] +
    BASE36_PAIRS[lower / 1296 | 0] + BASE36_PAIRS[lower % 1296];
}
