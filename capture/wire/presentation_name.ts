/**
 * Host names as they came over the wire, made fit for a log: whoever sends one may put any bytes into it.
 */

/** RFC 1035, 2.3.4: the longest name, in its text form. */
const MAX_NAME_LENGTH = 253;

/**
 * Lower case, without the root's dot, and every byte that is no printable ASCII character (of the name's UTF-8 form),
 * and the backslash, written as `\DDD`, three decimal digits (RFC 1035, 5.1). `undefined` where no name is left, or
 * one longer than a name can be.
 */
export function presentationName(text: string): string | undefined {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name === "" || name.length > MAX_NAME_LENGTH) return undefined;
  // Escaped first: lower case is for ASCII letters alone (RFC 4343), and the Kelvin sign's would be a k.
  return name.replace(/[^\x21-\x5b\x5d-\x7e]/gu, escapeCharacter).toLowerCase();
}

function escapeCharacter(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => "\\" + String(byte).padStart(3, "0")).join("");
}
