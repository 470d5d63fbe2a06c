/** A line of samples, drawn with characters, and its slope. */

/** How large a chart is, in characters, without its axis. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Draws samples that are evenly apart, from 0 up; where there are more than columns, each shows the mean of its share. */
export function chart(samples: readonly number[], { width, height }: ChartSize): string {
  const columns = Math.min(width, samples.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const share = samples.slice(
      Math.floor(column * samples.length / columns),
      Math.floor((column + 1) * samples.length / columns),
    );
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const top = Math.max(...means, 1);
  const rows = means.map((value) => Math.max(1, Math.round(value / top * height)));
  const lines = Array.from({ length: height }, (_, i) => {
    const row = height - i;
    const label = (top * row / height).toFixed(0).padStart(6);
    const line = rows.map((filled) => filled === row ? "*" : " ").join("");
    return `${label} |${line}`.trimEnd();
  });
  return [...lines, `${"0".padStart(6)} +${"-".repeat(columns)}`].join("\n");
}

/** The slope of the straight line that fits best (least squares), `values` at `hours`. */
export function slopePerHour(hours: readonly number[], values: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [meanHour, meanValue] = [mean(hours), mean(values)];
  let [up, across] = [0, 0];
  for (const [i, hour] of hours.entries()) {
    up += (hour - meanHour) * (values[i] - meanValue);
    across += (hour - meanHour) ** 2;
  }
  return up / across;
}
