/** Where a database's bytes are: in memory, or in a file of which only some pages are. */

/** Bytes by their offset. */
export interface ByteSource {
  readonly length: number;
  /** @throws {RangeError} past the end */
  byte(offset: number): number;
  /** A copy, or a view that stays as it is. @throws {RangeError} past the end */
  slice(offset: number, length: number): Uint8Array;
  /** Whether what was read since the last call belongs together with what was read before. */
  isUnchanged(): boolean;
}

/** Bytes that are in memory, or mapped. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  const outside = (offset: number) => new RangeError(`no byte ${offset}`);
  return {
    length: bytes.length,
    byte(offset) {
      const byte = bytes[offset];
      if (byte === undefined) throw outside(offset);
      return byte;
    },
    slice(offset, length) {
      if (!(offset >= 0 && offset + length <= bytes.length)) throw outside(offset + length);
      return bytes.subarray(offset, offset + length);
    },
    isUnchanged: () => true,
  };
}
