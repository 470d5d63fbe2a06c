/** First packets of Google's QUIC before Q050: public header, hash, a STREAM frame with a CHLO message. */

import { concat, text, uint16, uint32, uint8 } from "../wire/build_bytes.ts";

const CONNECTION_ID = new Uint8Array(8).fill(0xc1);
const HASH = new Uint8Array(12).fill(0xa5);
const CRYPTO_STREAM = 1;

/** A CHLO message of entries in the order given: tags of four characters, in all but the integers' size ascending. */
export function chlo(entries: readonly (readonly [tag: string, value: string])[]): Uint8Array {
  let end = 0;
  const index = entries.map(([tag, value]) => {
    end += value.length;
    return concat(text(tag), littleEndian(uint32(end)));
  });
  const values = entries.map(([, value]) => text(value));
  const count = concat(littleEndian(uint16(entries.length)), uint16(0));
  return concat(text("CHLO"), count, ...index, ...values);
}

/** A hello as clients send it, with padding before the name. */
export function chloFor(serverName: string): Uint8Array {
  return chlo([["PAD\0", "-".repeat(600)], ["SNI\0", serverName], ["VER\0", "Q043"]]);
}

/** A datagram of a version up to Q043. */
export function publicHeaderDatagram(version: number, message: Uint8Array): Uint8Array {
  const length = uint16(message.length);
  return concat(
    uint8(0x01 | 0x08),
    CONNECTION_ID,
    text(`Q0${version}`),
    uint8(1),
    HASH,
    version <= 33 ? uint8(0) : new Uint8Array(0),
    uint8(0x80 | 0x20),
    uint8(CRYPTO_STREAM),
    version >= 39 ? length : littleEndian(length),
    message,
  );
}

/** A datagram of Q046. */
export function q046Datagram(message: Uint8Array): Uint8Array {
  return concat(
    uint8(0xc3),
    text("Q046"),
    uint8(0x50),
    CONNECTION_ID,
    uint32(4),
    HASH,
    uint8(0x80 | 0x20 | 1 << 2),
    uint8(CRYPTO_STREAM),
    uint16(1024),
    uint16(message.length),
    message,
  );
}

function littleEndian(bytes: Uint8Array): Uint8Array {
  return bytes.reverse();
}
