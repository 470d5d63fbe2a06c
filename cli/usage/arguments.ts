/** A command's arguments: `@std/cli` reads them, this says what is wrong with them. */

// @ts-types="../../types/std_cli_parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
// @ts-types="../../types/std_text_closest_string.d.ts"
import { closestString } from "@std/text/closest-string";
import type { Command } from "./command_table.ts";
import { UsageError } from "./exit_error.ts";

/** What was given. */
export interface Arguments {
  /** The command's name. */
  readonly command: string;
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
export function readArguments({ name, flags }: Command, argv: readonly string[]): Arguments {
  const withValue = flags.filter(({ value }) => value !== undefined).map(({ name }) => name);
  const boolean = ["help", "version", ...flags.map(({ name }) => name)]
    .filter((flag) => !withValue.includes(flag));
  const letters = flags.filter(({ letter }) => letter !== undefined)
    .map(({ letter, name }) => [letter, name]);
  const parsed = parseArgs(argv, {
    boolean,
    string: [...withValue, "_"],
    collect: withValue,
    alias: { h: "help", ...Object.fromEntries(letters) },
    unknown: (argument, key) => {
      if (key === undefined) return true;
      throw new UsageError(unknownFlag(name, argument, [...withValue, ...boolean]));
    },
  });
  const values = (flag: string) => (parsed[flag] ?? []) as string[];
  for (const flag of withValue) {
    if (values(flag).some((value) => value === "")) {
      throw new UsageError(`--${flag} needs a value. See: wifilogger ${name} --help`);
    }
  }
  return {
    command: name,
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

/** How many a flag asks for, of what is named. @throws {UsageError} */
export function numberOf(args: Arguments, flag: string, what: string): number | undefined {
  const text = args.value(flag);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(
    `--${flag}=${text} is no number of ${what}. Write one from 1 to 9999999`,
  );
}

/** @throws {UsageError} when anything was given that is no flag */
export function expectNoPositional({ command, positional }: Arguments): void {
  if (positional.length === 0) return;
  throw new UsageError(`${command} takes no "${positional[0]}". See: wifilogger ${command} --help`);
}
