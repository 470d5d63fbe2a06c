import { HandClock } from "../../hand_clock.ts";
import { join } from "@std/path";
import { assertEquals, assertGreater, assertRejects, assertStringIncludes } from "../../assert.ts";
import { parseRecords } from "../../record_schema.ts";
import { testWhen } from "../../skip.ts";
import { scratch } from "../../storage/scratch.ts";
import { mountTmpfs, whyNoTmpfs } from "../../storage/tmpfs_mount.ts";
import { isGap, type LogRecord } from "../../../record/log_record.ts";
import { LogWriter } from "../../../service/log/log_writer.ts";
import { gapRecord, recordLine } from "../../../record/record_builder.ts";
import { FlushError } from "../../../storage/flush/flush_report.ts";
import { LogStore, type LogStoreOptions } from "../../../storage/log_store.ts";

const NOON_US = new Date("2026-11-22T12:00:00").getTime() * 1e3;
const MISSING = whyNoTmpfs;

/** A record that can be told from others: its number is the microsecond it begins at. */
function line(number: number): string {
  const timeUs = NOON_US + number;
  return recordLine(gapRecord({ reason: "restart", startUs: timeUs, endUs: timeUs }, {}));
}

function numberOf(record: LogRecord): number {
  return Number(record.event.start.slice(20, 26));
}

async function openWriter(options: LogStoreOptions, ramLimitBytes = 40e6) {
  const clock = new HandClock(NOON_US / 1e3);
  const said: string[] = [];
  const store = await LogStore.open({ ...options, clock, ramLimitBytes });
  const writer = new LogWriter({
    store,
    clock,
    say: (level, component, message) => said.push(`${level} ${component} ${message}`),
  });
  return { store, writer, clock, said, [Symbol.asyncDispose]: () => store.close() };
}

async function archived(archiveDir: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const { name } of Deno.readDir(archiveDir)) {
    records.push(...parseRecords(await Deno.readTextFile(join(archiveDir, name))));
  }
  return records;
}

/** Resolves when the flushes that have been asked for by now are over: a step of upkeep waits for them. */
async function flushesOver(store: LogStore): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const retention = { days: undefined, bytes: undefined };
  const nothing = { compressAfterDays: undefined, compressLevel: 6, retention };
  await store.keepArchive(nothing, { clockIsTrusted: false });
}

Deno.test("`LogWriter` writes records to RAM with the next drain, and to the archive with a flush", async () => {
  using folders = scratch();
  await using opened = await openWriter(folders.options);
  const { writer, store, said } = opened;
  for (let i = 0; i < 5; i++) writer.add(line(i));
  assertEquals(store.ramRecords, 0);
  writer.drain();
  assertEquals(store.ramRecords, 5);
  writer.add(line(5));
  const report = await writer.flush();
  assertEquals([report.records, store.ramRecords], [6, 0]);
  assertEquals((await archived(folders.archiveDir)).map(numberOf), [0, 1, 2, 3, 4, 5]);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "info log flushed 6 records to ");
});

Deno.test("`LogWriter.drain()` flushes by itself when the RAM log has taken 70 % of what it may", async () => {
  using folders = scratch();
  await using opened = await openWriter(folders.options, 64_000);
  const { writer, store } = opened;
  const write = (count: number) => {
    for (let i = 0; i < count; i++) writer.add(line(i));
    writer.drain();
  };
  write(200);
  await flushesOver(store);
  assertEquals([store.counters.flushes, store.ramRecords], [0, 200]);
  write(100);
  await flushesOver(store);
  assertEquals([store.counters.flushes, store.ramRecords], [1, 0]);
  assertEquals((await archived(folders.archiveDir)).length, 300);
});

Deno.test("`LogWriter.flushOrSay()` says why a flush failed", async () => {
  using folders = scratch();
  await Deno.writeTextFile(folders.archiveDir, "a file where the folder should be");
  await using opened = await openWriter(folders.options);
  const { writer, said } = opened;
  writer.add(line(0));
  await assertRejects(() => writer.flush(), FlushError);
  await writer.flushOrSay();
  assertStringIncludes(said.at(-1)!, "error log flushing the RAM log");
});

/** A RAM log on a small tmpfs, and an archive that cannot be written yet. */
function blockedScratch(ramKiB: number) {
  const folders = scratch();
  const tmpfs = mountTmpfs(ramKiB);
  Deno.writeTextFileSync(folders.archiveDir, "a file where the folder should be");
  return {
    options: { ...folders.options, ramLogPath: join(tmpfs.path, "today.log") },
    archiveDir: folders.archiveDir,
    unblock: () => Deno.removeSync(folders.archiveDir),
    [Symbol.dispose]() {
      tmpfs[Symbol.dispose]();
      folders[Symbol.dispose]();
    },
  };
}

testWhen(
  MISSING,
  "`LogWriter` lets records wait that neither RAM nor archive can take, and loses none",
  async () => {
    using blocked = blockedScratch(256);
    await using opened = await openWriter(blocked.options);
    const { writer, said } = opened;
    const COUNT = 6000;
    for (let i = 0; i < COUNT; i++) {
      writer.add(line(i));
      if (i % 10 === 0) writer.drain();
    }
    assertEquals(said.filter((line) => line.startsWith("error log")).length > 0, true);
    blocked.unblock();
    // Each makes room for some of what has been waiting.
    for (let i = 0; i < 20; i++) await writer.flush();
    const numbers = (await archived(blocked.archiveDir)).map(numberOf);
    assertEquals(numbers.length, COUNT);
    assertEquals(numbers, [...Array(COUNT).keys()]);
    writer.add(line(COUNT));
    writer.drain();
    assertStringIncludes(said.join("\n"), "the RAM log takes records again");
  },
);

testWhen(MISSING, "`LogWriter` tells how many records it had to drop", async () => {
  using blocked = blockedScratch(4096);
  await using opened = await openWriter(blocked.options);
  const { writer } = opened;
  const COUNT = 60_000;
  for (let i = 0; i < COUNT; i++) {
    writer.add(line(i));
    if (i % 100 === 0) writer.drain();
  }
  blocked.unblock();
  await writer.flush();
  await writer.flush();
  const records = await archived(blocked.archiveDir);
  const gaps = records.filter(isGap).filter(({ wifilogger }) =>
    wifilogger.gap.reason === "ram_full"
  );
  const told = gaps.reduce((sum, { wifilogger }) => sum + wifilogger.gap.count!, 0);
  assertGreater(told, 0);
  assertEquals(records.length - gaps.length + told, COUNT);
});

Deno.test("`LogWriter.correctClock()` corrects what is in RAM and what waits", async () => {
  using folders = scratch();
  await using opened = await openWriter(folders.options);
  const { writer } = opened;
  writer.add(line(1));
  writer.drain();
  writer.add(line(2));
  const changed = writer.correctClock((line) => line.replaceAll("2026-11-22", "2027-01-01"));
  assertEquals(changed, 2);
  const { files } = await writer.flush();
  assertEquals(files.map(({ path, records }) => [path.slice(-14), records]), [
    ["2027-01-01.log", 2],
  ]);
});

/** An archive that cannot be written until it is unblocked. */
function blockArchive(archiveDir: string) {
  Deno.writeTextFileSync(archiveDir, "a file where the folder should be");
  return () => Deno.removeSync(archiveDir);
}

Deno.test("`LogWriter` tries a flush that nobody asked for again after ten seconds, by the monotonic clock", async () => {
  using folders = scratch();
  const unblock = blockArchive(folders.archiveDir);
  await using opened = await openWriter(folders.options, 64_000);
  const { writer, store, clock } = opened;
  const tries = () => store.counters.failedFlushes + store.counters.flushes;
  /** Lets time pass, then writes a record. @returns the tries, once those that have begun are over */
  const triesAfter = async (ms: number) => {
    clock.pass(ms);
    writer.add(line(0));
    writer.drain();
    await flushesOver(store);
    return tries();
  };
  for (let i = 0; i < 300; i++) writer.add(line(i));
  assertEquals(await triesAfter(0), 1);
  assertEquals(await triesAfter(9_999), 1);
  clock.leap(3600e3);
  assertEquals(await triesAfter(0), 1);
  assertEquals(await triesAfter(1), 2);
  assertEquals(store.counters.failedFlushes, 2);
  unblock();
  assertEquals(await triesAfter(10_000), 3);
  assertEquals(store.counters.flushes, 1);
});

Deno.test("`LogWriter` says that it drops records, and a gap record says how many, with neither room in RAM nor on the card", async () => {
  using folders = scratch();
  const unblock = blockArchive(folders.archiveDir);
  await using opened = await openWriter(folders.options, 64_000);
  const { writer, store, said } = opened;
  const COUNT = 25_000; // 64 kB of them in RAM, 4 MiB waiting
  for (let i = 0; i < COUNT; i++) writer.add(line(i));
  writer.drain();
  const dropped = writer.droppedRecords;
  assertGreater(dropped, 0);
  await flushesOver(store);
  const dropping = "error log neither RAM nor card has room: dropping the oldest records";
  assertEquals(said.filter((line) => line === dropping).length, 1);
  unblock();
  await writer.finish();
  const records = await archived(folders.archiveDir);
  const gaps = records.filter(isGap).filter(({ wifilogger }) =>
    wifilogger.gap.reason === "ram_full"
  );
  const told = gaps.reduce((sum, { wifilogger }) => sum + wifilogger.gap.count!, 0);
  assertEquals([told, records.length - gaps.length], [dropped, COUNT - dropped]);
});

Deno.test("`LogWriter.finish()` says how many records it lost for want of room", async () => {
  using folders = scratch();
  blockArchive(folders.archiveDir);
  await using opened = await openWriter(folders.options, 64_000);
  const { writer, said } = opened;
  for (let i = 0; i < 1000; i++) writer.add(line(i));
  await assertRejects(() => writer.finish(), FlushError);
  assertGreater(writer.droppedRecords, 0);
  assertEquals(
    said.at(-1),
    `error log ${writer.droppedRecords} records lost for want of room in RAM: a gap record tells of them`,
  );
});
