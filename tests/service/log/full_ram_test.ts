/** RAM and card filled up: real tmpfs and real ext4, both tiny. */

import { type Clock, systemClock } from "../../../system/clock.ts";
import { join } from "@std/path";
import { assert, assertEquals, assertGreater, assertRejects } from "../../assert.ts";
import { parseRecords } from "../../record_schema.ts";
import { HandClock } from "../../hand_clock.ts";
import { testWhen } from "../../skip.ts";
import { ext4Missing, mountExt4 } from "../../storage/ext4_image.ts";
import { mountTmpfs, whyNoTmpfs } from "../../storage/tmpfs_mount.ts";
import { correctedLine } from "../../../record/clock_correction.ts";
import { isGap } from "../../../record/log_record.ts";
import { LogWriter } from "../../../service/log/log_writer.ts";
import { gapRecord, recordLine } from "../../../record/record_builder.ts";
import { archiveLines } from "../../storage/archive/archive_lines.ts";
import { FlushError } from "../../../storage/flush/flush_report.ts";
import { LogStore } from "../../../storage/log_store.ts";

const MISSING = whyNoTmpfs ?? ext4Missing;
const NOON_US = new Date("2026-11-22T12:00:00").getTime() * 1e3;

/** A record that can be told from others: its number is the microsecond it begins at. */
function line(number: number): string {
  const startUs = NOON_US + number;
  return recordLine(gapRecord({ reason: "restart", startUs, endUs: startUs }, {}));
}

async function openPlace(
  { ramKiB, ramLimitBytes, time = systemClock }: {
    ramKiB: number;
    ramLimitBytes: number;
    time?: Clock;
  },
) {
  const tmpfs = mountTmpfs(ramKiB);
  const card = mountExt4(16);
  const archiveDir = join(card.path, "logs");
  const said: string[] = [];
  const clock = { isSynced: true };
  const store = await LogStore.open({
    ramLogPath: join(tmpfs.path, "today.log"),
    archiveDir,
    clock: time,
    ramLimitBytes,
    warn: (message) => said.push(message),
  });
  const writer = new LogWriter({
    store,
    clock: time,
    say: (level, _, message) => said.push(`${level} ${message}`),
    clockIsSynced: () => clock.isSynced,
  });
  let next = 0;
  return {
    store,
    writer,
    clock,
    card,
    tmpfs,
    said,
    get written() {
      return next;
    },
    write(count: number) {
      for (let i = 0; i < count; i++) {
        writer.add(line(next++));
        if (i % 50 === 0) writer.drain();
      }
      writer.drain();
    },
    /** Writes so many times 2,000 records, each time followed by a try to flush. */
    async writeAndFlush(rounds: number) {
      for (let i = 0; i < rounds; i++) {
        this.write(2000);
        await writer.flushOrSay();
      }
    },
    /** Fills a file system to the last byte. @returns what makes room again */
    fill(folder: string) {
      const path = join(folder, "filler");
      const file = Deno.openSync(path, { write: true, create: true });
      try {
        for (const size of [65536, 4096]) {
          try {
            for (;;) file.writeSync(new Uint8Array(size));
          } catch {
            // Full.
          }
        }
      } finally {
        file.close();
      }
      return () => Deno.removeSync(path);
    },
    /** What the archive holds: numbers of records, and what gaps told of. */
    async archived() {
      let text = "";
      for await (const line of archiveLines(archiveDir)) {
        text += new TextDecoder().decode(line) + "\n";
      }
      const records = parseRecords(text).filter(isGap);
      const gaps = records.filter(({ wifilogger }) => wifilogger.gap.reason === "ram_full");
      const numbers = records.filter((record) => !gaps.includes(record))
        .map(({ event }) =>
          Number(event.start.slice(20, 26)) + 1e6 * Number(event.start.slice(17, 19))
        );
      const lost = gaps.reduce((sum, { wifilogger }) => sum + wifilogger.gap.count!, 0);
      return { numbers, gaps, lost };
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      tmpfs[Symbol.dispose]();
      card[Symbol.dispose]();
    },
  };
}

testWhen(MISSING, "a RAM log never takes more than its limit, nor than its tmpfs has", async () => {
  for (const [ramKiB, ramLimitBytes, most] of [[1024, 300_000, 300_000], [256, 40e6, 262_144]]) {
    await using place = await openPlace({ ramKiB, ramLimitBytes });
    place.card.remount("ro");
    place.write(5000);
    assert(place.store.ramBytes <= most, `${place.store.ramBytes} bytes`);
    assertGreater(place.store.ramBytes, most * 0.8);
    place.card.remount("rw");
    await place.writer.flush();
    assertEquals((await place.archived()).numbers, [...Array(5000).keys()]);
  }
});

for (const trouble of ["read-only", "full"] as const) {
  testWhen(
    MISSING,
    `on a card that is ${trouble} records stay in RAM and are all there once it is mended`,
    async () => {
      await using place = await openPlace({ ramKiB: 2048, ramLimitBytes: 2e6 });
      place.write(100);
      await place.writer.flush();
      const freeCard = trouble === "full" ? place.fill(place.card.path) : undefined;
      if (trouble === "read-only") place.card.remount("ro");
      place.write(5000);
      const error = await assertRejects(() => place.writer.flush(), FlushError);
      assertEquals(error.code, trouble === "full" ? "ENOSPC" : "EROFS");
      place.write(100);
      freeCard?.();
      if (trouble === "read-only") place.card.remount("rw");
      await place.writer.flush();
      const { numbers, lost } = await place.archived();
      assertEquals([numbers, lost], [[...Array(5200).keys()], 0]);
    },
  );

  testWhen(
    MISSING,
    `on a card that is ${trouble} and with the RAM full the oldest records go, and a gap counts them`,
    async () => {
      await using place = await openPlace({ ramKiB: 2048, ramLimitBytes: 1e6 });
      const freeCard = trouble === "full" ? place.fill(place.card.path) : undefined;
      if (trouble === "read-only") place.card.remount("ro");
      await place.writeAndFlush(20);
      freeCard?.();
      if (trouble === "read-only") place.card.remount("rw");
      await place.writer.flush();
      const { numbers, gaps, lost } = await place.archived();
      assertGreater(lost, 0);
      assertEquals(numbers.length + lost, place.written);
      assertEquals(numbers, [...Array(place.written).keys()].slice(lost), "the newest are there");
      assertEquals(place.writer.droppedRecords, lost);
      assertEquals(
        gaps[0].event.start.slice(0, 19),
        new Date(NOON_US / 1e3).toISOString().slice(0, 19),
      );
    },
  );
}

testWhen(
  MISSING,
  "a card that is read-only for a day fills no journal, and what RAM had room for is there afterwards",
  async () => {
    const time = new HandClock(NOON_US / 1e3);
    await using place = await openPlace({ ramKiB: 1024, ramLimitBytes: 100_000, time });
    place.card.remount("ro");
    // A look each ten seconds, each of them with three records, and as many tries to flush.
    for (let second = 0; second < 86_400; second += 10) {
      time.pass(10_000);
      place.write(3);
      await place.writer.flushOrSay();
    }
    const { failedFlushes } = place.store.counters;
    assertGreater(failedFlushes, 8000);
    assert(place.said.length < 40, `${place.said.length} lines in the journal`);
    place.card.remount("rw");
    await place.writer.flush();
    const { numbers, lost } = await place.archived();
    assertGreater(lost, 0);
    assertEquals(numbers, [...Array(place.written).keys()].slice(lost), "the newest are there");
    assertEquals(place.writer.droppedRecords, lost);
  },
);

testWhen(
  MISSING,
  "with the tmpfs full of other things records go straight to the card",
  async () => {
    await using place = await openPlace({ ramKiB: 1024, ramLimitBytes: 1e6 });
    place.write(100);
    const freeRam = place.fill(place.tmpfs.path);
    place.write(3000);
    await place.writer.flush();
    assertEquals((await place.archived()).numbers, [...Array(3100).keys()]);
    freeRam();
    place.write(100);
    assertGreater(place.store.ramRecords, 0);
    await place.writer.flush();
    const { numbers, lost } = await place.archived();
    assertEquals([numbers, lost], [[...Array(3200).keys()], 0]);
  },
);

testWhen(
  MISSING,
  "a logger that stops with the RAM full keeps in RAM what waited, and says what it lost for it",
  async () => {
    await using place = await openPlace({ ramKiB: 2048, ramLimitBytes: 1e6 });
    place.card.remount("ro");
    await place.writeAndFlush(4);
    assertEquals(place.writer.droppedRecords, 0, "so far they wait in the process");
    await assertRejects(() => place.writer.finish(), FlushError);
    const { droppedRecords } = place.writer;
    assertGreater(droppedRecords, 0);
    assertEquals(
      place.said.at(-1),
      `error ${droppedRecords} records lost for want of room in RAM: a gap record tells of them`,
    );
    place.card.remount("rw");
    // What the next logger does.
    await place.store.flush();
    const { numbers, lost } = await place.archived();
    assertEquals(lost, droppedRecords);
    assertEquals(numbers, [...Array(place.written).keys()].slice(lost), "the newest are there");
  },
);

testWhen(
  MISSING,
  "a logger that stops with no room anywhere says how many records are lost",
  async () => {
    await using place = await openPlace({ ramKiB: 256, ramLimitBytes: 1e6 });
    place.card.remount("ro");
    const freeRam = place.fill(place.tmpfs.path);
    place.write(500);
    await assertRejects(() => place.writer.finish());
    assertEquals(
      place.said.at(-1),
      "error 500 records lost for want of room in RAM: no gap record could be written",
    );
    freeRam();
  },
);

testWhen(
  MISSING,
  "a logger that stops once the card is mended moves what waited as well",
  async () => {
    await using place = await openPlace({ ramKiB: 2048, ramLimitBytes: 1e6 });
    place.card.remount("ro");
    await place.writeAndFlush(4);
    place.card.remount("rw");
    const { records } = await place.writer.finish();
    assertEquals([records, place.store.ramRecords], [8000, 0]);
    const { numbers, lost } = await place.archived();
    assertEquals([numbers, lost], [[...Array(8000).keys()], 0]);
  },
);

testWhen(
  MISSING,
  "gaps of records that were dropped before the clock was set are corrected as records are",
  async () => {
    await using place = await openPlace({ ramKiB: 2048, ramLimitBytes: 1e6 });
    place.clock.isSynced = false;
    place.card.remount("ro");
    for (let i = 0; place.writer.droppedRecords === 0; i++) {
      assert(i < 50);
      await place.writeAndFlush(1);
    }
    const aheadUs = 365 * 24 * 3600e6;
    const clock = { present: (us: number) => us + aheadUs, isSynced: true };
    assertGreater(place.writer.correctClock((line) => correctedLine(line, clock)), 0);
    place.card.remount("rw");
    await place.writer.flush();
    const { gaps } = await place.archived();
    assertEquals(gaps.map(({ wifilogger, event }) => [wifilogger.clock, event.start.slice(0, 4)]), [
      ["synced", "2027"],
    ]);
  },
);
