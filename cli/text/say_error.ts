/** An error for a person: one line, `wifilogger: <what failed>: <why>. <what to do>`. */

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

/** Errors of the language's own kinds that carry no cause were not foreseen by anybody. */
function isOurs(error: unknown): boolean {
  const unforeseen = [TypeError, ReferenceError, RangeError];
  return error instanceof Error &&
    !(unforeseen.some((kind) => error.constructor === kind) && error.cause === undefined);
}
