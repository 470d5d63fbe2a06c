/** Figures as a Markdown table, and how they are written. */

/** A table as `deno fmt` would lay it; all columns but the first are aligned right. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]) {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...rows].map((row) => row[column].length))
  );
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    );
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":"
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** The middle of some figures; of an even number, the mean of the two in the middle. @throws {RangeError} of none */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new RangeError("there is no median of no figures");
  const sorted = figures.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Three significant digits, with commas between thousands: `1,230,000`, `45.6`, `0.0123`. */
export function figure(value: number): string {
  return value.toLocaleString("en-GB", { maximumSignificantDigits: 3 });
}

/** All digits of a count: `1,031,128`. */
export function count(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: 0 });
}
