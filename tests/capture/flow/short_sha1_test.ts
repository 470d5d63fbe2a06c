import { createHash } from "node:crypto";
import { assertEquals, assertThrows } from "../../assert.ts";
import { SHORT_SHA1_MAX_BYTES, shortSha1Base64 } from "../../../capture/flow/short_sha1.ts";

Deno.test("`shortSha1Base64()` gives what OpenSSL gives, for every length and whatever was in the block", () => {
  const block = new Uint8Array(64);
  const view = new DataView(block.buffer);
  for (let length = 0; length <= SHORT_SHA1_MAX_BYTES; length++) {
    for (let i = 0; i < 20; i++) {
      crypto.getRandomValues(block);
      const expected = createHash("sha1").update(block.subarray(0, length)).digest("base64");
      assertEquals(shortSha1Base64(view, length), expected, `${length} bytes`);
    }
  }
});

Deno.test("`shortSha1Base64()` refuses what needs a second block", () => {
  const view = new DataView(new ArrayBuffer(64));
  assertThrows(() => shortSha1Base64(view, SHORT_SHA1_MAX_BYTES + 1), RangeError);
});
