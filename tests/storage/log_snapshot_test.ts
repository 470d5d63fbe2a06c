import { HandClock } from "../hand_clock.ts";
import { join } from "node:path";
import { assertEquals } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { openSnapshot } from "../../storage/log_snapshot.ts";
import { givenNumbers } from "./given_numbers.ts";
import { noonOf, recordIds, recordLine, type Scratch, scratch, textOf } from "./scratch.ts";

const WRITER = new URL("./numbered_writer.ts", import.meta.url).href;
const DAY = "2026-11-22";

async function snapshotIds(place: Scratch, days: { from?: string; to?: string } = {}) {
  using snapshot = await openSnapshot({ ...place, ...days });
  const ids: number[] = [];
  for (const section of snapshot.sections) {
    for await (const line of section.lines()) {
      ids.push(...recordIds(new TextDecoder().decode(line) + "\n"));
    }
  }
  return ids;
}

Deno.test("`openSnapshot()` gives each line once, of plain and compressed days and of RAM", async () => {
  using place = scratch();
  assertEquals(await snapshotIds(place), [], "there is nothing yet");
  const clock = new HandClock(Date.parse("2026-12-24T12:00:00Z"));
  await using store = await LogStore.open({ ...place.options, clock, ramLimitBytes: 4800 });
  const append = (id: number, day: string) => store.append(recordLine(id, noonOf(day)), 1);
  append(1, DAY);
  await store.flush();
  const retention = { days: undefined, bytes: undefined };
  const keeping = { compressAfterDays: 1, compressLevel: 6, retention };
  await store.keepArchive(keeping, { clockIsTrusted: true });
  append(2, DAY); // late, beside the compressed file
  append(3, "2026-11-23");
  await store.flush();
  for (const id of [504, 505, 506, 507]) append(id, DAY); // two fill a part
  assertEquals(await snapshotIds(place), [1, 2, 3, 504, 505, 506, 507]);
  const inRam = [504, 505, 506, 507];
  assertEquals(await snapshotIds(place, { from: "2026-11-23" }), [3, ...inRam]);
  assertEquals(await snapshotIds(place, { to: DAY }), [1, 2, ...inRam]);
  Deno.writeTextFileSync(place.ramLogPath, '{"torn', { append: true });
  assertEquals((await snapshotIds(place)).at(-1), 507);
});

Deno.test("`openSnapshot()` takes from the archive only what was there before a flush that was cut short", async () => {
  using place = scratch();
  const path = join(place.archiveDir, `${DAY}.log`);
  Deno.mkdirSync(place.archiveDir);
  const [before, moving] = [recordLine(1, noonOf(DAY)), recordLine(2, noonOf(DAY))];
  Deno.writeTextFileSync(path, before + moving);
  Deno.writeTextFileSync(`${place.ramLogPath}.flushing`, moving + recordLine(3, noonOf(DAY)));
  Deno.writeTextFileSync(place.ramLogPath, recordLine(4, noonOf(DAY)));
  const journal = { archives: [{ path, sizeBefore: before.length }] };
  Deno.writeTextFileSync(`${place.ramLogPath}.journal`, JSON.stringify(journal));
  assertEquals(await snapshotIds(place), [1, 2, 3, 4]);
  Deno.removeSync(`${place.ramLogPath}.flushing`);
  assertEquals(await snapshotIds(place), [1, 2, 4], "without a segment that flush was done");
});

Deno.test("`openSnapshot()` gives each line once while a logger flushes and compresses without a pause", async () => {
  using place = scratch();
  const acknowledgedPath = join(place.folder, "acknowledged");
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", WRITER, place.ramLogPath, place.archiveDir],
      ...[acknowledgedPath, "0"],
    ],
    stderr: "null",
  }).spawn();
  try {
    while (textOf(acknowledgedPath) === "") await new Promise((next) => setTimeout(next, 10));
    for (let round = 0; round < 40; round++) {
      const { taken } = givenNumbers(acknowledgedPath);
      const ids = await snapshotIds(place);
      const once = new Set(ids);
      assertEquals(ids.length, once.size, "a record is there twice");
      assertEquals(taken.filter((number) => !once.has(number)), [], "a record is missing");
      await new Promise((next) => setTimeout(next, Math.random() * 20));
    }
  } finally {
    writer.kill("SIGKILL");
    await writer.status;
  }
});
