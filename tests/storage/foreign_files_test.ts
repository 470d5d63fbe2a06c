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
import {
  ForeignFileError,
  openOwn,
  openOwnSync,
  readOwnText,
} from "../../system/files/own_file.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { gzipSync } from "node:zlib";
import { lacks, testWhen } from "../skip.ts";
import { takeForwarderLock } from "../../forward/progress/forwarder_lock.ts";
import { readTellStates, writeTellStates } from "../../forward/telling/tell_state.ts";
import { LEDGER_FILE, newsDir, openLedger } from "../../news/ledger/kept_ledger.ts";
import { OWNER_FILE, readOwner, writeOwner } from "../../news/owner/owner_file.ts";
import { readTold, TOLD_FILE } from "../../news/telling/told_file.ts";
import { unpack } from "../../service/renewal/unpacked.ts";
import { giveToFolderOwner, makeOwnFolder } from "../../system/files/owner.ts";
import { readAccess, writeAccess } from "../../web/access/access_file.ts";
import { Sessions } from "../../web/access/sessions.ts";
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

testEach(
  "the owner's names and marks is said, and what is noted takes its place",
  async (plant, dirs) => {
    const path = join(newsDir(dirs.archiveDir), OWNER_FILE);
    Deno.mkdirSync(newsDir(dirs.archiveDir));
    plant(path);
    await assertRejects(() => readOwner(dirs.archiveDir), Error, "stands in its place");
    const words = { names: { tv: "the tv" }, known: [] };
    await writeOwner(dirs.archiveDir, words);
    assertEquals(await readOwner(dirs.archiveDir), words);
  },
  { withFolder: false },
);

testEach("what was told is said", async (plant, { archiveDir }) => {
  Deno.mkdirSync(newsDir(archiveDir));
  plant(join(newsDir(archiveDir), TOLD_FILE));
  await assertRejects(() => readTold(archiveDir), Error, "stands in its place");
}, { withFolder: false });

testEach("the ledger is made anew", async (plant, { archiveDir, ramLogPath }) => {
  Deno.mkdirSync(newsDir(archiveDir));
  plant(join(newsDir(archiveDir), LEDGER_FILE));
  const { faults, ledger } = await openLedger({ archiveDir, ramLogPath });
  assertEquals([faults, ledger.entries.length], [[], 0]);
});

testEach("password and tokens is said, and a new password takes its place", async (plant, dirs) => {
  const path = join(dirs.folder, "web.json");
  plant(path);
  await assertRejects(() => readAccess(path), Error, "stands in its place");
  await writeAccess(path, { password: "scrypt:x", tokens: [] });
  assertEquals((await readAccess(path)).password, "scrypt:x");
}, { withFolder: false });

testEach("sessions is no session", async (plant, dirs) => {
  const path = join(dirs.folder, "sessions.json");
  plant(path);
  const password = () => Promise.resolve("kept");
  const sessions = await Sessions.open({ path, clock: systemClock, password });
  assertEquals(await sessions.find("secret"), undefined);
});

testEach("a forwarder's lock and progress is refused", async (plant, { folder }) => {
  const [lock, state] = [join(folder, "lock"), join(folder, "telling.state")];
  for (const path of [lock, state]) plant(path);
  await assertRejects(() => takeForwarderLock(folder), Error);
  await assertRejects(() => readTellStates(folder), Error);
  await writeTellStates(folder, []).catch(() => {}); // a folder stays
});

testEach("a database on its way is refused, or gives way", async (plant, { folder }) => {
  const packed = join(folder, "packed.gz");
  Deno.writeFileSync(packed, gzipSync("database"));
  const path = join(folder, "places.new");
  plant(path);
  await unpack(packed, path);
  assertEquals(Deno.readTextFileSync(path), "database");
}, { withFolder: false });

/** A folder of `nobody`'s. */
function foreignFolder(folder: string): string {
  const path = join(folder, "theirs");
  Deno.mkdirSync(path);
  Deno.chownSync(path, NOBODY, NOBODY);
  return path;
}

const NOBODY = 65534;

function ownerAndMode(path: string): unknown[] {
  const { uid, gid, mode } = Deno.lstatSync(path);
  return [uid, gid, (mode! & 0o777).toString(8)];
}

testWhen(
  lacks({ root: true }),
  "what root makes in a user's folder becomes that user's",
  async () => {
    using dirs = scratch();
    const theirs = foreignFolder(dirs.folder);
    const inside = join(theirs, "a", "b");
    assertEquals(await makeOwnFolder(inside), true);
    assertEquals(await makeOwnFolder(inside), false);
    await writeFileAtomic(join(inside, "file"), "new", { mode: 0o600 });
    const options = { append: true, create: true, mode: 0o640 };
    for (const path of [join(inside, "log"), join(dirs.folder, "ours")]) {
      using _file = await openOwn(path, options);
    }
    assertEquals(ownerAndMode(join(theirs, "a")), [NOBODY, NOBODY, "750"]);
    assertEquals(ownerAndMode(inside), [NOBODY, NOBODY, "750"]);
    assertEquals(ownerAndMode(join(inside, "file")), [NOBODY, NOBODY, "600"]);
    assertEquals(ownerAndMode(join(inside, "log")), [NOBODY, NOBODY, "640"]);
    assertEquals(ownerAndMode(join(dirs.folder, "ours")), [0, 0, "640"]);
  },
);

testWhen(
  lacks({ root: true }),
  "a link that takes a new file's name gives nobody another file's bits or owner",
  () => {
    using dirs = scratch();
    const theirs = foreignFolder(dirs.folder);
    const victim = join(dirs.folder, "precious");
    Deno.writeTextFileSync(victim, PRECIOUS, { mode: 0o600 });
    for (const replace of [Deno.symlinkSync, Deno.linkSync]) {
      const path = join(theirs, "file");
      using file = Deno.openSync(path, { write: true, createNew: true });
      Deno.removeSync(path);
      replace(victim, path);
      assertThrows(() => giveToFolderOwner(file, path, 0o666));
      assertEquals(ownerAndMode(victim), [0, 0, "600"]);
      Deno.removeSync(path);
    }
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

Deno.test("`openOwn()` opens a file that is replaced again and again, and takes none of them for foreign", async () => {
  using dirs = scratch();
  const path = join(dirs.folder, "file");
  Deno.writeTextFileSync(path, "whole");
  const open = Deno.open;
  let replaced = 0;
  try {
    // Just when it has been looked at.
    Deno.open = (...args) => {
      if (replaced++ < 3) {
        Deno.writeTextFileSync(`${path}.new`, "whole");
        Deno.renameSync(`${path}.new`, path);
      }
      return open(...args);
    };
    assertEquals(await readOwnText(path), "whole");
  } finally {
    Deno.open = open;
  }
  assertEquals(replaced, 4);
});
