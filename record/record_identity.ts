/** What tells a record from every other one, wherever its line lies. */

/**
 * Of a line of the log: its flow's id and the number of its part. A gap has neither: it is told by all but its times,
 * which are corrected when the clock turns out to have been wrong.
 */
export function recordIdentity(line: string): string {
  const match = /"flow_id":"?([^",}]+)"?(?:,"part":(\d+))?/.exec(line);
  if (match !== null) return match[2] === undefined ? match[1] : `${match[1]} ${match[2]}`;
  return line.replace(/"[^"]*T[^"]*Z"|"duration":\d+|"clock":"\w+"/g, "");
}
