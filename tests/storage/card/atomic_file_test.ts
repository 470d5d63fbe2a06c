import { join } from "node:path";
import { assertEquals, assertRejects } from "../../assert.ts";
import { writeFileAtomic } from "../../../storage/card/atomic_file.ts";
import { fileNames, scratch, textOf } from "../scratch.ts";

Deno.test("`writeFileAtomic()` replaces the file and gives it the mode asked for", async () => {
  using place = scratch();
  const path = join(place.folder, "cache.json");
  await writeFileAtomic(path, "old", { mode: 0o666 });
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o666);
  await writeFileAtomic(path, new TextEncoder().encode("new"), { mode: 0o640 });
  assertEquals(textOf(path), "new");
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o640);
  assertEquals(fileNames(place.folder), ["cache.json"]);
});

Deno.test("`writeFileAtomic()` overwrites the temporary file that a killed process left", async () => {
  using place = scratch();
  const path = join(place.folder, "cache.json");
  Deno.writeTextFileSync(`${path}.tmp`, "half of a much longer content");
  await writeFileAtomic(path, "whole", { mode: 0o640 });
  assertEquals(textOf(path), "whole");
  assertEquals(fileNames(place.folder), ["cache.json"]);
});

Deno.test("`writeFileAtomic()` leaves no temporary file when it fails", async () => {
  using place = scratch();
  const path = join(place.folder, "taken");
  Deno.mkdirSync(path); // a folder cannot be replaced by a file
  await assertRejects(() => writeFileAtomic(path, "content", { mode: 0o640 }));
  assertEquals(fileNames(place.folder), ["taken"]);
});

Deno.test("`writeFileAtomic()` shows a reader the old content or the new, never less", async () => {
  using place = scratch();
  const path = join(place.folder, "cache.json");
  const contents = ["a", "b"].map((letter) => letter.repeat(300_000));
  await writeFileAtomic(path, contents[0], { mode: 0o640 });
  let writing = true;
  const writes = (async () => {
    for (let i = 1; i <= 20; i++) await writeFileAtomic(path, contents[i % 2], { mode: 0o640 });
    writing = false;
  })();
  while (writing) assertEquals(contents.includes(await Deno.readTextFile(path)), true);
  await writes;
});
