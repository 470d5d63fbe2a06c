/** Types of `@std/cli/parse-args`, as far as they are used. */

export interface ParseOptions {
  /** Flags without a value. */
  boolean?: readonly string[];
  /** Flags with a value. */
  string?: readonly string[];
  /** Flags that may be given more than once; each gives an array. */
  collect?: readonly string[];
  /** Other names of flags. */
  alias?: Readonly<Record<string, string>>;
  /** Asked about each argument that is no known flag; false leaves it out. */
  unknown?: (argument: string, key?: string, value?: unknown) => unknown;
  /** Leave everything behind the first argument that is no flag alone. */
  stopEarly?: boolean;
}

/** Flags by name, and in `_` what is no flag. */
export function parseArgs(
  argv: readonly string[],
  options?: ParseOptions,
): Record<string, unknown> & { _: (string | number)[] };
