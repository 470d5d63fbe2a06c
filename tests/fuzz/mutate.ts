/** Damage to bytes, as nature and enemies do it. */

import type { Random } from "../../scripts/seeded_random.ts";

/** Values that length fields, counts and types are badly read at. */
const EDGES = [0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
const LONGEST_CUT = 64;

/** A copy of `whole` with some damage; `other` is where foreign pieces come from. Never longer than 64 KiB. */
export function mutated(whole: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes: Uint8Array = whole.slice();
  for (let times = 1 + below(4); times > 0 && bytes.length > 0; times--) {
    const at = below(bytes.length);
    const length = Math.min(1 + below(LONGEST_CUT), bytes.length - at);
    switch (below(9)) {
      case 0:
        bytes[at] ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes[at] = EDGES[below(EDGES.length)];
        break;
      case 3: // a 16-bit length
        bytes[at] = EDGES[below(EDGES.length)];
        if (at + 1 < bytes.length) bytes[at + 1] = EDGES[below(EDGES.length)];
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      case 5: // a piece is missing
        bytes.copyWithin(at, at + length);
        bytes = bytes.subarray(0, bytes.length - length);
        break;
      case 6: // a piece comes twice
        bytes = joined(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      case 7: // a piece of something else
        bytes = joined(bytes.subarray(0, at), other.subarray(below(other.length + 1)));
        break;
      case 8:
        for (let i = at; i < at + length; i++) bytes[i] = below(256);
        break;
    }
  }
  return bytes.subarray(0, 0xffff);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
