/** `wifilogger manual`: prints the manual page. */

import { writeOut } from "../text/standard_output.ts";
import { expectNoPositional, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { manual } from "../usage/manual.ts";

/** Prints the page in mdoc(7), which man(1) reads. @returns the exit code */
export function printManual(argv: readonly string[]): Promise<number> {
  expectNoPositional(readArguments(COMMANDS.manual, argv));
  writeOut(manual());
  return Promise.resolve(EXIT_DONE);
}
