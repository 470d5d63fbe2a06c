/** Metrics as plain data, before they are text. */

/**
 * What a family counts or shows; `info` is a 1 whose labels tell something.
 */
export type MetricType = "counter" | "gauge" | "info";

/** A value, and what tells it from the others of its family. */
export interface MetricSample {
  /** Of few values each: no address, no name from the network, no flow. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is measured, and what was measured of it. */
export interface MetricFamily {
  /** With its unit at the end, without the suffixes `_total` of a counter and `_info` of an info. */
  readonly name: string;
  readonly type: MetricType;
  /** One sentence. */
  readonly help: string;
  /** The unit that the name ends in: `bytes`, `seconds`, `ratio`. */
  readonly unit?: string;
  /** A family with none is left out of the text. */
  readonly samples: readonly MetricSample[];
}

/** The name that a family's samples have. */
export function sampleName({ name, type }: Pick<MetricFamily, "name" | "type">): string {
  if (type === "counter") return `${name}_total`;
  return type === "info" ? `${name}_info` : name;
}
