import { join } from "node:path";
import { assertEquals } from "../../assert.ts";
import { LogStore } from "../../../storage/log_store.ts";
import { dropFile, isReportedBy } from "../../../storage/ram/dropping.ts";
import { listParts, ramFiles } from "../../../storage/ram/ram_files.ts";
import { gapLine, lostByGaps, noonOf, recordLine, type Scratch, scratch } from "../scratch.ts";

const NOON = noonOf("2026-11-22");

/** Drops a file of `count` records, so that its gap record stands in its place. */
function dropRecords(place: Scratch, path: string, count: number): void {
  Deno.writeTextFileSync(path, recordLine(1, NOON).repeat(count));
  dropFile({ path, earlierGap: undefined, sparePath: sparePath(place), gapLine, nowMs: 0 });
}

function sparePath({ ramLogPath }: Scratch): string {
  return ramFiles(ramLogPath).spareGap;
}

Deno.test("`dropFile()` marks its gap record as one that counts those of the file before, too", () => {
  using place = scratch();
  const [first, second] = ["first", "second"].map((name) => join(place.ramFolder, name));
  dropRecords(place, first, 2);
  const kept = join(place.ramFolder, "link that outlives the drop");
  Deno.linkSync(first, kept);
  Deno.writeTextFileSync(second, recordLine(2, NOON).repeat(3));
  const { lost } = dropFile({
    path: second,
    earlierGap: first,
    sparePath: sparePath(place),
    gapLine,
    nowMs: 0,
  });
  assertEquals(lost.count, 5);
  assertEquals(isReportedBy(kept, second), true);
});

Deno.test("`isReportedBy()` takes gap records of separate drops for what they are, whatever they count", () => {
  using place = scratch();
  const [first, second] = ["first", "second"].map((name) => join(place.ramFolder, name));
  dropRecords(place, first, 2);
  dropRecords(place, second, 9);
  assertEquals(isReportedBy(first, second), false);
});

Deno.test("`LogStore` keeps the gap record in a killed flush's segment beside a larger one behind it", async () => {
  using place = scratch();
  const files = ramFiles(place.ramLogPath);
  dropRecords(place, files.segment, 2);
  dropRecords(place, `${place.ramLogPath}.part-000001`, 9);
  assertEquals(listParts(files).length, 1);
  {
    await using store = await LogStore.open(place.options);
    await store.flush();
  }
  assertEquals(await lostByGaps(place.archiveDir), 11);
});
