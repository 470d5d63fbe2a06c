/** Text from the network on its way to a file that somebody may print: nothing in it may command a terminal. */

/** Controls, C1 included, and marks that turn the direction of text or that nobody sees. */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const IS_UNSAFE = new RegExp(UNSAFE.source);
const encoder = new TextEncoder();

/** Whether there is anything in a text that a terminal could take for a command. */
export function isUnsafe(text: string): boolean {
  return IS_UNSAFE.test(text);
}

/** Such characters as `\u202e`; in JSON this is the same text. */
export function visibleText(text: string): string {
  if (!isUnsafe(text)) return text;
  return text.replace(UNSAFE, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** A line of JSON with the same value: raw controls stand only between its tokens, as white space. */
export function safeJson(line: string): string {
  if (!isUnsafe(line)) return line;
  // deno-lint-ignore no-control-regex
  return visibleText(line.replace(/[\x00-\x1f]/g, " "));
}

/** The bytes of such characters, and those of `more`, as `\x0a`: the way Zeek writes them. */
export function hexEscaped(text: string, more: RegExp): string {
  const escaped = text.replace(more, hexBytes);
  return isUnsafe(escaped) ? escaped.replace(UNSAFE, hexBytes) : escaped;
}

function hexBytes(text: string): string {
  return Array.from(encoder.encode(text), (byte) => "\\x" + byte.toString(16).padStart(2, "0"))
    .join("");
}
