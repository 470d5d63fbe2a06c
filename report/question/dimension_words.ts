/** The dimensions by name, apart from what groups by them: a list of them loads no list of public suffixes. */

/** The names of filters; each is a dimension, too. */
export const FILTER_WORDS = [
  "device",
  "name",
  "site",
  "country",
  "owner",
  "port",
  "protocol",
  "direction",
  "evidence",
] as const;

/** The words of `--by`. */
export const DIMENSIONS = [...FILTER_WORDS, "hour", "day", "month"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Dimensions of time: their rows stand in the order of time. */
export const TIME_DIMENSIONS: ReadonlySet<Dimension> = new Set(["hour", "day", "month"]);

/** Dimensions of which it can be told when something was first seen. */
export const SEEN_DIMENSIONS: ReadonlySet<Dimension> = new Set([
  "device",
  "name",
  "site",
  "country",
  "owner",
]);
