/** Pieces of lines, and the number that stands for each: found by their bytes, so that no text is made of them. */

const MIN_SLOTS = 1 << 10;
const FREE = -1;

/** Where a hash begins; each byte goes on with `hashByte()`: FNV-1a, 32 bits. */
export const HASH_START = 0x811c9dc5 | 0;

/** The hash of what was hashed so far and one byte more. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

const decoder = new TextDecoder();

/** A memory of pieces, bounded: when it is full it begins anew. */
export class SegmentMemo {
  readonly #make: (text: string) => number;
  readonly #maxSegments: number;
  readonly #maxBytes: number;
  /** By a part of the hash, then the next free ones: which segment. */
  #slots = new Int32Array(MIN_SLOTS).fill(FREE);
  #hashes: number[] = [];
  #ends: number[] = [];
  #values: number[] = [];
  /** The bytes of all segments, one behind the other. */
  #bytes = new Uint8Array(16 << 10);
  #view = new DataView(this.#bytes.buffer);

  /**
   * @param make gives the number of a piece that is new, or forgotten, by its text
   * @param bounds how many pieces are remembered, and how many bytes of them
   */
  constructor(
    make: (text: string) => number,
    { maxSegments = 50_000, maxBytes = 8 << 20 } = {},
  ) {
    this.#make = make;
    this.#maxSegments = maxSegments;
    this.#maxBytes = maxBytes;
  }

  /** The number of the piece from `from` to `to`, without the latter. @param hash of its bytes in turn */
  numberOf(block: DataView, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask;; slot = slot + 1 & mask) {
      const segment = slots[slot];
      if (segment === FREE) {
        return this.#add(new Uint8Array(block.buffer, block.byteOffset + from, to - from), hash);
      }
      if (this.#hashes[segment] === hash && this.#is(segment, block, from, to)) {
        return this.#values[segment];
      }
    }
  }

  /** Compares four bytes at a time, then the rest. */
  #is(segment: number, block: DataView, from: number, to: number): boolean {
    let own = segment === 0 ? 0 : this.#ends[segment - 1];
    if (this.#ends[segment] - own !== to - from) return false;
    const view = this.#view;
    let at = from;
    for (; at + 4 <= to; at += 4, own += 4) {
      if (view.getInt32(own) !== block.getInt32(at)) return false;
    }
    for (; at < to; at++, own++) if (view.getInt8(own) !== block.getInt8(at)) return false;
    return true;
  }

  #add(piece: Uint8Array, hash: number): number {
    const value = this.#make(decoder.decode(piece));
    const used = this.#ends.at(-1) ?? 0;
    if (this.#values.length >= this.#maxSegments || used + piece.length > this.#maxBytes) {
      this.#hashes = [];
      this.#ends = [];
      this.#values = [];
      this.#slots.fill(FREE);
      return value;
    }
    if (used + piece.length > this.#bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.#bytes.length, used + piece.length));
      more.set(this.#bytes.subarray(0, used));
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    this.#bytes.set(piece, used);
    this.#hashes.push(hash);
    this.#ends.push(used + piece.length);
    this.#values.push(value);
    if (2 * this.#values.length > this.#slots.length) {
      this.#slots = new Int32Array(2 * this.#slots.length).fill(FREE);
      for (let segment = 0; segment < this.#hashes.length; segment++) this.#place(segment);
    } else {
      this.#place(this.#values.length - 1);
    }
    return value;
  }

  #place(segment: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[segment] & mask;
    while (this.#slots[slot] !== FREE) slot = slot + 1 & mask;
    this.#slots[slot] = segment;
  }
}
