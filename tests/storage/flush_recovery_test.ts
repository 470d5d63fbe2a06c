/** Every state that a killed flush can leave, built by hand; each must end with every record once. */

import { join } from "node:path";
import fc from "fast-check";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import {
  archivedIds,
  fileNames,
  noonOf,
  recordIds,
  recordLine,
  type Scratch,
  scratch,
  textOf,
} from "./scratch.ts";

const EARLIER = recordLine(1, noonOf("2026-11-22"));
const FIRST_DAY = recordLine(2, noonOf("2026-11-22")) + recordLine(3, noonOf("2026-11-22"));
const SECOND_DAY = recordLine(4, noonOf("2026-11-23"));
const SEGMENT = FIRST_DAY + SECOND_DAY;
const AFTERWARDS = recordLine(5, noonOf("2026-11-23"));

/** What lies on the disks when the process died; a file that is left out is not there. */
interface Remains {
  log?: string;
  segment?: string;
  /** Whether the journal of the flush of `SEGMENT` is there. */
  journal?: boolean;
  spareJournal?: string;
  firstArchive?: string;
  secondArchive?: string;
}

function lay(place: Scratch, remains: Remains): void {
  const { log, segment, journal, spareJournal, firstArchive, secondArchive } = remains;
  const first = join(place.archiveDir, "2026-11-22.log");
  const second = join(place.archiveDir, "2026-11-23.log");
  const archives = [
    { path: first, sizeBefore: EARLIER.length },
    { path: second, sizeBefore: 0 },
  ];
  Deno.mkdirSync(place.archiveDir);
  const write = (path: string, text: string | undefined) => {
    if (text !== undefined) Deno.writeTextFileSync(path, text);
  };
  write(place.ramLogPath, log);
  write(`${place.ramLogPath}.flushing`, segment);
  write(`${place.ramLogPath}.journal`, journal ? JSON.stringify({ archives }) : undefined);
  write(`${place.ramLogPath}.journal.spare`, spareJournal);
  write(first, firstArchive);
  write(second, secondArchive);
}

/** Opens the store on what remained, flushes, and returns the ids in the archive. */
async function idsAfterRecovery(place: Scratch): Promise<number[]> {
  await using store = await LogStore.open(place.options);
  await store.flush();
  assertEquals(store.ramRecords, 0);
  assertEquals(fileNames(place.ramFolder), [
    "today.log",
    "today.log.gap.spare",
    "today.log.journal.spare",
    "today.log.lock",
  ]);
  return archivedIds(place.archiveDir);
}

const SPARE = " ".repeat(4096);
const states: Record<string, Remains> = {
  "before the seal": { log: SEGMENT, spareJournal: SPARE, firstArchive: EARLIER },
  "between rename and fresh log": {
    segment: SEGMENT,
    spareJournal: SPARE,
    firstArchive: EARLIER,
  },
  "after the seal": {
    log: "",
    segment: SEGMENT,
    spareJournal: SPARE,
    firstArchive: EARLIER,
  },
  "while the journal was being written": {
    log: AFTERWARDS,
    segment: SEGMENT,
    spareJournal: '{"archives":[{"pa'.padEnd(4096),
    firstArchive: EARLIER,
  },
  "after the journal": {
    log: AFTERWARDS,
    segment: SEGMENT,
    journal: true,
    firstArchive: EARLIER,
  },
  "in the middle of a line of the first archive": {
    log: AFTERWARDS,
    segment: SEGMENT,
    journal: true,
    firstArchive: EARLIER + FIRST_DAY.slice(0, FIRST_DAY.length - 20),
  },
  "between the archives": {
    log: AFTERWARDS,
    segment: SEGMENT,
    journal: true,
    firstArchive: EARLIER + FIRST_DAY,
  },
  "in the middle of a line of the second archive": {
    log: AFTERWARDS,
    segment: SEGMENT,
    journal: true,
    firstArchive: EARLIER + FIRST_DAY,
    secondArchive: SECOND_DAY.slice(0, 20),
  },
  "after the archives": {
    log: AFTERWARDS,
    segment: SEGMENT,
    journal: true,
    firstArchive: EARLIER + FIRST_DAY,
    secondArchive: SECOND_DAY,
  },
  "after the segment was removed": {
    log: AFTERWARDS,
    journal: true,
    firstArchive: EARLIER + FIRST_DAY,
    secondArchive: SECOND_DAY,
  },
  "after the journal was removed": {
    log: AFTERWARDS,
    spareJournal: "{}",
    firstArchive: EARLIER + FIRST_DAY,
    secondArchive: SECOND_DAY,
  },
};

for (const [moment, remains] of Object.entries(states)) {
  Deno.test(`\`LogStore.open()\` files every record once when it was killed ${moment}`, async () => {
    using place = scratch();
    lay(place, remains);
    const expected = remains.log === AFTERWARDS ? [1, 2, 3, 4, 5] : [1, 2, 3, 4];
    assertEquals(await idsAfterRecovery(place), expected);
  });
}

Deno.test("`LogStore.open()` files every record once wherever in the archives it was killed", async () => {
  const first = fc.integer({ min: 0, max: FIRST_DAY.length });
  const second = fc.integer({ min: 0, max: SECOND_DAY.length });
  await fc.assert(
    fc.asyncProperty(first, second, async (firstCut, secondCut) => {
      using place = scratch();
      lay(place, {
        segment: SEGMENT,
        journal: true,
        firstArchive: EARLIER + FIRST_DAY.slice(0, firstCut),
        secondArchive: SECOND_DAY.slice(0, secondCut),
      });
      assertEquals(await idsAfterRecovery(place), [1, 2, 3, 4]);
    }),
    { numRuns: 40 },
  );
});

Deno.test("`LogStore.open()` leaves the newest records in the RAM log and counts them", async () => {
  using place = scratch();
  lay(place, { log: AFTERWARDS, segment: SEGMENT, journal: true, firstArchive: EARLIER });
  await using store = await LogStore.open(place.options);
  assertEquals([store.ramRecords, store.ramBytes], [1, AFTERWARDS.length]);
  assertEquals(recordIds(textOf(place.ramLogPath)), [5]);
  assertEquals([store.counters.flushedRecords, store.counters.flushes], [3, 0]);
  assertEquals(place.warnings.length, 1);
  assertStringIncludes(place.warnings[0], "3 records");
});

Deno.test("`LogStore.open()` appends and warns when an archive is shorter than journaled", async () => {
  using place = scratch();
  lay(place, { segment: SEGMENT, journal: true });
  const first = join(place.archiveDir, "2026-11-22.log");
  const kept = '{"wifilogger":{"flow_id":1}}\n';
  Deno.writeTextFileSync(first, kept);
  await using _store = await LogStore.open(place.options);
  assertEquals(archivedIds(place.archiveDir), [1, 2, 3, 4]);
  assertStringIncludes(place.warnings[0], `${EARLIER.length - kept.length} bytes shorter`);
  assertStringIncludes(place.warnings[0], first);
});

Deno.test("`LogStore.open()` files the records once when the archive folder has changed", async () => {
  using place = scratch();
  lay(place, { segment: SEGMENT, journal: true, firstArchive: EARLIER + FIRST_DAY.slice(0, 9) });
  const archiveDir = join(place.folder, "elsewhere");
  await using _store = await LogStore.open({ ...place.options, archiveDir });
  assertEquals(archivedIds(place.archiveDir), [1]);
  assertEquals(archivedIds(archiveDir), [2, 3, 4]);
});

Deno.test("`LogStore.open()` warns and loses nothing when the journal was tampered with", async () => {
  const journals = ["", "{}", '{"archives":[{"path":1}]}', "\u0000\u0000"];
  // It would be cut off.
  const ofVictim = (path: string) => JSON.stringify({ archives: [{ path, sizeBefore: 0 }] });
  for (const journal of [...journals, undefined]) {
    using place = scratch();
    lay(place, { segment: SEGMENT, firstArchive: EARLIER });
    const victim = join(place.folder, "precious");
    Deno.writeTextFileSync(victim, "somebody else's");
    Deno.writeTextFileSync(`${place.ramLogPath}.journal`, journal ?? ofVictim(victim));
    await using _store = await LogStore.open(place.options);
    assertEquals(archivedIds(place.archiveDir), [1, 2, 3, 4]);
    assertStringIncludes(place.warnings[0], `${place.ramLogPath}.journal`);
    assertEquals(textOf(victim), "somebody else's");
  }
});

Deno.test("`LogStore.open()` opens all the same when the archive cannot be written", async () => {
  using place = scratch();
  lay(place, { log: AFTERWARDS, segment: SEGMENT, journal: true, firstArchive: EARLIER });
  Deno.mkdirSync(join(place.archiveDir, "2026-11-23.log"));
  await using store = await LogStore.open(place.options);
  assertEquals(store.ramRecords, 4);
  assertStringIncludes(place.warnings[0], join(place.archiveDir, "2026-11-23.log"));
  store.append(recordLine(6, noonOf("2026-11-23")), 1);
  Deno.removeSync(join(place.archiveDir, "2026-11-23.log"));
  await store.flush();
  assertEquals(archivedIds(place.archiveDir), [1, 2, 3, 4, 5, 6]);
});
