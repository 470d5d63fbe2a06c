/** TLS records (RFC 8446, 5.1): the handshake messages at the beginning of a stream. */

import { VERSION_MAJOR } from "./handshake.ts";

/** Content type, legacy_record_version, length. */
export const RECORD_HEADER_LENGTH = 5;
const CONTENT_TYPE_HANDSHAKE = 22;
/** All versions that ever stood in legacy_record_version are 3.0 (SSL 3) to 3.4. */
const VERSION_MINOR_MAX = 4;
/** A longer fragment of plaintext is against the rules. */
const MAX_FRAGMENT_LENGTH = 1 << 14;

/**
 * The handshake bytes of the records that a stream begins with, up to the first record of another type or to where
 * the stream was cut: a view when it is one record, else a copy. `"incomplete"` while not one of them is there, and
 * `"not-tls"` when the stream cannot begin with handshake records, as an SSL 2 hello does not.
 */
export function handshakeOf(stream: Uint8Array): Uint8Array | "incomplete" | "not-tls" {
  if (!canBeHandshakeRecord(stream, 0, stream.length)) return "not-tls";
  const fragments: Uint8Array[] = [];
  for (let offset = 0; canBeHandshakeRecord(stream, offset, stream.length);) {
    const begin = offset + RECORD_HEADER_LENGTH;
    if (begin > stream.length) break;
    const length = stream[offset + 3] << 8 | stream[offset + 4];
    // RFC 8446, 5.1: no handshake fragment is empty.
    if (length === 0 || length > MAX_FRAGMENT_LENGTH) return "not-tls";
    if (begin < stream.length) fragments.push(stream.subarray(begin, begin + length));
    offset = begin + length;
  }
  if (fragments.length === 0) return "incomplete";
  return fragments.length === 1 ? fragments[0] : joined(fragments);
}

/** Whether a record from `start` to `end` may carry handshake messages, by as much of its header as is there. */
export function canBeHandshakeRecord(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length > 0 && bytes[start] !== CONTENT_TYPE_HANDSHAKE) return false;
  if (length > 1 && bytes[start + 1] !== VERSION_MAJOR) return false;
  return length <= 2 || bytes[start + 2] <= VERSION_MINOR_MAX;
}

function joined(fragments: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fragments.reduce((sum, fragment) => sum + fragment.length, 0));
  let offset = 0;
  for (const fragment of fragments) {
    whole.set(fragment, offset);
    offset += fragment.length;
  }
  return whole;
}
