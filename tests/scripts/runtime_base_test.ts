import { sha256Hex } from "../../scripts/runtime_base.ts";
import { assertEquals } from "../assert.ts";

Deno.test("`sha256Hex()` of nothing is the well-known sum", async () => {
  assertEquals(
    await sha256Hex(new Uint8Array()),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});
