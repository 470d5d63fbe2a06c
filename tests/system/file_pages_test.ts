import { releaseFilePages, residentFileBytes } from "../../system/file_pages.ts";
import { mapFile } from "../../system/mapped_file.ts";
import { loadLibc } from "../../system/native.ts";
import { readSystemFile } from "../../system/system_file.ts";
import { assertEquals, assertGreater, assertThrows } from "../assert.ts";

loadLibc(); // once a process, and so in no test of its own

/** What is resident of a file's mappings, kB. */
function residentKb(path: string): number {
  const mappings = readSystemFile("/proc/self/smaps")!.split(/^(?=[0-9a-f]+-)/m);
  return mappings.filter((mapping) => mapping.split("\n")[0].endsWith(` ${path}`))
    .reduce((sum, mapping) => sum + Number(/^Rss: +(\d+)/m.exec(mapping)![1]), 0);
}

Deno.test("`mapFile()` gives a part of a file; `releaseFilePages()` lets go of it and it can be read again", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = new Uint8Array(1 << 20).map((_, i) => i >> 8);
    await Deno.writeFile(path, bytes);
    const mapped = mapFile(path, { offset: 64 << 10, length: 512 << 10 });
    const expected = bytes.subarray(64 << 10, 576 << 10);
    assertEquals(mapped, expected);
    assertEquals(residentKb(path), 512);

    const executableKb = residentKb(Deno.execPath());
    const allBytes = residentFileBytes();
    releaseFilePages();
    assertGreater(allBytes, 512 * 1024 + residentFileBytes());
    assertEquals(residentKb(path), 0);
    assertGreater(executableKb, 2 * residentKb(Deno.execPath()));
    assertEquals(mapped, expected);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("`mapFile()` names a file that is not there", () => {
  assertThrows(() => mapFile("/no/such/file", { offset: 0, length: 1 }), Error, "/no/such/file");
});
