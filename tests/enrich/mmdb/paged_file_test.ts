import { join } from "@std/path";
import { assertEquals, assertThrows } from "../../assert.ts";
import { PagedFile, PastEndError } from "../../../enrich/mmdb/paged_file.ts";

/** A file whose byte at each offset is known. */
function contentOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 12)) & 255);
}

function test(name: string, run: (path: string) => void): void {
  Deno.test(name, () => {
    const folder = Deno.makeTempDirSync({ prefix: "wifilogger_" });
    try {
      run(join(folder, "file"));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

test("`PagedFile` gives each byte of a file that has more pages than it keeps", (path) => {
  const content = contentOf(3_000_001);
  Deno.writeFileSync(path, content);
  using file = PagedFile.open(path);
  assertEquals(file.length, content.length);
  for (let i = 0; i < 200_000; i++) {
    const at = (i * 7_919_573) % content.length;
    if (file.byte(at) !== content[at]) assertEquals(file.byte(at), content[at], `byte ${at}`);
  }
  assertEquals(file.slice(4090, 20), content.slice(4090, 4110));
  assertThrows(() => file.byte(content.length), PastEndError);
  assertEquals(file.isUnchanged(), true);
});

test("`PagedFile` tells of a file that is cut, or written over, and ends no process", (path) => {
  for (
    const change of [
      () => Deno.truncateSync(path, 5000),
      () => Deno.writeFileSync(path, new Uint8Array(2_000_000)),
    ]
  ) {
    Deno.writeFileSync(path, contentOf(2_000_000));
    Deno.utimeSync(path, 1e9, 1e9);
    using file = PagedFile.open(path);
    file.byte(0);
    assertEquals(file.isUnchanged(), true);
    change();
    try {
      file.byte(1_500_000);
    } catch (error) {
      if (!(error instanceof PastEndError)) throw error;
    }
    assertEquals(file.isUnchanged(), false);
  }
});

test("`PagedFile` goes on reading a file that was replaced", (path) => {
  const content = contentOf(100_000);
  Deno.writeFileSync(path, content);
  using file = PagedFile.open(path);
  Deno.writeFileSync(`${path}.new`, new Uint8Array(10));
  Deno.renameSync(`${path}.new`, path);
  assertEquals([file.byte(90_000), file.isUnchanged()], [content[90_000], true]);
});
