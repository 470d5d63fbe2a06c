/**
 * Following a log that is flushed, rolled, corrected, compressed, written to past the RAM log, and whose writer is
 * killed and started again: every record that stays is given once.
 */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { LogFollower, type LogPosition } from "../../storage/log_follower.ts";
import { gzipPath } from "../../storage/archive/archive_days.ts";
import { LogStore } from "../../storage/log_store.ts";
import { noonOf, readIds, recordIds, recordLine, type Scratch, scratch } from "./scratch.ts";

const WRITER = new URL("./numbered_writer.ts", import.meta.url).href;
const KILLS = 6;
const NUMBERS_PER_LIFE = 10_000_000;

function follower({ ramLogPath, archiveDir }: Scratch): LogFollower {
  return new LogFollower({ ramLogPath, archiveDir, identityOf: recordIdentity });
}

async function newIds(log: LogFollower): Promise<number[]> {
  return recordIds((await Array.fromAsync(log.lines())).map((line) => line + "\n").join(""));
}

Deno.test("`LogFollower` gives each record once through flushes, compression and correction", async () => {
  using place = scratch();
  const log = follower(place);
  await using store = await LogStore.open({ ...place.options, ramLimitBytes: 64 * 1024 });
  const noon = noonOf("2026-11-20");
  let next = 1;
  const append = (count: number) => {
    for (let i = 0; i < count; i++) store.append(recordLine(next++, noon), 1);
  };
  const expectNew = async (what: string, first: number) => {
    assertEquals(
      await newIds(log),
      Array.from({ length: next - first }, (_, i) => first + i),
      what,
    );
  };
  append(3);
  await expectNew("history", 1);
  append(3);
  await store.flush();
  await expectNew("appended and flushed between two looks", 4);
  append(40);
  await store.flush();
  append(50);
  await expectNew("some flushed, some rolled off", 7);
  await store.flush();
  await expectNew("nothing but moved", next);
  store.append(recordLine(next++, noon), 1);
  await expectNew("one more", next - 1);
  store.correctClock((line) => line.replace("T12", "T13").replace("T11", "T12"));
  await expectNew("nothing but corrected", next);
  await store.writeThrough(recordLine(next++, noon));
  await expectNew("straight to the card", next - 1);
  await store.flush();
  const keeping = {
    compressAfterDays: 1,
    compressLevel: 6,
    retention: { days: undefined, bytes: undefined },
  };
  append(2);
  await store.flush();
  const { compressed } = await store.keepArchive(keeping, { clockIsTrusted: true });
  assert(compressed !== undefined);
  append(1);
  await expectNew("compressed between two looks", next - 3);
  await store.flush();
  append(1);
  await store.flush();
  await store.keepArchive(keeping, { clockIsTrusted: true });
  await expectNew("a second member", next - 1);
  await expectNew("nothing", next);
});

Deno.test("`LogFollower` goes on behind what it was started with", async () => {
  using place = scratch();
  const log = follower(place);
  await using store = await LogStore.open(place.options);
  const append = (id: number) => store.append(recordLine(id, noonOf("2026-11-20")), 1);
  append(1);
  await store.flush();
  append(2);
  {
    using history = await log.start();
    append(3);
    await store.flush();
    append(4);
    const ids: number[] = [];
    for (const section of history.sections) {
      for await (const line of section.lines()) {
        ids.push(...recordIds(new TextDecoder().decode(line) + "\n"));
      }
    }
    assertEquals(ids, [1, 2]);
  }
  assertEquals(await newIds(log), [3, 4]);
});

Deno.test(`\`LogFollower\` gives each record once beside a writer that is killed ${KILLS} times`, async () => {
  using place = scratch();
  const log = follower(place);
  const given: number[] = [];
  const acknowledgedPath = join(place.folder, "acknowledged");
  for (let life = 0; life < KILLS; life++) {
    const writer = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", WRITER, place.ramLogPath, place.archiveDir],
        ...[acknowledgedPath, String(life * NUMBERS_PER_LIFE)],
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = setTimeout(() => writer.kill("SIGKILL"), 400 + Math.random() * 500);
    let isOver = false;
    const status = writer.status.finally(() => isOver = true);
    // Its flushes follow each other without a pause: at times no instant can be had within the tries.
    while (!isOver) given.push(...await newIds(log).catch(() => []));
    clearTimeout(timer);
    assertEquals((await status).signal, "SIGKILL");
  }
  await using store = await LogStore.open(place.options);
  await store.flush();
  given.push(...await newIds(log));
  const kept = await readIds(place.archiveDir);
  assert(kept.length > 1000, `${kept.length} records`);
  const sorted = (ids: number[]) => ids.toSorted((a, b) => a - b);
  assertEquals(sorted(given), sorted(kept));
});

Deno.test("`LogFollower` gives each record once when a day is compressed again just as it is opened", async () => {
  using place = scratch();
  const log = follower(place);
  await using store = await LogStore.open(place.options);
  const keeping = {
    compressAfterDays: 1,
    compressLevel: 6,
    retention: { days: undefined, bytes: undefined },
  };
  const compress = () => store.keepArchive(keeping, { clockIsTrusted: true });
  let next = 1;
  const flush = async (count: number) => {
    for (let i = 0; i < count; i++) store.append(recordLine(next++, noonOf("2026-11-20")), 1);
    await store.flush();
  };
  await flush(20);
  await compress();
  await flush(10);
  const path = gzipPath(place.archiveDir, "2026-11-20");
  const given: number[] = [];
  const open = Deno.open;
  let isCompressed = false;
  try {
    Deno.open = async (...args) => {
      if (args[0] === path && !isCompressed) {
        isCompressed = true;
        await compress();
      }
      return await open(...args);
    };
    given.push(...await newIds(log));
  } finally {
    Deno.open = open;
  }
  assert(isCompressed);
  await flush(5);
  for (let looks = 0; looks < 2; looks++) given.push(...await newIds(log));
  assertEquals(given, Array.from({ length: next - 1 }, (_, i) => i + 1));
});

Deno.test("a second `LogFollower` goes on where another one stopped, in the middle of a look", async () => {
  using place = scratch();
  await using store = await LogStore.open({ ...place.options, ramLimitBytes: 64 * 1024 });
  const noon = noonOf("2026-11-20");
  const last = 60;
  for (let id = 1; id <= 20; id++) store.append(recordLine(id, noon), 1);
  await store.flush();
  const keeping = {
    compressAfterDays: 1,
    compressLevel: 6,
    retention: { days: undefined, bytes: undefined },
    bandwidthBytesPerSecond: Infinity,
  };
  await store.keepArchive(keeping, { clockIsTrusted: true });
  for (let id = 21; id <= 40; id++) store.append(recordLine(id, noon), 1);
  await store.flush();
  for (let id = 41; id <= last; id++) store.append(recordLine(id, noon), 1);
  const given: number[] = [];
  let position: LogPosition | undefined;
  while (given.length < last) {
    const { ramLogPath, archiveDir } = place;
    const log = new LogFollower({ ramLogPath, archiveDir, identityOf: recordIdentity, position });
    let taken = 0;
    for await (const line of log.lines()) {
      given.push(...recordIds(line + "\n"));
      if (++taken === 7) break;
    }
    assert(taken > 0, `nothing came after ${given.length}`);
    position = JSON.parse(JSON.stringify(log.position()));
  }
  assertEquals(given, Array.from({ length: last }, (_, i) => i + 1));
});

Deno.test("`LogFollower` tells which days were dropped before they were read to their end", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (const day of ["2026-11-18", "2026-11-19", "2026-11-20"]) {
    for (let id = 0; id < 5; id++) store.append(recordLine(id + 1, noonOf(day)), 1);
    await store.flush();
  }
  const { ramLogPath, archiveDir } = place;
  const options = { ramLogPath, archiveDir, identityOf: recordIdentity };
  const first = new LogFollower(options);
  let taken = 0;
  for await (const _ of first.lines()) {
    if (++taken === 7) break;
  }
  for (const day of ["2026-11-18", "2026-11-19"]) Deno.removeSync(join(archiveDir, `${day}.log`));
  const second = new LogFollower({ ...options, position: first.position() });
  assertEquals((await newIds(second)).length, 5);
  assertEquals(second.takeMissedDays(), ["2026-11-19"]);
  assertEquals(second.takeMissedDays(), []);
});
