import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { archiveLines } from "./archive_lines.ts";
import { compressDay, removeTwin } from "../../../storage/archive/day_compression.ts";
import { LogStore } from "../../../storage/log_store.ts";
import { fileNames, noonOf, readIds, recordLine, type Scratch, scratch } from "../scratch.ts";

const DAY = "2026-11-22";
const NOON = noonOf(DAY);
const card = { note: () => {} };

function lay(place: Scratch, name: string, content: string | Uint8Array): string {
  Deno.mkdirSync(place.archiveDir, { recursive: true });
  const path = join(place.archiveDir, name);
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
  return path;
}

function lines(...ids: number[]): string {
  return ids.map((id) => recordLine(id, NOON)).join("");
}

function compress(place: Scratch): Promise<void> {
  return compressDay({ archiveDir: place.archiveDir, day: DAY, level: 6, card });
}

function zcat(path: string): string {
  const { success, stdout, stderr } = new Deno.Command("zcat", { args: [path] }).outputSync();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("`compressDay()` leaves a file that zcat reads, mode 0640, as old as its lines", async () => {
  using place = scratch();
  const path = lay(place, `${DAY}.log`, lines(1, 2, 3));
  const written = new Date("2026-11-22T23:59:00Z");
  Deno.utimeSync(path, written, written);
  await compress(place);
  assertEquals(fileNames(place.archiveDir), [`${DAY}.log.gz`]);
  assertEquals(zcat(`${path}.gz`), lines(1, 2, 3));
  const { mode, mtime } = Deno.statSync(`${path}.gz`);
  assertEquals([mode! & 0o777, mtime], [0o640, written]);
});

Deno.test("`compressDay()` makes a further member of lines that came late", async () => {
  using place = scratch();
  const path = lay(place, `${DAY}.log`, lines(1, 2));
  await compress(place);
  lay(place, `${DAY}.log`, lines(3));
  await compress(place);
  assertEquals(fileNames(place.archiveDir), [`${DAY}.log.gz`]);
  assertEquals(zcat(`${path}.gz`), lines(1, 2, 3));
});

Deno.test("`compressDay()` overwrites what a killed one left, and cuts a torn line", async () => {
  using place = scratch();
  const path = lay(place, `${DAY}.log`, lines(1, 2) + '{"@timest');
  lay(place, `${DAY}.log.gz.tmp`, gzipSync(lines(1, 2)).subarray(0, 40));
  await compress(place);
  assertEquals(fileNames(place.archiveDir), [`${DAY}.log.gz`]);
  assertEquals(zcat(`${path}.gz`), lines(1, 2));
});

Deno.test("`compressDay()` that was killed before it removed the plain file does not double it", async () => {
  using place = scratch();
  const path = lay(place, `${DAY}.log`, lines(2, 3));
  lay(place, `${DAY}.log.gz`, new Uint8Array([...gzipSync(lines(1)), ...gzipSync(lines(2, 3))]));
  assertEquals(await readIds(place.archiveDir), [1, 2, 3]);
  await compress(place);
  assertEquals(fileNames(place.archiveDir), [`${DAY}.log.gz`]);
  assertEquals(zcat(`${path}.gz`), lines(1, 2, 3));
});

Deno.test("`removeTwin()` leaves a plain file that holds other lines, as long as the member's", async () => {
  using place = scratch();
  lay(place, `${DAY}.log`, lines(8));
  lay(place, `${DAY}.log.gz`, gzipSync(lines(304)));
  assertEquals(lines(8).length, lines(304).length, "what the test takes for granted");
  assertEquals(await removeTwin(place.archiveDir, DAY), false);
  assertEquals(await readIds(place.archiveDir), [304, 8]);
});

Deno.test("`flush()` keeps a late line apart from a compressed day, also beside a twin", async () => {
  for (const plain of ["", lines(1, 2)]) {
    using place = scratch();
    if (plain !== "") lay(place, `${DAY}.log`, plain);
    lay(place, `${DAY}.log.gz`, gzipSync(lines(1, 2)));
    await using store = await LogStore.open(place.options);
    store.append(lines(3), 1);
    await store.flush();
    assertEquals(await readIds(place.archiveDir), [1, 2, 3]);
    assertEquals(fileNames(place.archiveDir), [`${DAY}.log`, `${DAY}.log.gz`]);
    await compress(place);
    assertEquals(zcat(join(place.archiveDir, `${DAY}.log.gz`)), lines(1, 2, 3));
  }
});

Deno.test("the archive is read in order, plain, compressed and both", async () => {
  using place = scratch();
  const line = (id: number) => `{"wifilogger":{"flow_id":${id}}}\n`;
  lay(place, "2026-11-19.log", line(0));
  lay(place, "2026-11-20.log.gz", gzipSync(line(1)));
  lay(place, "2026-11-21.log.gz", new Uint8Array([...gzipSync(line(2)), ...gzipSync(line(3))]));
  lay(place, "2026-11-21.log", line(4));
  lay(place, "2026-11-22.log", line(5) + '{"being wri');
  lay(place, "2026-11-23.log", line(6));
  lay(place, "2026-11-22.log.gz.tmp", "no archive");
  lay(place, "notes.txt", "no archive");
  assertEquals(await readIds(place.archiveDir), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(await Array.fromAsync(archiveLines("/not/there")), []);
});

Deno.test("reading the archive names a compressed file that is damaged, after the lines before it", async () => {
  using place = scratch();
  lay(place, "2026-11-20.log", lines(1));
  const gzip = gzipSync(lines(...Array(2000).keys()));
  const path = lay(place, "2026-11-21.log.gz", gzip.subarray(0, gzip.length / 2));
  let read = 0;
  const error = await assertRejects(async () => {
    for await (const _ of archiveLines(place.archiveDir)) read++;
  }, Error);
  assertStringIncludes(error.message, path);
  assertEquals(read > 0, true);
});

Deno.test("reading the archive needs little memory for a day of any size, and may be left half-way", async () => {
  using place = scratch();
  const block = lines(...Array(20_000).keys());
  lay(place, `${DAY}.log.gz`, gzipSync(block.repeat(40), { level: 1 })); // 200 MB of lines
  const before = Deno.memoryUsage().rss;
  let [read, most] = [0, 0];
  for await (const _ of archiveLines(place.archiveDir)) {
    if (read++ % 10_000 === 0) most = Math.max(most, Deno.memoryUsage().rss - before);
  }
  assertEquals(read, 800_000);
  assertEquals(most < 100e6, true, `${most} bytes more`);
  for await (const _ of archiveLines(place.archiveDir)) break;
});

Deno.test("reading the archive sees each line once while the day is being compressed", async () => {
  using place = scratch();
  const ids = [...Array(3000).keys()];
  for (let round = 0; round < 10; round++) {
    lay(place, `${DAY}.log`, lines(...ids));
    let compressing = true;
    const compression = compress(place).finally(() => compressing = false);
    while (compressing) assertEquals((await readIds(place.archiveDir)).length, ids.length);
    await compression;
    Deno.removeSync(join(place.archiveDir, `${DAY}.log.gz`));
  }
});
