import { join } from "@std/path";
import { assertEquals, assertRejects } from "../../assert.ts";
import { pseudonymKey } from "../../../service/log/pseudonym_key.ts";

Deno.test("`pseudonymKey()` makes a key once, for its user alone, and takes no other file for one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "wifi_logger/privacy.key");
    const key = await pseudonymKey(path);
    assertEquals(key.length, 32);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    assertEquals(await pseudonymKey(path), key);
    await Deno.writeTextFile(path, "0123");
    await assertRejects(() => pseudonymKey(path), Error, "it is no key. Restore it");
    await assertRejects(() => pseudonymKey("/proc/1/privacy.key"), Error, "writing the key");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
