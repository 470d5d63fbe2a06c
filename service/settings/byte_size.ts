/** Sizes as people write them: `40MB`, `512kB`, decimal units, or a plain number of bytes. */

const UNIT_BYTES: Record<string, number> = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** Bytes of a written size, `undefined` when it is none. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|)$/i.exec(text.trim());
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * UNIT_BYTES[match[2].toLowerCase()]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
