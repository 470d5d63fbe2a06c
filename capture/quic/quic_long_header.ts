/** QUIC packets with a long header (RFC 9000, 17.2): where they begin and end in a datagram, and which are Initials. */

import { ByteCursor } from "../wire/byte_cursor.ts";
import { type QuicVersion, quicVersion } from "./quic_version.ts";

/** What is needed of one packet with a long header. Offsets are into its datagram. */
export interface QuicLongHeader {
  /** The version's number on the wire, and what it means. */
  readonly versionNumber: number;
  readonly version: QuicVersion;
  /** Destination Connection ID; a view. */
  readonly destinationId: Uint8Array;
  readonly isInitial: boolean;
  /** An Initial that carries the token of a Retry, or of an earlier connection (RFC 9000, 8.1). */
  readonly hasToken: boolean;
  readonly start: number;
  readonly packetNumberOffset: number;
  /** One past the packet's last byte. */
  readonly end: number;
}

/** RFC 9000, 17.2: Header Form and Fixed Bit, both 1; then the two bits of the packet type. */
export const FORM_AND_FIXED_BITS = 0xc0;
const TYPE_SHIFT = 4;
const TYPE_MASK = 3;
export const MAX_CONNECTION_ID_LENGTH = 20;

/** The packets of a datagram, up to the first without a long header of a known version or whose length does not fit. */
export function longHeadersOf(datagram: Uint8Array): QuicLongHeader[] {
  const headers: QuicLongHeader[] = [];
  // RFC 9000, 12.2: packets stand one behind the other. Each is at least as long as its header.
  for (let offset = 0; offset < datagram.length;) {
    const header = readLongHeader(datagram, offset);
    if (header === undefined) break;
    headers.push(header);
    offset = header.end;
  }
  return headers;
}

/** RFC 9000, 17.2.2 to 17.2.5. */
function readLongHeader(datagram: Uint8Array, start: number): QuicLongHeader | undefined {
  const packet = new ByteCursor(datagram.subarray(start));
  const firstByte = packet.uint8();
  if ((firstByte & FORM_AND_FIXED_BITS) !== FORM_AND_FIXED_BITS) return undefined;
  const type = firstByte >> TYPE_SHIFT & TYPE_MASK;
  const versionNumber = packet.uint32();
  const version = quicVersion(versionNumber);
  const destinationId = packet.vector8();
  const sourceId = packet.vector8();
  if (version === undefined || type === version.retryType) return undefined;
  const isInitial = type === version.initialType;
  const token = isInitial ? packet.take(packet.varint()) : undefined;
  const length = packet.varint();
  const packetNumberOffset = start + packet.offset;
  packet.take(length);
  const fits = !packet.overrun && destinationId.length <= MAX_CONNECTION_ID_LENGTH &&
    sourceId.length <= MAX_CONNECTION_ID_LENGTH;
  if (!fits) return undefined;
  return {
    versionNumber,
    version,
    destinationId,
    isInitial,
    hasToken: token !== undefined && token.length > 0,
    start,
    packetNumberOffset,
    end: start + packet.offset,
  };
}
