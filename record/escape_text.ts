/** Text from the network for a person's eyes. */

/** Controls, C1 included, and marks that turn the direction of text or that nobody sees. */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const IS_UNSAFE = new RegExp(UNSAFE.source);

/** Whether there is anything in a text that a terminal could take for a command. */
export function isUnsafe(text: string): boolean {
  return IS_UNSAFE.test(text);
}

/** Makes what a terminal could take for a command visible: `\u202e` in six characters. In JSON it is the same text. */
export function escapeText(text: string): string {
  return replaceUnsafe(text, unicodeEscape);
}

/** `\u202e` for the first UTF-16 unit of a text. */
export function unicodeEscape(unit: string): string {
  return "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
}

/** Replaces each such character. */
export function replaceUnsafe(text: string, replacement: (character: string) => string): string {
  return isUnsafe(text) ? text.replace(UNSAFE, replacement) : text;
}
