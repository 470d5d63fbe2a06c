import { dirname, join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { isMountPoint, isTmpfs, mountRamFolder } from "../../../system/files/tmpfs.ts";
import { scratch } from "../../storage/scratch.ts";
import { mountTmpfs, testOnTmpfs, unmount } from "../../storage/tmpfs_mount.ts";

Deno.test("`isTmpfs()` is false on another file system, and under a folder that is not there", () => {
  assertEquals(isTmpfs("/proc"), false);
  assertEquals(isTmpfs("/proc/not/there"), false);
});

Deno.test("`isMountPoint()` tells a mounted folder from one inside", () => {
  assertEquals(isMountPoint("/"), true);
  assertEquals(isMountPoint("/proc"), true);
  assertEquals(isMountPoint("/proc/self/"), false);
});

testOnTmpfs({
  name:
    "`isTmpfs()` is true at the mount point and inside, with no more than the logger's permissions",
  permissions: { read: true, write: true, sys: true, run: true },
  fn() {
    let path: string;
    {
      using tmpfs = mountTmpfs(64);
      path = tmpfs.path;
      const inside = join(path, "inside");
      Deno.mkdirSync(inside);
      assert(isTmpfs(path) && isMountPoint(path));
      assert(isTmpfs(inside) && !isMountPoint(inside));
      assert(isTmpfs(join(path, "not", "there")));
    }
    assertEquals(isTmpfs(path), isTmpfs(dirname(path)));
  },
});

testOnTmpfs({
  name: "`mountRamFolder()` mounts a tmpfs of the given size, once",
  async fn() {
    using place = scratch();
    const folder = join(place.folder, "ram logs");
    await mountRamFolder(folder, 128 * 1024);
    try {
      assert(isTmpfs(folder) && isMountPoint(folder));
      assertEquals((Deno.statSync(folder).mode ?? 0) & 0o777, 0o755);
      Deno.writeFileSync(join(folder, "fits"), new Uint8Array(100 * 1024));
      await mountRamFolder(folder, 128 * 1024);
      assertEquals(Deno.statSync(join(folder, "fits")).size, 100 * 1024);
    } finally {
      unmount(folder);
    }
  },
});

Deno.test("`mountRamFolder()` refuses to hide files that lie in the folder", async () => {
  using place = scratch();
  Deno.writeTextFileSync(join(place.folder, "today.log"), "");
  const error = await assertRejects(() => mountRamFolder(place.folder, 65536), Error, "today.log");
  assertStringIncludes(error.message, place.folder);
});

testOnTmpfs({
  name: "`mountRamFolder()` hands on mount's own words when it fails",
  async fn() {
    using place = scratch();
    const folder = join(place.folder, "ram");
    await assertRejects(() => mountRamFolder(folder, NaN), Error, `${folder}: mount: `);
  },
});
