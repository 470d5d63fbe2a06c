/** Host names as they stand in the bytes of a message. */

import { presentationName } from "./presentation_name.ts";

/** RFC 1035, 2.3.4: no name has more bytes, and no message that holds more holds a name. */
const MAX_NAME_BYTES = 255;
const SPACE = 0x20;
const DELETE = 0x7f;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The name that stands in `bytes`, in the form that `presentationName()` gives it. `undefined` when it is empty, too long, no
 * UTF-8, or has a control character or a space in it: none of which a client that wants an answer sends.
 */
export function nameFromBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) return undefined;
  for (const byte of bytes) {
    if (byte <= SPACE || byte === DELETE) return undefined;
  }
  try {
    return presentationName(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
