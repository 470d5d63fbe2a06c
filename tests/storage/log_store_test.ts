import { HandClock } from "../hand_clock.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { RamLogInUseError } from "../../storage/ram/ram_log_lock.ts";
import { noonOf, recordIds, recordLine, scratch, textOf } from "./scratch.ts";

const NOON = noonOf("2026-11-22");

Deno.test("`LogStore` tells what it holds and what it has done", async () => {
  using place = scratch();
  const clock = new HandClock(Date.parse(NOON));
  await using store = await LogStore.open({ ...place.options, clock });
  const text = recordLine(1, NOON) + recordLine(2, NOON);
  assertEquals([store.ramRecords, store.ramBytes, store.lastFlush], [0, 0, undefined]);
  store.append(text, 2);
  assertEquals([store.ramRecords, store.ramBytes], [2, text.length]);
  const report = await store.flush();
  assertEquals([store.ramRecords, store.ramBytes], [0, 0]);
  assertEquals(store.lastFlush, { atMs: Date.parse(NOON), report });
  assertEquals(store.counters, {
    appendedRecords: 2,
    appendedBytes: text.length,
    failedAppends: 0,
    flushedRecords: 2,
    flushedBytes: text.length,
    flushes: 1,
    failedFlushes: 0,
    tornLinesCut: 0,
    compressedDays: 0,
    droppedDays: 0,
  });
});

Deno.test("`LogStore.ramRecords` counts the records of a flush until the disk has them", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  const flush = store.flush();
  while (textOf(place.ramLogPath) !== "") await new Promise((resolve) => setTimeout(resolve));
  store.append(recordLine(2, NOON), 1);
  assertEquals(store.ramRecords, 2);
  await flush;
  assertEquals(store.ramRecords, 1);
});

Deno.test("`LogStore.open()` warns of the torn line it cut", async () => {
  using place = scratch();
  {
    await using store = await LogStore.open(place.options);
    store.append(recordLine(1, NOON), 1);
  }
  Deno.writeTextFileSync(place.ramLogPath, '{"@time', { append: true });
  await using store = await LogStore.open(place.options);
  assertEquals(store.ramRecords, 1);
  assertEquals(place.warnings.length, 1);
  assertStringIncludes(place.warnings[0], "7 bytes");
});

Deno.test("`LogStore.open()` cuts and counts the line that a power loss tore in the archive", async () => {
  using place = scratch();
  Deno.mkdirSync(place.archiveDir);
  const path = `${place.archiveDir}/2026-11-21.log`;
  Deno.writeTextFileSync(path, recordLine(1, NOON) + '{"@time');
  await using store = await LogStore.open(place.options);
  assertEquals(recordIds(textOf(path)), [1]);
  assertEquals(store.counters.tornLinesCut, 1);
  assertEquals(place.warnings.length, 1);
  assertStringIncludes(place.warnings[0], `${path}: its last line was torn`);
});

Deno.test("`LogStore.open()` fails when another has the RAM log, and leaves it alone", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  await assertRejects(() => LogStore.open(place.options), RamLogInUseError, String(Deno.pid));
  assertEquals(recordIds(textOf(place.ramLogPath)), [1]);
});

Deno.test("`LogStore.close()` waits for the running flush, does not flush, and twice is harmless", async () => {
  using place = scratch();
  const store = await LogStore.open(place.options);
  store.append(recordLine(1, NOON), 1);
  const flush = store.flush();
  await store.close();
  assertEquals((await flush).records, 1);
  await store.close();
  await assertRejects(() => store.flush(), TypeError, "closed");

  await using next = await LogStore.open(place.options);
  next.append(recordLine(2, NOON), 1);
  await next.close();
  assertEquals(recordIds(textOf(place.ramLogPath)), [2]);
});
