import { HandClock } from "../../hand_clock.ts";
import { join } from "node:path";
import fc from "fast-check";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { FlushError } from "../../../storage/flush/flush_report.ts";
import { LogStore } from "../../../storage/log_store.ts";
import {
  archivedIds,
  fileNames,
  noonOf,
  recordIds,
  recordLine,
  type Scratch,
  scratch,
  textOf,
} from "../scratch.ts";
import { mountTmpfs, remount, testOnTmpfs } from "../tmpfs_mount.ts";

const NOON = noonOf("2026-11-22");

function archive(place: Scratch, day: string): string {
  return join(place.archiveDir, `${day}.log`);
}

Deno.test("`flush()` moves the records to the archive of their local day", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  const midnightMs = new Date("2026-11-23T00:00:00").getTime();
  const before = recordLine(1, new Date(midnightMs - 1).toISOString());
  const after = recordLine(2, new Date(midnightMs).toISOString());
  store.append(before + after, 2);
  const { durationMs, ...report } = await store.flush();
  assertEquals(report, {
    records: 2,
    bytes: before.length + after.length,
    files: [
      { path: archive(place, "2026-11-22"), records: 1, bytes: before.length },
      { path: archive(place, "2026-11-23"), records: 1, bytes: after.length },
    ],
    warnings: [],
  });
  assert(durationMs > 0);
  assertEquals(textOf(archive(place, "2026-11-22")), before);
  assertEquals(textOf(archive(place, "2026-11-23")), after);
  assertEquals(textOf(place.ramLogPath), "");
});

for (const [day, hours] of [["2026-03-29", 23], ["2026-10-25", 25]] as const) {
  Deno.test(`\`flush()\` gives a day of ${hours} hours all its records, and its neighbours theirs`, async () => {
    const zone = Deno.env.get("TZ");
    Deno.env.set("TZ", "Europe/Berlin");
    try {
      using place = scratch();
      await using store = await LogStore.open(place.options);
      const noonMs = new Date(`${day}T12:00:00`).getTime();
      for (let minute = -36 * 60; minute < 36 * 60; minute += 10) {
        const time = new Date(noonMs + minute * 60e3).toISOString();
        store.append(recordLine(minute + 36 * 60, time), 1);
        if (minute % 70 === 0) await store.flush();
      }
      await store.flush();
      assertEquals(recordIds(textOf(archive(place, day))).length, hours * 6);
      assertEquals(archivedIds(place.archiveDir).length, 72 * 6);
    } finally {
      if (zone === undefined) Deno.env.delete("TZ");
      else Deno.env.set("TZ", zone);
    }
  });
}

Deno.test("`flush()` makes archive files and their folder closed to others", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  await store.flush();
  const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
  assertEquals(modeOf(place.archiveDir) & ~0o750, 0);
  assertEquals(modeOf(archive(place, "2026-11-22")) & ~0o640, 0);
});

Deno.test("`flush()` touches nothing when there is nothing to flush", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  const inode = Deno.statSync(place.ramLogPath).ino;
  const { durationMs: _, ...report } = await store.flush();
  assertEquals(report, { records: 0, bytes: 0, files: [], warnings: [] });
  assertEquals(Deno.statSync(place.ramLogPath).ino, inode);
  assertEquals(fileNames(place.archiveDir), []);
});

Deno.test("`flush()` appends to what the archive holds", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (const id of [1, 2, 3]) {
    store.append(recordLine(id, NOON), 1);
    await store.flush();
  }
  assertEquals(recordIds(textOf(archive(place, "2026-11-22"))), [1, 2, 3]);
});

Deno.test("`flush()` keeps a line without a valid `@timestamp`, under the day of the flush", async () => {
  using place = scratch();
  const clock = new HandClock(Date.parse(noonOf("2026-02-03")));
  await using store = await LogStore.open({ ...place.options, clock });
  const lines = "no record at all\n" + "\n" + '{"@timestamp":"soon"}\n';
  store.append(lines, 3);
  assertEquals((await store.flush()).records, 3);
  assertEquals(textOf(archive(place, "2026-02-03")), lines);
});

Deno.test("`flush()` moves any mix of days, each line once and each day's in order", async () => {
  const fourDays = { min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 0, 5) };
  const batches = fc.array(fc.array(fc.integer(fourDays), { maxLength: 20 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      using place = scratch();
      await using store = await LogStore.open(place.options);
      const expected = new Map<string, string>();
      let id = 0;
      for (const times of batches) {
        for (const timeMs of times) {
          const path = archive(place, localDay(timeMs));
          const line = recordLine(id++, new Date(timeMs).toISOString());
          expected.set(path, (expected.get(path) ?? "") + line);
          store.append(line, 1);
        }
        const report = await store.flush();
        assertEquals(report.records, times.length);
        assertEquals(report.files.reduce((sum, file) => sum + file.records, 0), times.length);
        assertEquals(report.files.reduce((sum, file) => sum + file.bytes, 0), report.bytes);
      }
      for (const [path, text] of expected) assertEquals(textOf(path), text);
      assertEquals(fileNames(place.archiveDir).length, expected.size);
    }),
    { numRuns: 30 },
  );
});

Deno.test("`flush()` moves a segment much larger than its memory, byte for byte", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  const batch = Array.from({ length: 1000 }, (_, id) => recordLine(id, NOON)).join("");
  for (let i = 0; i < 40; i++) store.append(batch, 1000);
  assertEquals((await store.flush()).records, 40_000);
  assert(textOf(archive(place, "2026-11-22")) === batch.repeat(40), "the archive differs");
});

Deno.test("`append()` goes on while `flush()` waits for the disk", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  let flushing = true;
  const flush = store.flush().finally(() => flushing = false);
  let id = 2;
  for (; flushing; id++) {
    store.append(recordLine(id, NOON), 1);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const archived = archivedIds(place.archiveDir);
  assertEquals((await flush).records, archived.length);
  assert(archived.length < id - 1, "nothing was appended during the flush");
  const inRam = recordIds(textOf(place.ramLogPath));
  assertEquals([...archived, ...inRam], Array.from({ length: id - 1 }, (_, i) => i + 1));
});

Deno.test("`flush()` asked for during a flush moves what was appended in between", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  const flushes: Promise<unknown>[] = [];
  for (let id = 1; id <= 5; id++) {
    store.append(recordLine(id, NOON), 1);
    const flush = store.flush().then(() => {
      assertEquals(archivedIds(place.archiveDir).includes(id), true);
    });
    flushes.push(flush);
  }
  await Promise.all(flushes);
  assertEquals(archivedIds(place.archiveDir), [1, 2, 3, 4, 5]);
});

Deno.test("`flush()` cuts the line that a power loss tore, and tells", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  Deno.mkdirSync(place.archiveDir);
  const path = archive(place, "2026-11-22");
  const torn = '{"@timestamp":"2026-11-22T'.padEnd(200_000, "x"); // longer than one look at the tail
  Deno.writeTextFileSync(path, recordLine(1, NOON) + torn);
  store.append(recordLine(2, NOON), 1);
  const { warnings } = await store.flush();
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], path);
  assertStringIncludes(warnings[0], "200000 bytes");
  assertEquals(place.warnings, warnings);
  assertEquals(recordIds(textOf(path)), [1, 2]);
});

Deno.test("`flush()` names the file and keeps the records when the archive cannot be written", async () => {
  using place = scratch();
  const path = archive(place, "2026-11-22");
  Deno.mkdirSync(path, { recursive: true }); // a folder where the file should be
  await using store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  const error = await assertRejects(() => store.flush(), FlushError, path);
  assertEquals([error.path, error.code], [path, "EISDIR"]);
  store.append(recordLine(2, NOON), 1);
  assertEquals([store.ramRecords, store.counters.failedFlushes], [2, 1]);

  Deno.removeSync(path);
  assertEquals((await store.flush()).records, 2);
  assertEquals(archivedIds(place.archiveDir), [1, 2]);
  assertEquals(store.ramRecords, 0);
});

testOnTmpfs({
  name: "`flush()` on a full disk keeps the records, leaves the archive whole, and goes on later",
  async fn() {
    using place = scratch();
    using disk = mountTmpfs(64);
    await using store = await LogStore.open({ ...place.options, archiveDir: disk.path });
    store.append(recordLine(0, NOON), 1);
    await store.flush();
    const filler = join(disk.path, "filler");
    Deno.writeFileSync(filler, new Uint8Array(40 * 1024));
    for (let id = 1; id <= 200; id++) store.append(recordLine(id, NOON), 1);

    const error = await assertRejects(() => store.flush(), FlushError, "No space left on device");
    assertEquals(error.code, "ENOSPC");
    assertEquals(recordIds(textOf(join(disk.path, "2026-11-22.log"))), [0]);
    assertEquals(store.ramRecords, 200);
    await assertRejects(() => store.flush(), FlushError);
    store.append(recordLine(201, NOON), 1);

    Deno.removeSync(filler);
    assertEquals((await store.flush()).records, 201);
    const expected = Array.from({ length: 202 }, (_, id) => id);
    assertEquals(recordIds(textOf(join(disk.path, "2026-11-22.log"))), expected);
    assertEquals(store.ramRecords, 0);
  },
});

testOnTmpfs({
  name: "`flush()` on a disk that turned read-only says so, and goes on when it is writable",
  async fn() {
    using place = scratch();
    using disk = mountTmpfs(64);
    await using store = await LogStore.open({ ...place.options, archiveDir: disk.path });
    store.append(recordLine(1, NOON), 1);
    remount(disk.path, "ro");
    const error = await assertRejects(() => store.flush(), FlushError, "Read-only file system");
    assertEquals(error.code, "EROFS");
    remount(disk.path, "rw");
    assertEquals((await store.flush()).records, 1);
    assertEquals(recordIds(textOf(join(disk.path, "2026-11-22.log"))), [1]);
  },
});

testOnTmpfs({
  name: "`flush()` empties a RAM log on a tmpfs that is full to the last byte",
  async fn() {
    using place = scratch();
    using ram = mountTmpfs(64);
    const ramLogPath = join(ram.path, "today.log");
    await using store = await LogStore.open({ ...place.options, ramLogPath });
    for (let round = 0; round < 3; round++) {
      let full = false;
      while (!full) {
        try {
          store.append(recordLine(1, NOON), 1);
        } catch {
          full = true;
        }
      }
      assert(store.ramRecords > 50);
      await store.flush();
      assertEquals(store.ramRecords, 0);
    }
    assertEquals(archivedIds(place.archiveDir).length, store.counters.appendedRecords);
  },
});
