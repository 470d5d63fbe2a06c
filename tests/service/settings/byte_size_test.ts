import { assertEquals } from "../../assert.ts";
import { parseByteSize } from "../../../service/settings/byte_size.ts";

Deno.test("`parseByteSize()` reads a number and its unit, in any case", () => {
  const expected: Record<string, number> = {
    "0": 0,
    "64000": 64_000,
    "5B": 5,
    "512kB": 512_000,
    "40MB": 40_000_000,
    "40mb": 40_000_000,
    " 40 MB ": 40_000_000,
    "1.5GB": 1_500_000_000,
    "1.1kB": 1100,
  };
  for (const [text, bytes] of Object.entries(expected)) {
    assertEquals(parseByteSize(text), bytes, text);
  }
});

Deno.test("`parseByteSize()` refuses what is no size", () => {
  for (
    const text of ["", "MB", "-1", "40 M B", "40MiB", "40TB", "1e6", "0x10", "1,5MB", "Infinity"]
  ) {
    assertEquals(parseByteSize(text), undefined, text);
  }
});

Deno.test("`parseByteSize()` refuses a size that no number can tell exactly", () => {
  for (const text of ["9".repeat(400), "10000000GB"]) {
    assertEquals(parseByteSize(text), undefined, text);
  }
});
