/**
 * QUIC as Google had it before the IETF's, versions Q024 to Q046: a client's first packets are not encrypted, and its
 * hello, the CHLO message, names the server. From Q050 on the same message stands in encrypted Initial packets.
 *
 * Described in Google's "QUIC Wire Layout Specification" and "QUIC Crypto".
 */

import { ByteCursor } from "../wire/byte_cursor.ts";
import { nameFromBytes } from "../wire/name_bytes.ts";

/** What a CHLO says of its server. */
export interface Chlo {
  /** Its SNI; absent when there was none, or no possible name. */
  readonly serverName?: string;
}

/** Public flags, up to Q043: version present, reset, 8-byte connection ID, bits of the packet number's length. */
const FLAG_VERSION = 0x01;
const FLAG_RESET = 0x02;
const FLAG_CONNECTION_ID = 0x08;
const PACKET_NUMBER_LENGTHS = [1, 2, 4, 6];
const PACKET_NUMBER_SHIFT = 4;
/** Reserved and multipath bits: no client sets them, and a long header has them. */
const FLAGS_UNUSED = 0xc0;
const CONNECTION_ID_LENGTH = 8;
/** Where the version stands behind the flags and the connection ID, and in Q046 behind the flags alone. */
const VERSION_OFFSET = 1 + CONNECTION_ID_LENGTH;
const VERSION_LENGTH = 4;
/** The hash that stands in place of a tag in packets that are not encrypted. */
const HASH_LENGTH = 12;

const FIRST_VERSION = 24;
/** Up to this version a byte of private flags stands before the frames. */
const LAST_WITH_PRIVATE_FLAGS = 33;
/** From this version on, integers are in network byte order. */
const FIRST_BIG_ENDIAN = 39;
const LAST_WITH_PUBLIC_FLAGS = 43;
/** The one version with a long header whose first flight is not encrypted. */
const Q046 = 46;
/** Long header, fixed bit, type Initial; then lengths of 8 and 0 for the two connection IDs. */
const Q046_FLAGS_MASK = 0xf0;
const Q046_FLAGS = 0xc0;
const Q046_CONNECTION_ID_LENGTHS = 0x50;
const Q046_PACKET_NUMBER_BITS = 0x03;

/** STREAM frame: 1fdooossB, with a length of the data (d), of the offset (o) and of the stream ID (s). */
const STREAM_FRAME = 0x80;
const STREAM_HAS_LENGTH = 0x20;
const STREAM_OFFSET_SHIFT = 2;
const STREAM_OFFSET_BITS = 0x07;
const STREAM_ID_LENGTH_BITS = 0x03;
const CRYPTO_STREAM_ID = 1;

/** Message tag, number of entries, padding; then per entry its tag and where its value ends. */
const CHLO_TAG = 0x4f4c4843; // "CHLO", little endian as all of the message
const SNI_TAG = 0x00494e53; // "SNI\0"
const MESSAGE_HEADER_LENGTH = 8;
const ENTRY_LENGTH = 8;

/**
 * The number of the version, such as 43, that a datagram's first packet states; 0 when it states none of Q024 to
 * Q046. The payload stands in `bytes` from `start` to `end`.
 */
export function gquicVersionOf(bytes: Uint8Array, start: number, end: number): number {
  const flags = bytes[start];
  if (end - start < VERSION_OFFSET + VERSION_LENGTH) return 0;
  if ((flags & Q046_FLAGS_MASK) === Q046_FLAGS) {
    return versionAt(bytes, start + 1) === Q046 ? Q046 : 0;
  }
  const hasVersion = (flags & (FLAG_VERSION | FLAG_CONNECTION_ID)) ===
    (FLAG_VERSION | FLAG_CONNECTION_ID);
  if (!hasVersion || (flags & (FLAG_RESET | FLAGS_UNUSED)) !== 0) return 0;
  const version = versionAt(bytes, start + VERSION_OFFSET);
  return version >= FIRST_VERSION && version <= LAST_WITH_PUBLIC_FLAGS ? version : 0;
}

/** `Q0` and two digits. */
function versionAt(bytes: Uint8Array, offset: number): number {
  if (bytes[offset] !== 0x51 || bytes[offset + 1] !== 0x30) return 0;
  const tens = bytes[offset + 2] - 0x30;
  const ones = bytes[offset + 3] - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 0;
}

/** The CHLO of a client's datagram that `gquicVersionOf()` knows, where its first frame carries one. */
export function chloOfDatagram(datagram: Uint8Array): Chlo | undefined {
  const version = gquicVersionOf(datagram, 0, datagram.length);
  if (version === 0) return undefined;
  const packet = new ByteCursor(datagram);
  const flags = packet.uint8();
  if (version === Q046) {
    packet.take(VERSION_LENGTH);
    if (packet.uint8() !== Q046_CONNECTION_ID_LENGTHS) return undefined;
    packet.take(CONNECTION_ID_LENGTH);
    packet.take((flags & Q046_PACKET_NUMBER_BITS) + 1);
  } else {
    packet.take(CONNECTION_ID_LENGTH + VERSION_LENGTH);
    packet.take(PACKET_NUMBER_LENGTHS[flags >> PACKET_NUMBER_SHIFT & 3]);
  }
  packet.take(HASH_LENGTH);
  if (version <= LAST_WITH_PRIVATE_FLAGS) packet.uint8();
  const data = readStreamFrame(packet, version);
  const chlo = data && parseChlo(data);
  return typeof chlo === "object" ? chlo : undefined;
}

/** The data of a STREAM frame of the crypto stream. */
function readStreamFrame(packet: ByteCursor, version: number): Uint8Array | undefined {
  const type = packet.uint8();
  const hasLength = (type & STREAM_FRAME) !== 0 && (type & STREAM_HAS_LENGTH) !== 0;
  if (!hasLength || (type & STREAM_ID_LENGTH_BITS) !== 0) return undefined;
  if (packet.uint8() !== CRYPTO_STREAM_ID) return undefined;
  const offsetBits = type >> STREAM_OFFSET_SHIFT & STREAM_OFFSET_BITS;
  packet.take(offsetBits === 0 ? 0 : offsetBits + 1);
  const length = packet.uint16();
  const data = packet.take(version >= FIRST_BIG_ENDIAN ? length : swapped(length));
  return packet.overrun ? undefined : data;
}

function swapped(value: number): number {
  return (value & 0xff) << 8 | value >> 8;
}

/**
 * Reads the CHLO message at the first of `bytes`. `"incomplete"` while bytes of it are missing; `"invalid"` when it
 * is none, or its entries are not in order, which also keeps any from coming twice.
 */
export function parseChlo(bytes: Uint8Array): Chlo | "incomplete" | "invalid" {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < MESSAGE_HEADER_LENGTH) return "incomplete";
  if (view.getUint32(0, true) !== CHLO_TAG) return "invalid";
  const entryCount = view.getUint16(4, true);
  const values = MESSAGE_HEADER_LENGTH + entryCount * ENTRY_LENGTH;
  if (bytes.length < values) return "incomplete";

  let serverName: string | undefined;
  let previousTag = -1;
  let begin = 0;
  for (let entry = MESSAGE_HEADER_LENGTH; entry < values; entry += ENTRY_LENGTH) {
    const tag = view.getUint32(entry, true);
    const end = view.getUint32(entry + 4, true);
    if (tag <= previousTag || end < begin) return "invalid";
    if (bytes.length < values + end) return "incomplete";
    if (tag === SNI_TAG) serverName = nameFromBytes(bytes.subarray(values + begin, values + end));
    previousTag = tag;
    begin = end;
  }
  return { serverName };
}
