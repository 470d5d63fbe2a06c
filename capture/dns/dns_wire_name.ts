/** Domain names as DHCP options carry them: labels, each with its length before it, never compressed. */

import { ByteCursor } from "../wire/byte_cursor.ts";

/** RFC 1035, 2.3.4; a longer length is a compression pointer, which has nothing to point into here. */
const MAX_LABEL_LENGTH = 63;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a name in the wire form of RFC 1035, 3.1, without a dot behind it. The root label may be missing, as it
 * is behind a name that is only a beginning (RFC 4702, 2.3.1; RFC 4704, 4.2). `undefined` when the name is damaged, or
 * a label has a dot in it, which text cannot show.
 */
export function readWireName(bytes: Uint8Array): string | undefined {
  const cursor = new ByteCursor(bytes);
  const labels: string[] = [];
  while (!cursor.atEnd) {
    const length = cursor.uint8();
    if (length === 0) break;
    if (length > MAX_LABEL_LENGTH) return undefined;
    const label = labelText(cursor.take(length));
    if (cursor.overrun || label === undefined) return undefined;
    labels.push(label);
  }
  return labels.join(".");
}

function labelText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return text.includes(".") ? undefined : text;
  } catch {
    return undefined;
  }
}
