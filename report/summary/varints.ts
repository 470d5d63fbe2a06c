/** Whole numbers in as few bytes as they need: LEB128, seven bits a byte, the lowest first; signed ones as zigzag. */

/** Writes numbers one after the other. */
export class VarintWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** From 0 to 2^53 - 1. */
  write(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    while (value >= 0x80) {
      this.#bytes[this.#length++] = value % 0x80 | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.#length++] = value;
  }

  /** Between -2^52 and 2^52. */
  writeSigned(value: number): void {
    this.write(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** A view of what was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads numbers one after the other. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws {RangeError} behind the last one */
  read(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++];
    if (byte < 0x80) return byte;
    let value = 0;
    let unit = 1;
    while (byte >= 0x80) {
      value += (byte & 0x7f) * unit;
      unit *= 0x80;
      byte = bytes[this.#at++];
    }
    if (byte === undefined) throw new RangeError("there is no further number");
    return value + byte * unit;
  }

  readSigned(): number {
    const byte = this.#bytes[this.#at];
    if (byte < 0x80) {
      this.#at++;
      return (byte >>> 1) ^ -(byte & 1);
    }
    const value = this.read();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
