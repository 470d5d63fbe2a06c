/** The CRYPTO frames in the payload of a QUIC Initial packet (RFC 9000, 12.4 and 19). */

import { ByteCursor } from "../wire/byte_cursor.ts";

/** A part of the handshake's byte stream; `bytes` is a view of the payload. */
export interface CryptoPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** RFC 9000, 19.1, 19.2, 19.3, 19.6. */
const PADDING = 0x00;
const PING = 0x01;
const ACK = 0x02;
const ACK_WITH_ECN = 0x03;
const CRYPTO = 0x06;
/** What Google's versions have instead. */
const GOOGLE_PING = 0x07;
const GOOGLE_CRYPTO = 0x08;

/** The pieces that a payload carries, up to the first frame that no client sends before the handshake has begun. */
export function cryptoPiecesOf(payload: Uint8Array): CryptoPiece[] {
  const frames = new ByteCursor(payload);
  const pieces: CryptoPiece[] = [];
  while (!frames.atEnd) {
    switch (frames.uint8()) {
      case PADDING:
      case PING:
        break;
      case ACK:
        skipAck(frames);
        break;
      case ACK_WITH_ECN:
        skipAck(frames);
        for (let counts = 0; counts < 3; counts++) frames.varint();
        break;
      case CRYPTO:
        readCrypto(frames, pieces);
        break;
      default: // CONNECTION_CLOSE among them
        return pieces;
    }
  }
  return pieces;
}

/** The same for Google's versions with an Initial packet. */
export function googleCryptoPiecesOf(payload: Uint8Array): CryptoPiece[] {
  const frames = new ByteCursor(payload);
  const pieces: CryptoPiece[] = [];
  while (!frames.atEnd) {
    const type = frames.uint8();
    if (type === GOOGLE_CRYPTO) readCrypto(frames, pieces);
    else if (type !== PADDING && type !== GOOGLE_PING) break;
  }
  return pieces;
}

/** RFC 9000, 19.3: Largest Acknowledged, ACK Delay, ACK Range Count, First ACK Range, then Gap and Length of each. */
function skipAck(frames: ByteCursor): void {
  frames.varint();
  frames.varint();
  const rangeCount = frames.varint();
  frames.varint();
  for (let range = 0; range < rangeCount && !frames.atEnd; range++) {
    frames.varint();
    frames.varint();
  }
}

/** RFC 9000, 19.6: Offset, Length, Crypto Data. */
function readCrypto(frames: ByteCursor, pieces: CryptoPiece[]): void {
  const offset = frames.varint();
  const bytes = frames.take(frames.varint());
  if (!frames.overrun) pieces.push({ offset, bytes });
}
