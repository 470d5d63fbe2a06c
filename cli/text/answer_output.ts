/** Printing an answer, and what could not be read for it. */

import type { Arguments } from "../usage/arguments.ts";
import { EXIT_DONE, exitCodeOf } from "../usage/exit_error.ts";
import { sayError } from "./say_error.ts";
import { writeOut } from "./standard_output.ts";
import { standardTerminal } from "./terminal.ts";

const DEFAULT_WIDTH = 80;

/** How a table may look on standard output. */
export function tableLook() {
  const { size, hasColour, isUtf8 } = standardTerminal();
  return { width: size?.columns ?? DEFAULT_WIDTH, isUnicode: isUtf8, isColoured: hasColour };
}

/** Writes all of a text; a reader who has gone wants no more of it. */
export function writeText(text: string): void {
  try {
    writeOut(text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Says what could not be read. @returns the exit code */
export function printFaults(faults: readonly Error[], args: Arguments): number {
  for (const fault of faults) sayError(fault, args.has("debug"));
  return Math.max(EXIT_DONE, ...faults.map(exitCodeOf));
}
