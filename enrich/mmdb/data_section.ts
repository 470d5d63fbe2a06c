/**
 * Values in the data section of a MaxMind database, and in its metadata: "Output Data Section" of
 * https://maxmind.github.io/MaxMind-DB/
 */

import type { ByteSource } from "./byte_source.ts";

/** What a value can be. Bytes and numbers of 128 bits, which no database of places has, are left out: `undefined`. */
export type MmdbValue =
  | string
  | number
  | boolean
  | undefined
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue };

/** The types by their numbers. */
const POINTER = 1;
const UTF8 = 2;
const DOUBLE = 3;
const BYTES = 4;
const UINT16 = 5;
const UINT32 = 6;
const MAP = 7;
const INT32 = 8;
const UINT64 = 9;
const UINT128 = 10;
const ARRAY = 11;
const BOOLEAN = 14;
const FLOAT = 15;

/** What a pointer of 1, 2, 3 or 4 bytes is counted from. */
const POINTER_BASES = [0, 2048, 526_336, 0];
/** What sizes that stand in 1, 2 or 3 further bytes are counted from. */
const SIZE_BASES = [29, 285, 65_821];
/** A record has some dozens of values, four levels deep. A damaged one must not go on for ever, or fill memory. */
const MAX_VALUES = 4_096;
const MAX_DEPTH = 32;
const MAX_TEXT_BYTES = 65_536;

const decoder = new TextDecoder();

/** Texts by their offsets: the same few names stand in all records, which point at them. */
export interface KnownTexts {
  get(offset: number): string | undefined;
  set(offset: number, text: string): unknown;
}

/** What to read from. */
export interface DataSection {
  readonly source: ByteSource;
  /** What pointers count from. */
  readonly begin: number;
  /** Texts that were pointed at; without it, each is read again. */
  readonly texts?: KnownTexts;
}

/** Reads the value at an offset in the source. @throws {RangeError} on what is damaged */
export function readValue(section: DataSection, offset: number): MmdbValue {
  return new ValueReader(section, offset).value(0);
}

class ValueReader {
  readonly #section: DataSection;
  readonly #source: ByteSource;
  #at: number;
  #values = 0;

  constructor(section: DataSection, at: number) {
    this.#section = section;
    this.#source = section.source;
    this.#at = at;
  }

  value(depth: number): MmdbValue {
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) throw new RangeError("no end of values");
    const control = this.#uint(1);
    const type = control >> 5 || this.#uint(1) + 7;
    if (type === POINTER) return this.#pointedAt(control, depth);
    const size = this.#size(control & 31);
    switch (type) {
      case UTF8:
        return this.#text(size);
      case MAP:
        return this.#map(size, depth);
      case ARRAY:
        return this.#array(size, depth);
      case UINT16:
      case UINT32:
      case UINT64:
        return this.#uint(size);
      case INT32:
        return this.#uint(size) | 0;
      case DOUBLE:
        return this.#view(8).getFloat64(0);
      case FLOAT:
        return this.#view(4).getFloat32(0);
      case BOOLEAN:
        return size !== 0;
      case BYTES:
      case UINT128:
        this.#at += size;
        return undefined;
      default:
        throw new RangeError(`no type ${type}`);
    }
  }

  /** A pointer's value, and on behind the pointer. */
  #pointedAt(control: number, depth: number): MmdbValue {
    const length = (control >> 3 & 3) + 1;
    const high = length === 4 ? 0 : (control & 7) * 256 ** length;
    const { begin, texts } = this.#section;
    const target = begin + high + this.#uint(length) + POINTER_BASES[length - 1];
    const known = texts?.get(target);
    if (known !== undefined) return known;
    const behind = this.#at;
    this.#at = target;
    const value = this.value(depth + 1);
    this.#at = behind;
    if (typeof value === "string") texts?.set(target, value);
    return value;
  }

  #size(short: number): number {
    const more = short - 28;
    return more <= 0 ? short : SIZE_BASES[more - 1] + this.#uint(more);
  }

  #text(size: number): string {
    if (size > MAX_TEXT_BYTES) throw new RangeError("no end of a text");
    const bytes = this.#source.slice(this.#at, size);
    this.#at += size;
    return decoder.decode(bytes);
  }

  #map(size: number, depth: number): MmdbValue {
    const map: Record<string, MmdbValue> = Object.create(null);
    for (let i = 0; i < size; i++) {
      const name = this.value(depth + 1);
      if (typeof name !== "string") throw new RangeError("a name that is no text");
      map[name] = this.value(depth + 1);
    }
    return map;
  }

  #array(size: number, depth: number): MmdbValue {
    const values: MmdbValue[] = [];
    for (let i = 0; i < size; i++) values.push(this.value(depth + 1));
    return values;
  }

  #uint(bytes: number): number {
    if (bytes > 8) throw new RangeError(`no number has ${bytes} bytes`);
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + this.#source.byte(this.#at++);
    return value;
  }

  #view(bytes: number): DataView {
    const slice = this.#source.slice(this.#at, bytes);
    this.#at += bytes;
    return new DataView(slice.buffer, slice.byteOffset, bytes);
  }
}
