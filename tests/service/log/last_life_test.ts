import { join } from "@std/path";
import { LifeMark } from "../../../service/log/last_life.ts";
import { assertEquals } from "../../assert.ts";
import { mountTmpfs } from "../../storage/tmpfs_mount.ts";
import { lacks, testWhen } from "../../skip.ts";

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const UNWRITTEN_MS = 108_000;
const missing = lacks({ root: true });

testWhen(
  missing,
  "`LifeMark` tells when the life before ended, or what it had not written when it was killed",
  () => {
    using tmpfs = mountTmpfs(64);
    const path = join(tmpfs.path, "today.log.life");
    {
      using first = LifeMark.open(path, UNWRITTEN_MS);
      assertEquals(first.missingSinceMs, undefined);
      first.beat(NOON_MS);
      first.end(NOON_MS + 500);
    }
    {
      using second = LifeMark.open(path, UNWRITTEN_MS);
      assertEquals(second.missingSinceMs, NOON_MS + 500);
      second.beat(NOON_MS + 60_000);
    }
    using third = LifeMark.open(path, UNWRITTEN_MS);
    assertEquals(third.missingSinceMs, NOON_MS + 60_000 - UNWRITTEN_MS);
  },
);

testWhen(missing, "`LifeMark` writes through no link, and does without where it cannot be", () => {
  using tmpfs = mountTmpfs(64);
  const [path, other] = ["today.log.life", "other"].map((name) => join(tmpfs.path, name));
  Deno.writeTextFileSync(other, "1234567");
  Deno.symlinkSync(other, path);
  {
    using mark = LifeMark.open(path, UNWRITTEN_MS);
    assertEquals(mark.missingSinceMs, undefined);
    mark.end(NOON_MS);
  }
  assertEquals(Deno.readTextFileSync(other), "1234567");
  Deno.removeSync(path);
  Deno.mkdirSync(join(path, "full"), { recursive: true });
  using mark = LifeMark.open(path, UNWRITTEN_MS);
  mark.beat(NOON_MS);
  mark.end(NOON_MS);
});

Deno.test("`LifeMark` leaves nothing on a disk", () => {
  const folder = Deno.makeTempDirSync({ prefix: "wifilogger-test-", dir: import.meta.dirname });
  try {
    using mark = LifeMark.open(join(folder, "today.log.life"), UNWRITTEN_MS);
    mark.end(NOON_MS);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
