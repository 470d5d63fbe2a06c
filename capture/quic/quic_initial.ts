/**
 * A client's QUIC Initial packets (RFC 9001, 5; RFC 9369, 3). Their keys are derived from what everybody on the path
 * sees, the Destination Connection ID of the client's first packet, so that everybody can read them; the tag of a
 * packet still tells whether it was read rightly.
 *
 * On one x86_64 core a packet costs 90 us with its keys, when the tag is wrong: how many are opened a second is bounded
 * (`InspectorBudget`).
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { QuicLongHeader } from "./quic_long_header.ts";
import type { QuicVersion } from "./quic_version.ts";

/** RFC 9001, 5.2: SHA-256 and AES-128-GCM, whatever the handshake will choose. */
const HASH = "sha256";
const SECRET_LENGTH = 32;
const KEY_LENGTH = 16;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
/** RFC 9001, 5.4.2: the sample begins where a packet number of the greatest length would end. */
const MAX_PACKET_NUMBER_LENGTH = 4;
const SAMPLE_LENGTH = 16;
/** RFC 9001, 5.4.1: the bits of a long header's first byte that are protected; RFC 9000, 17.2: those for the length. */
const PROTECTED_BITS = 0x0f;
const PACKET_NUMBER_LENGTH_BITS = 0x03;

/** What protects the Initial packets that the client of one connection sends. */
export class QuicInitialKeys {
  readonly #versionNumber: number;
  readonly #connectionId: Uint8Array;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #headerKey: Uint8Array;

  /** Derives the keys that belong to the version and the Destination Connection ID of a packet. */
  constructor({ versionNumber, version, destinationId }: QuicLongHeader) {
    this.#versionNumber = versionNumber;
    this.#connectionId = new Uint8Array(destinationId);
    // RFC 9001, 5.2: extract, then expand with the label of the client's direction.
    const secret = new Uint8Array(
      hkdfSync(HASH, destinationId, version.initialSalt, CLIENT_IN, SECRET_LENGTH),
    );
    const { key, iv, headerKey } = LABELS[version.labelPrefix];
    this.#key = expandLabel(secret, key, KEY_LENGTH);
    this.#iv = expandLabel(secret, iv, IV_LENGTH);
    this.#headerKey = expandLabel(secret, headerKey, KEY_LENGTH);
  }

  /** Whether these keys are the ones of a packet's own version and Destination Connection ID. */
  belongTo(header: QuicLongHeader): boolean {
    return header.versionNumber === this.#versionNumber &&
      Buffer.compare(header.destinationId, this.#connectionId) === 0;
  }

  /** The payload of an Initial packet, which stays as it is; `undefined` when it was protected with other keys. */
  open(datagram: Uint8Array, header: QuicLongHeader): Uint8Array | undefined {
    const { start, packetNumberOffset, end } = header;
    const sampleOffset = packetNumberOffset + MAX_PACKET_NUMBER_LENGTH;
    if (end < sampleOffset + SAMPLE_LENGTH) return undefined;
    const mask = this.#mask(datagram.subarray(sampleOffset, sampleOffset + SAMPLE_LENGTH));

    const firstByte = datagram[start] ^ mask[0] & PROTECTED_BITS;
    const packetNumberLength = (firstByte & PACKET_NUMBER_LENGTH_BITS) + 1;
    const payloadOffset = packetNumberOffset + packetNumberLength;
    const clearHeader = new Uint8Array(datagram.subarray(start, payloadOffset));
    clearHeader[0] = firstByte;
    // RFC 9001, 5.3: the nonce is the iv XORed with the packet number, which in a first flight is never shortened.
    const nonce = new Uint8Array(this.#iv);
    for (let i = 1; i <= packetNumberLength; i++) {
      clearHeader[clearHeader.length - i] ^= mask[packetNumberLength - i + 1];
      nonce[IV_LENGTH - i] ^= clearHeader[clearHeader.length - i];
    }
    return this.#decrypt(nonce, clearHeader, datagram.subarray(payloadOffset, end));
  }

  /** RFC 9001, 5.4.3. */
  #mask(sample: Uint8Array): Uint8Array {
    const cipher = createCipheriv("aes-128-ecb", this.#headerKey, null);
    cipher.setAutoPadding(false);
    const mask = cipher.update(sample);
    cipher.final(); // Deno frees a cipher here, and only here
    return mask;
  }

  /** `sealed` is the ciphertext and its tag, RFC 9001, 5.3. */
  #decrypt(nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const tagOffset = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv("aes-128-gcm", this.#key, nonce);
    decipher.setAuthTag(sealed.subarray(tagOffset));
    decipher.setAAD(header);
    const payload = decipher.update(sealed.subarray(0, tagOffset));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return payload;
  }
}

/** RFC 5869, 2.3 for at most one block of output. */
function expandLabel(secret: Uint8Array, label: Uint8Array, length: number): Uint8Array {
  const block = createHmac(HASH, secret).update(label);
  // Copies are made with a constructor throughout: node:crypto gives a Buffer, whose slice() is a view.
  return new Uint8Array(block.digest().subarray(0, length));
}

/** RFC 8446, 7.1: HkdfLabel with an empty context. */
function hkdfLabel(label: string, length: number): number[] {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  return [length >> 8, length & 0xff, name.length, ...name, 0];
}

const CLIENT_IN = Uint8Array.from(hkdfLabel("client in", SECRET_LENGTH));

/** Labels as they are expanded, with the number of the block behind them. */
const LABELS = { quic: labelsOf("quic"), quicv2: labelsOf("quicv2") } as const;

function labelsOf(prefix: QuicVersion["labelPrefix"]) {
  const expanded = (name: string, length: number) =>
    Uint8Array.of(...hkdfLabel(`${prefix} ${name}`, length), 1);
  return {
    key: expanded("key", KEY_LENGTH),
    iv: expanded("iv", IV_LENGTH),
    headerKey: expanded("hp", KEY_LENGTH),
  };
}
