/**
 * What stands in a file's place and is none: links to somebody else's file, pipes, folders. None is followed, none keeps the
 * logger waiting, and the records are in the archive in the end.
 */

import { join } from "@std/path";
import { LogStore } from "../../storage/log_store.ts";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { WearLedger } from "../../storage/card/wear_ledger.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { listSummaries } from "../../report/summary/summaries.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { systemClock } from "../../system/clock.ts";
import { ForeignFileError, openOwn, openOwnSync } from "../../system/files/own_file.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { noonOf, recordLine, scratch } from "./scratch.ts";

const MISSING = lacks({ commands: ["mkfifo"] });
const PRECIOUS = "somebody else's\n";
const DAY = localDay(Date.now());

/** Puts something else in a file's place. */
type Plant = (path: string, victim: string) => void;

const FOLDER = "a folder";
const PLANTS: Record<string, Plant> = {
  "a symbolic link": (path, victim) => Deno.symlinkSync(victim, path),
  "a link to nowhere": (path, victim) => Deno.symlinkSync(`${victim}.new`, path),
  "a pipe": (path) => {
    const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assert(success);
  },
  [FOLDER]: (path) => Deno.mkdirSync(path),
};

/** Runs a test with each of them; then the victim is as it was, and no other file is where the link pointed. */
function testEach(
  name: string,
  run: (plant: (path: string) => void, dirs: ReturnType<typeof scratch>) => Promise<void>,
  { withFolder = true } = {},
) {
  for (const [what, plant] of Object.entries(PLANTS)) {
    if (what === FOLDER && !withFolder) continue;
    testWhen(MISSING, `${what} in place of ${name}`, async () => {
      using dirs = scratch();
      Deno.mkdirSync(dirs.archiveDir);
      const victim = join(dirs.folder, "precious");
      Deno.writeTextFileSync(victim, PRECIOUS);
      await run((path) => plant(path, victim), dirs);
      assertEquals(Deno.readTextFileSync(victim), PRECIOUS);
      assertThrows(() => Deno.lstatSync(`${victim}.new`), Deno.errors.NotFound);
    });
  }
}

testEach("a day of the archive is set aside, and the day begun", async (plant, dirs) => {
  const path = join(dirs.archiveDir, `${DAY}.log`);
  plant(path);
  await using store = await LogStore.open(dirs.options);
  store.append(recordLine(1, noonOf(DAY)), 1);
  const report = await store.flush();
  assertEquals([report.records, report.warnings.length], [1, 1]);
  assertStringIncludes(report.warnings[0], "was no file, and is called");
  assertEquals(Deno.readTextFileSync(path), recordLine(1, noonOf(DAY)));
}, { withFolder: false });

testEach("the RAM log is refused, with the reason", async (plant, { ramLogPath, options }) => {
  plant(ramLogPath);
  const error = await assertRejects(() => LogStore.open(options), Error);
  assertStringIncludes(error.message, `opening the RAM log ${ramLogPath}:`);
});

testEach("the RAM log's lock is refused", async (plant, { ramLogPath, options }) => {
  plant(`${ramLogPath}.lock`);
  await assertRejects(() => LogStore.open(options), Error, "opening the RAM log");
});

testEach("a file's `.tmp` is not written through", async (plant, { folder }) => {
  const path = join(folder, "cache.json");
  plant(`${path}.tmp`);
  await writeFileAtomic(path, "new", { mode: 0o640 });
  assertEquals(Deno.readTextFileSync(path), "new");
}, { withFolder: false });

testEach("the count of what is written is neither waited for nor followed", async (plant, dirs) => {
  const [ramPath, cardPath] = ["ram", "card"].map((name) => join(dirs.folder, `${name}.json`));
  for (const path of [ramPath, cardPath]) plant(path);
  const ledger = await WearLedger.open({ ramPath, cardPath, clock: systemClock });
  ledger.note({ bytes: 5, syncs: 1 });
  await ledger.save({ toCard: true });
});

testEach(
  "days and summaries of long ago is passed over",
  async (plant, { archiveDir }) => {
    for (const name of ["2026-01-01.log", "2026-01-02.log.gz"]) plant(join(archiveDir, name));
    plant(join(archiveDir, "2026-01-03.sums"));
    Deno.writeTextFileSync(join(archiveDir, "2026-01-04.log"), recordLine(1, noonOf("2026-01-04")));
    assertEquals((await listDays(archiveDir)).map(({ day }) => day), ["2026-01-04"]);
    assertEquals(await listSummaries(archiveDir), []);
  },
);

Deno.test("`openOwn()` opens files and makes new ones, and keeps what is in them", async () => {
  using dirs = scratch();
  const path = join(dirs.folder, "file");
  await assertRejects(() => openOwn(path), Deno.errors.NotFound);
  const options = { append: true, create: true, mode: 0o640 };
  for (const text of ["a", "b"]) {
    using file = await openOwn(path, options);
    await file.write(new TextEncoder().encode(text));
  }
  using file = openOwnSync(path);
  assertEquals(new TextDecoder().decode(Deno.readFileSync(path)), "ab");
  assertEquals(file.statSync().mode! & 0o777, 0o640);
  assertThrows(() => openOwnSync("/dev/null", { write: true }), ForeignFileError, "a device");
});
