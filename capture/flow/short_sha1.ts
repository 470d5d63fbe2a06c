/**
 * SHA-1 (RFC 3174) of messages that fit one block, in Base64: for Community IDs, of which every record has one.
 *
 * 0.3 us on one x86_64 core, against 1.1 us with `node:crypto`, which makes an object for each and crosses into native
 * code three times (`scripts/dev.sh bench:micro tests/capture/flow/community_id_bench.ts`). It protects nothing.
 */

/** With the bit behind the message and its length in 64 bits, 64 bytes. */
export const SHORT_SHA1_MAX_BYTES = 55;

const ROUNDS = 80;
const words = new Int32Array(ROUNDS);

/**
 * The hash of the first `length` bytes of `block`, which has 64; those behind them are overwritten.
 *
 * @throws {RangeError} when they are too many for it
 */
export function shortSha1Base64(block: DataView, length: number): string {
  pad(block, length);
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(i * 4);
  for (let i = 16; i < ROUNDS; i++) {
    const word = words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16];
    words[i] = word << 1 | word >>> 31;
  }
  let [a, b, c, d, e] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let i = 0; i < ROUNDS; i++) {
    const mixed = i < 20
      ? (b & c | ~b & d) + 0x5a827999
      : i < 40
      ? (b ^ c ^ d) + 0x6ed9eba1
      : i < 60
      ? (b & c | b & d | c & d) + 0x8f1bbcdc
      : (b ^ c ^ d) + 0xca62c1d6;
    const next = (a << 5 | a >>> 27) + mixed + e + words[i] | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  return base64Of(
    a + 0x67452301 | 0,
    b + 0xefcdab89 | 0,
    c + 0x98badcfe | 0,
    d + 0x10325476 | 0,
    e + 0xc3d2e1f0 | 0,
  );
}

function pad(block: DataView, length: number): void {
  if (length > SHORT_SHA1_MAX_BYTES) throw new RangeError(`${length} bytes need a second block`);
  block.setUint8(length, 0x80);
  for (let i = length + 1; i < 62; i++) block.setUint8(i, 0);
  block.setUint16(62, length * 8);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** The two digits of every 12 bits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => DIGITS[bits >>> 6] + DIGITS[bits & 63]);

/** The 28 characters of 160 bits. */
function base64Of(a: number, b: number, c: number, d: number, e: number): string {
  return PAIRS[a >>> 20] + PAIRS[a >>> 8 & 0xfff] + PAIRS[a << 4 & 0xff0 | b >>> 28] +
    PAIRS[b >>> 16 & 0xfff] + PAIRS[b >>> 4 & 0xfff] + PAIRS[b << 8 & 0xf00 | c >>> 24] +
    PAIRS[c >>> 12 & 0xfff] + PAIRS[c & 0xfff] + PAIRS[d >>> 20] + PAIRS[d >>> 8 & 0xfff] +
    PAIRS[d << 4 & 0xff0 | e >>> 28] + PAIRS[e >>> 16 & 0xfff] + PAIRS[e >>> 4 & 0xfff] +
    DIGITS[e << 2 & 0x3c] + "=";
}
