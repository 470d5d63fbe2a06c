/** Addresses as short strings: the cheapest exact keys for a map. */

import { keptByAddress, keptByMac } from "./kept_texts.ts";

/** An IP address as 8 UTF-16 units. */
export const addressKey = keptByAddress(([word0, word1, word2, word3]) =>
  String.fromCharCode(
    word0 >>> 16,
    word0 & 0xffff,
    word1 >>> 16,
    word1 & 0xffff,
    word2 >>> 16,
    word2 & 0xffff,
    word3 >>> 16,
    word3 & 0xffff,
  )
);

/** A MAC address as 3 units: shorter than an IP address, so that the two cannot be taken for one another. */
export const macKey = keptByMac(([high, low]) =>
  String.fromCharCode(high, low >>> 16, low & 0xffff)
);
