/** Bytes of messages, put together as the structures that they are. Integers are in network byte order. */

/** One behind the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The bytes of a text in UTF-8. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export function uint8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

export function uint24(value: number): Uint8Array {
  return Uint8Array.of(value >> 16, value >> 8, value);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >> 24, value >> 16, value >> 8, value);
}

/** A TLS vector: its length in one byte, then what it holds. */
export function vector8(...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(uint8(content.length), content);
}

/** The same with a length of two bytes. */
export function vector16(...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(uint16(content.length), content);
}
