/** `wifilogger completions`: prints the script by which a shell completes this program's words. */

import { bashCompletion } from "../completions/bash.ts";
import { fishCompletion } from "../completions/fish.ts";
import { zshCompletion } from "../completions/zsh.ts";
import { readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, UsageError } from "../usage/exit_error.ts";
import { writeOut } from "../text/standard_output.ts";

const SHELLS: Readonly<Record<string, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the script. @returns the exit code */
export function completions(argv: readonly string[]): Promise<number> {
  const { positional } = readArguments(COMMANDS.completions, argv);
  const [shell] = positional;
  if (positional.length !== 1 || !Object.hasOwn(SHELLS, shell)) {
    throw new UsageError(
      `completions takes the name of one shell. Write one of: ${Object.keys(SHELLS).join(", ")}`,
    );
  }
  writeOut(SHELLS[shell]());
  return Promise.resolve(EXIT_DONE);
}
