/** `run` while the clock leaps: libfaketime tells the time from a file, which the test rewrites. */

import { join } from "@std/path";
import type { LogRecord } from "../../record/log_record.ts";
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { parseRecords } from "../record_schema.ts";
import { lacks, testWhen } from "../skip.ts";
import { withKernelClock } from "./kernel_clock.ts";
import { startOnLoopback } from "./log_on_loopback.ts";
import { eventually } from "../../scripts/household/eventually.ts";

const missing = lacks({ root: true, commands: ["faketime", "strace"] });

/** A logger whose clock nobody has set, and which says what `set()` was told last, and goes on from there. The monotonic one is the real one. */
async function startWithClock(time: string, flushInterval: string) {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-clock-" });
  const path = join(folder, "time");
  const set = (time: string) => {
    const offsetS = Math.round((Date.parse(`${time.replace(" ", "T")}Z`) - Date.now()) / 1e3);
    Deno.writeTextFileSync(`${path}.new`, `${offsetS < 0 ? "" : "+"}${offsetS}\n`);
    Deno.renameSync(`${path}.new`, path);
  };
  set(time);
  const env = {
    LD_PRELOAD: "/usr/$LIB/faketime/libfaketime.so.1",
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    WIFILOGGER_FLUSH_INTERVAL: flushInterval,
    WIFILOGGER_RETENTION: "1d,1MB",
    WIFILOGGER_COMPRESS_AFTER: "0d",
  };
  const logger = await startOnLoopback(env, withKernelClock("unsynced"));
  return {
    logger,
    set,
    async [Symbol.asyncDispose]() {
      await logger[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function isAround(record: LogRecord, time: string): boolean {
  return Math.abs(Date.parse(record["@timestamp"]) - Date.parse(time)) < 60_000;
}

function archiveNames(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name !== "wear.json"
  );
}

testWhen(
  missing,
  "`run` corrects in RAM what it logged before the clock leapt to the present",
  async () => {
    await using clocked = await startWithClock("2021-03-01 12:00:00", "1h");
    const { logger, set } = clocked;
    const inRam = () => parseRecords(Deno.readTextFileSync(logger.ramLogPath));
    await eventually("record", () => inRam().length > 0);
    assertEquals(inRam()[0]["@timestamp"].slice(0, 10), "2021-03-01");
    assertEquals((await logger.status()).clock, "unsynced");
    set("2021-03-01 18:00:00");
    await eventually("corrected record", () => isAround(inRam()[0], "2021-03-01T18:00:00Z"));
    set("2026-03-01 12:00:00"); // another day: what was logged is flushed, to the right one
    const path = join(logger.archiveDir, "2026-03-01.log");
    await eventually("archive", () => Deno.stat(path).then(({ size }) => size > 0, () => false));
    const [record] = parseRecords(Deno.readTextFileSync(path));
    assert(isAround(record, "2026-03-01T12:00:00Z"), record["@timestamp"]);
    assertEquals(await logger.stop(), 0);
    assertEquals(archiveNames(logger.archiveDir), ["2026-03-01.log"]);
  },
);

testWhen(
  missing,
  "`run` goes on flushing through leaps to 1970, over the end of 32 bits in 2038, and back, and drops no day",
  async () => {
    await using clocked = await startWithClock("2026-06-30 12:00:00", "1s");
    const { logger, set } = clocked;
    await eventually("archive", () => logger.status().then(({ log }) => log.flushedRecords > 0));
    const flushed = async () => (await logger.status()).log.flushes;
    const times = [
      "1970-01-01 00:00:10",
      "2038-01-19 03:14:06", // the last second but one of 32 bits
      "2026-06-30 12:20:00",
    ];
    for (const time of times) {
      set(time);
      const before = await flushed();
      await eventually(`two more flushes at ${time}`, async () => await flushed() >= before + 2);
      assertGreater(before, 0);
    }
    const { log } = await logger.status();
    assertEquals([log.droppedDays, log.failedFlushes], [0, 0]);
    assertEquals(archiveNames(logger.archiveDir).map((name) => name.slice(0, 10)), ["2026-06-30"]);
  },
);
