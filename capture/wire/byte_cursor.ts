/**
 * Reads the fields of a message one after the other, so that a parser reads as the structure it parses.
 *
 * A read past the end gives zeros and an empty field, sets `overrun` and leaves the cursor at the end: a parser may
 * read a whole structure and ask once, and a loop that runs until `atEnd` always ends.
 */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #overrun = false;

  /** Reads from the first of `bytes`, which are not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where the next field begins. */
  get offset(): number {
    return this.#offset;
  }

  /** Nothing is left, or too little was. */
  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** A field was longer than what was left. */
  get overrun(): boolean {
    return this.#overrun;
  }

  uint8(): number {
    const at = this.#advance(1);
    return at < 0 ? 0 : this.#bytes[at];
  }

  /** Network byte order, as all that follow. */
  uint16(): number {
    const at = this.#advance(2);
    return at < 0 ? 0 : this.#bytes[at] << 8 | this.#bytes[at + 1];
  }

  uint24(): number {
    const at = this.#advance(3);
    return at < 0 ? 0 : this.#bytes[at] << 16 | this.#bytes[at + 1] << 8 | this.#bytes[at + 2];
  }

  uint32(): number {
    return this.uint16() * 0x10000 + this.uint16();
  }

  /** A QUIC variable-length integer (RFC 9000, 16). Exact up to 2^53, which is more than any length here can be. */
  varint(): number {
    const first = this.uint8();
    let value = first & 0x3f;
    for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + this.uint8();
    return value;
  }

  /** A field of a known length; a view, not a copy. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return at < 0 ? this.#bytes.subarray(this.#offset) : this.#bytes.subarray(at, this.#offset);
  }

  /** A TLS vector whose length stands before it in one byte (RFC 8446, 3.4). */
  vector8(): Uint8Array {
    return this.take(this.uint8());
  }

  /** The same with a length of two bytes. */
  vector16(): Uint8Array {
    return this.take(this.uint16());
  }

  /** Moves on; returns where the field begins, or -1 when so much is not left. */
  #advance(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) {
      this.#offset = this.#bytes.length;
      this.#overrun = true;
      return -1;
    }
    this.#offset = at + length;
    return at;
  }
}
