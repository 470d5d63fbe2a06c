/** What completion offers, whatever the shell: read off the table of commands. */

import { type Command, COMMAND_LIST, type Flag } from "../usage/command_table.ts";

/** What may follow a flag, or stand where a command takes no flag. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "folders" | "interfaces" | "anything" };

/** The command when none is named. */
export const UNNAMED = "run";
/** Flags that stand for a command. */
export const FIRST_FLAGS = ["--flush-now", "--help", "--version"] as const;

/** The commands that are words. */
export const COMMAND_WORDS: readonly Command[] = COMMAND_LIST.filter(({ name }) =>
  !name.startsWith("-")
);

/** What a flag's value is; `undefined` of one that takes none. */
export function flagValue({ name, value, words }: Flag): Value | undefined {
  if (value === undefined) return undefined;
  if (words !== undefined) return { kind: "words", words };
  if (name === "interface") return { kind: "interfaces" };
  return { kind: value === "FILE" ? "files" : value === "FOLDER" ? "folders" : "anything" };
}

/** What a command takes beside its flags: the file of `FILE...`, the words of `bash|zsh|fish`. */
export function operandValue({ operands = "" }: Command): Value {
  if (operands.includes("FILE")) return { kind: "files" };
  if (/^[a-z]+(\|[a-z]+)+$/.test(operands)) return { kind: "words", words: operands.split("|") };
  return { kind: "anything" };
}

/** A flag as it is typed, its letter included. */
export function spellings({ name, letter }: Flag): string[] {
  return [`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])];
}
