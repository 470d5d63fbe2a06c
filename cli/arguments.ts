/** A command's arguments: `@std/cli` reads them, this says what is wrong with them. */

// @ts-types="../types/std_cli_parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
// @ts-types="../types/std_text_closest_string.d.ts"
import { closestString } from "@std/text/closest-string";
import { UsageError } from "./exit_error.ts";

/** Which flags a command takes. */
export interface FlagNames {
  /** Without a value. */
  readonly boolean?: readonly string[];
  /** With a value. */
  readonly string?: readonly string[];
  /** With a value, and may be given again. */
  readonly collect?: readonly string[];
  /** One letter to the flag it stands for. */
  readonly alias?: Readonly<Record<string, string>>;
}

/** What was given. */
export interface Arguments {
  readonly positional: readonly string[];
  has(flag: string): boolean;
  /** The value of a flag; the last one counts. */
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
}

/**
 * Reads a command's arguments.
 *
 * @throws {UsageError} on a flag that the command does not know, or one without the value it needs
 */
export function readArguments(
  command: string,
  argv: readonly string[],
  names: FlagNames,
): Arguments {
  const withValue = [...names.string ?? [], ...names.collect ?? []];
  const boolean = ["help", "version", "debug", ...names.boolean ?? []];
  const parsed = parseArgs(argv, {
    boolean,
    string: [...withValue, "_"],
    collect: withValue,
    alias: { h: "help", ...names.alias },
    unknown: (argument, key) => {
      if (key === undefined) return true;
      throw new UsageError(unknownFlag(command, argument, [...withValue, ...boolean]));
    },
  });
  const values = (flag: string) => (parsed[flag] ?? []) as string[];
  for (const flag of withValue) {
    if (values(flag).some((value) => value === "")) {
      throw new UsageError(`--${flag} needs a value. See: wifilogger ${command} --help`);
    }
  }
  return {
    positional: parsed._ as string[],
    has: (flag) => parsed[flag] === true,
    value: (flag) => values(flag).at(-1),
    values,
  };
}

function unknownFlag(command: string, argument: string, known: readonly string[]): string {
  const [flag] = argument.split("=", 1);
  const closest = closestString(flag.replace(/^-+/, ""), known);
  const guess = flag.startsWith("--") ? ` Did you mean --${closest}?` : "";
  return `${command} has no flag ${flag}.${guess} See: wifilogger ${command} --help`;
}

/** One of a flag's few values. @throws {UsageError} */
export function oneOf<T extends string>(
  args: Arguments,
  flag: string,
  allowed: readonly T[],
): T | undefined {
  const value = args.value(flag);
  if (value === undefined) return undefined;
  const found = allowed.find((item) => item === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag}=${value} is not possible. Write one of: ${allowed.join(", ")}`);
}

/** @throws {UsageError} when anything was given that is no flag */
export function expectNoPositional(command: string, args: Arguments): void {
  if (args.positional.length === 0) return;
  throw new UsageError(
    `${command} takes no "${args.positional[0]}". See: wifilogger ${command} --help`,
  );
}
