/** An error for a person: one line, `wifilogger: <what failed>: <why>. <what to do>`. */

import { countText } from "../../service/program/count_text.ts";
import { escapeText } from "../../record/escape_text.ts";

/** Prints it on stderr; with `debug` the stack and the causes behind it. */
export function sayError(error: unknown, debug: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  const line = isOurs(error)
    ? message
    : `unexpected failure: ${message}. Run it again with --debug to see where`;
  console.error(`wifilogger: ${escapeText(line.replaceAll("\n", " "))}`);
  if (debug) console.error(error);
}

/** Says how many lines were left out because this logger did not write them, if any. */
export function sayForeign(lines: number): void {
  if (lines === 0) return;
  const what = countText(lines, "line");
  console.error(`wifilogger: warning: ${what} that this logger did not write left out`);
}

/** Errors of the language's own kinds that carry no cause were not foreseen by anybody. */
function isOurs(error: unknown): boolean {
  const unforeseen = [TypeError, ReferenceError, RangeError];
  return error instanceof Error &&
    !(unforeseen.some((kind) => error.constructor === kind) && error.cause === undefined);
}
