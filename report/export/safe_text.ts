/** Text from the network on its way to a file that somebody may print: nothing in it may command a terminal. */

import { escapeText, isUnsafe, replaceUnsafe } from "../../record/escape_text.ts";

const encoder = new TextEncoder();

/** A line of JSON with the same value: raw controls stand only between its tokens, as white space. */
export function safeJson(line: string): string {
  if (!isUnsafe(line)) return line;
  // deno-lint-ignore no-control-regex
  return escapeText(line.replace(/[\x00-\x1f]/g, " "));
}

/** The bytes of such characters, and those of `more`, as `\x0a`: the way Zeek writes them. */
export function hexEscaped(text: string, more: RegExp): string {
  return replaceUnsafe(text.replace(more, hexBytes), hexBytes);
}

function hexBytes(text: string): string {
  return Array.from(encoder.encode(text), (byte) => "\\x" + byte.toString(16).padStart(2, "0"))
    .join("");
}
