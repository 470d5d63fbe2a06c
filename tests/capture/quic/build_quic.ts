/**
 * QUIC Initial packets as a client seals them (RFC 9001, 5; RFC 9369, 3). Written from the other side than the code
 * that opens them; the vectors of both RFCs check it.
 */

import { createCipheriv, createHmac } from "node:crypto";
import { concat, hex, text, uint16, uint32, uint8, vector8 } from "../wire/build_bytes.ts";

/** What of an Initial packet a test cares for. */
export interface InitialParts {
  frames: Uint8Array;
  /** Destination Connection ID. */
  destinationId?: Uint8Array;
  sourceId?: Uint8Array;
  /** The Destination Connection ID that the keys are derived from. @default the packet's own */
  keysFrom?: Uint8Array;
  token?: Uint8Array;
  packetNumber?: number;
  /** PADDING frames behind the others bring the packet to so many bytes. @default 1200 */
  length?: number;
  version?: keyof typeof VERSIONS;
  from?: "client" | "server";
}

/** Number, salt, prefix of the labels, long packet type of an Initial. */
const VERSIONS = {
  "1": [0x00000001, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic", 0],
  "2": [0x6b3343cf, "0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2", 1],
  "draft-29": [0xff00001d, "afbfec289993d24c9e9786f19c6111e04390a899", "quic", 0],
  "Q050": [0x51303530, "504574efd066fe2f9d945cfcdbd3a7f0d3b56b45", "quic", 0],
  "T051": [0x54303531, "7a4edef4e7ccee5fa4506c19124fc8ccda6e033d", "quic", 0],
} as const;

/** The connection ID of the RFCs' vectors. */
export const CONNECTION_ID = hex("8394c8f03e515708");

const PACKET_NUMBER_LENGTH = 4;
const TAG_LENGTH = 16;
const LONG_HEADER = 0xc0;

/** A protected packet. */
export function initialPacket(parts: InitialParts): Uint8Array<ArrayBuffer> {
  const { destinationId = CONNECTION_ID, sourceId = new Uint8Array(0), packetNumber = 0 } = parts;
  const [number, salt, labelPrefix, type] = VERSIONS[parts.version ?? "1"];
  const sample = `${parts.from ?? "client"} in`;
  const secret = hkdfExpand(hmac(hex(salt), parts.keysFrom ?? destinationId), sample, 32);
  const token = parts.token ?? new Uint8Array(0);

  const beforeLength = concat(
    uint8(LONG_HEADER | type << 4 | PACKET_NUMBER_LENGTH - 1),
    uint32(number),
    vector8(destinationId),
    vector8(sourceId),
    varint(token.length),
    token,
  );
  const headerLength = beforeLength.length + 2 + PACKET_NUMBER_LENGTH;
  const padding = (parts.length ?? 1200) - headerLength - parts.frames.length - TAG_LENGTH;
  const payload = concat(parts.frames, new Uint8Array(Math.max(0, padding)));
  const length = PACKET_NUMBER_LENGTH + payload.length + TAG_LENGTH;
  const header = concat(beforeLength, uint16(0x4000 | length), uint32(packetNumber));

  const nonce = hkdfExpand(secret, `${labelPrefix} iv`, 12);
  uint32(packetNumber).forEach((byte, i) => nonce[8 + i] ^= byte);
  const seal = createCipheriv("aes-128-gcm", hkdfExpand(secret, `${labelPrefix} key`, 16), nonce);
  seal.setAAD(header);
  const sealed = concat(seal.update(payload), seal.final(), seal.getAuthTag());

  const hide = createCipheriv("aes-128-ecb", hkdfExpand(secret, `${labelPrefix} hp`, 16), null);
  const mask = concat(hide.update(sealed.subarray(0, 16)), hide.final());
  header[0] ^= mask[0] & 0x0f;
  for (let i = 0; i < PACKET_NUMBER_LENGTH; i++) {
    header[header.length - PACKET_NUMBER_LENGTH + i] ^= mask[1 + i];
  }
  return concat(header, sealed);
}

/** A packet with a long header of another type than Initial, of version 1: 0-RTT is 1, Handshake 2, Retry 3. */
export function otherLongPacket(type: number, length: number): Uint8Array {
  const content = new Uint8Array(length).fill(0xa5);
  return concat(
    uint8(LONG_HEADER | type << 4),
    uint32(1),
    vector8(CONNECTION_ID),
    vector8(),
    varint(length),
    content,
  );
}

/** RFC 9000, 19.6. */
export function cryptoFrame(offset: number, bytes: Uint8Array): Uint8Array {
  return concat(uint8(0x06), varint(offset), varint(bytes.length), bytes);
}

/** The same in Google's versions. */
export function googleCryptoFrame(offset: number, bytes: Uint8Array): Uint8Array {
  return concat(uint8(0x08), varint(offset), varint(bytes.length), bytes);
}

/** RFC 9000, 16, in one, two or four bytes. */
export function varint(value: number): Uint8Array {
  if (value < 0x40) return uint8(value);
  return value < 0x4000 ? uint16(0x4000 | value) : uint32((0x80000000 | value) >>> 0);
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}

/** RFC 8446, 7.1: HKDF-Expand-Label. */
function hkdfExpand(secret: Uint8Array, label: string, length: number): Uint8Array<ArrayBuffer> {
  const info = concat(uint16(length), vector8(text(`tls13 ${label}`)), vector8());
  return hmac(secret, concat(info, uint8(1))).slice(0, length);
}
