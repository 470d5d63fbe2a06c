/**
 * Whether a payload can be the first of a flow that names its server. These ask only as many bytes as it takes to
 * turn away what is of no interest, and allocate nothing; whoever reads on has the last word.
 *
 * All take the payload as the bytes from `start` up to `end` of `bytes`.
 */

import { gquicVersionOf } from "../quic/gquic.ts";
import { methodLengthOf } from "../http/http_request_head.ts";
import { int32 } from "../decode/packet.ts";
import { FORM_AND_FIXED_BITS, MAX_CONNECTION_ID_LENGTH } from "../quic/quic_long_header.ts";
import { isReservedVersion, quicVersion } from "../quic/quic_version.ts";
import { HANDSHAKE_CLIENT_HELLO, HANDSHAKE_SERVER_HELLO } from "../tls/handshake.ts";
import { canBeHandshakeRecord, RECORD_HEADER_LENGTH } from "../tls/tls_record.ts";

/** RFC 9000, 17.2: first byte, version, the lengths and bytes of both connection IDs. */
const VERSION_OFFSET = 1;
const DESTINATION_ID_LENGTH_OFFSET = 5;
/** RFC 9000, 17.2.1: what stands in place of a version. */
const VERSION_NEGOTIATION = 0;

/** `HTTP/1.` */
const HTTP_VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e] as const;

/** A TCP stream that begins so may begin with a TLS hello or with an HTTP/1 request or response. */
export function mayBeginTcpNames(bytes: Uint8Array, start: number, end: number): boolean {
  return mayBeginTls(bytes, start, end) || methodLengthOf(bytes, start, end) > 0 ||
    beginsHttpResponse(bytes, start, end);
}

function mayBeginTls(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || !canBeHandshakeRecord(bytes, start, end)) return false;
  if (end - start <= RECORD_HEADER_LENGTH) return true;
  const message = bytes[start + RECORD_HEADER_LENGTH];
  return message === HANDSHAKE_CLIENT_HELLO || message === HANDSHAKE_SERVER_HELLO;
}

/** RFC 9112, 4: a status line's version. */
export function beginsHttpResponse(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= HTTP_VERSION.length &&
    HTTP_VERSION.every((byte, i) => bytes[start + i] === byte);
}

/** What the first bytes of a datagram say of QUIC. */
export const enum QuicStart {
  /** No QUIC, or a packet with a short header, which no flow begins with. */
  None,
  /** It may be: a version negotiation, or an attempt to provoke one. Few of their bytes are fixed. */
  Possible,
  /** A long header of a known version, or one of Google's versions. */
  Certain,
}

/** What a UDP payload that begins so is. */
export function quicStartOf(bytes: Uint8Array, start: number, end: number): QuicStart {
  if (gquicVersionOf(bytes, start, end) !== 0) return QuicStart.Certain;
  const destinationIdOffset = start + DESTINATION_ID_LENGTH_OFFSET + 1;
  if (end < destinationIdOffset) return QuicStart.None;
  if ((bytes[start] & FORM_AND_FIXED_BITS) !== FORM_AND_FIXED_BITS) return QuicStart.None;
  const destinationIdLength = bytes[destinationIdOffset - 1];
  const sourceIdOffset = destinationIdOffset + destinationIdLength + 1;
  if (destinationIdLength > MAX_CONNECTION_ID_LENGTH || end < sourceIdOffset) return QuicStart.None;
  const sourceIdLength = bytes[sourceIdOffset - 1];
  if (sourceIdLength > MAX_CONNECTION_ID_LENGTH || end <= sourceIdOffset + sourceIdLength) {
    return QuicStart.None;
  }
  const version = int32(bytes, start + VERSION_OFFSET) >>> 0;
  if (quicVersion(version) !== undefined) return QuicStart.Certain;
  const mayBe = version === VERSION_NEGOTIATION || isReservedVersion(version);
  return mayBe ? QuicStart.Possible : QuicStart.None;
}
