/** Records page by page over a real archive and RAM log: each once, the newest first, whatever moves between two pages. */

import fc from "fast-check";
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { type GapRecord, isGap, type LogRecord } from "../../../record/log_record.ts";
import { isWanted, type RecordFilter } from "../../../record/record_filter.ts";
import {
  findRecord,
  type PageQuestion,
  readRecordPage,
  recordId,
} from "../../../report/question/record_pages.ts";
import { keepSummaries } from "../../../report/summary/summaries.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { lineOf, type MadeUpLog, madeUpRecords, openMadeUpLog } from "../export/made_up_log.ts";

/** All pages, one after the other; `between` is called before each but the first. */
async function allPages(
  log: MadeUpLog,
  question: Partial<PageQuestion>,
  between: () => Promise<void> = () => Promise.resolve(),
) {
  const lines: string[] = [];
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1;; pages++) {
    const page = await readRecordPage(log, {
      filter: {},
      hasGaps: true,
      limit: 3,
      isEnough: () => false,
      ...question,
      cursor,
    });
    assertEquals([page.faults, page.foreign], [[], 0]);
    lines.push(...page.records.map(({ line }) => line));
    ids.push(...page.records.map(({ id }) => id));
    if (page.next === undefined) return { lines, ids, pages };
    assert(pages < 1_000, "it does not end");
    cursor = page.next;
    await between();
  }
}

/** As the log has them: day by day, then what is in RAM. */
function inOrder(records: readonly LogRecord[]): LogRecord[] {
  const days = Map.groupBy(records, (record) => localDay(Date.parse(record["@timestamp"])));
  return [...days.keys()].sort().flatMap((day) => days.get(day)!);
}

/** What a flush does: what is in RAM is at the end of its day's file. */
async function flush({ ramLogPath, archiveDir }: MadeUpLog): Promise<void> {
  const text = await Deno.readTextFile(ramLogPath);
  for (const line of text.split("\n").filter(Boolean)) {
    const day = localDay(Date.parse(JSON.parse(line)["@timestamp"]));
    await Deno.writeTextFile(join(archiveDir, `${day}.log`), line + "\n", { append: true });
  }
  await Deno.writeTextFile(ramLogPath, "");
}

/** What compressing a closed day does. */
async function compress({ archiveDir }: MadeUpLog): Promise<void> {
  for (const { name } of [...Deno.readDirSync(archiveDir)]) {
    if (!name.endsWith(".log")) continue;
    const path = join(archiveDir, name);
    await Deno.writeFile(`${path}.gz`, gzipSync(await Deno.readFile(path)), { append: true });
    await Deno.remove(path);
  }
}

/** Two gaps of one millisecond that are alike otherwise are one to a cursor: no logger writes such. */
const differentRecords = madeUpRecords.map((records) => [
  ...new Map(records.map((record) => [recordId(lineOf(record), record), record])).values(),
]);

Deno.test("pages have every record once, the newest first, however long they are", async () => {
  await fc.assert(
    fc.asyncProperty(differentRecords, fc.integer({ min: 1, max: 9 }), async (records, limit) => {
      await using log = await openMadeUpLog(records);
      const { lines } = await allPages(log, { limit });
      assertEquals(lines, inOrder(records).map(lineOf).reverse());
    }),
    { numRuns: 30 },
  );
});

Deno.test("a page that ends with a gap is gone on with before that one, and not before an earlier one that is alike", async () => {
  const records = Array.from({ length: 6 }, (_, i): GapRecord => {
    const at = `2026-11-22T1${i}:00:00.000`;
    return {
      "@timestamp": `${at}Z`,
      event: { action: "gap", start: `${at}000Z`, end: `${at}000Z`, duration: 0 },
      wifilogger: { v: 1, gap: { reason: "restart" }, clock: "synced" },
    };
  });
  await using log = await openMadeUpLog([]);
  const lines = records.map(lineOf);
  await Deno.writeTextFile(log.ramLogPath, lines.join("\n") + "\n");
  for (const between of [undefined, () => flush(log)]) {
    assertEquals((await allPages(log, { limit: 1 }, between)).lines, lines.toReversed());
  }
  const { ids } = await allPages(log, {});
  for (const [i, id] of ids.toReversed().entries()) {
    assertEquals((await findRecord(log, id))?.line, lines[i]);
  }
});

Deno.test("a flush and compressing between two pages lose nothing and give nothing twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      differentRecords,
      fc.nat(6),
      fc.nat(6),
      async (records, flushAt, compressAt) => {
        await using log = await openMadeUpLog(records);
        let pages = 0;
        const { lines } = await allPages(log, { limit: 2 }, async () => {
          if (pages === flushAt) await flush(log);
          if (pages === flushAt + compressAt) await compress(log);
          pages++;
        });
        assertEquals(lines, inOrder(records).map(lineOf).reverse());
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("what is wanted is what the filter says, also where summaries pass days over", async () => {
  let passedOver = 0;
  await fc.assert(
    fc.asyncProperty(
      differentRecords,
      fc.constantFrom<RecordFilter>(
        { site: "example.org" },
        { name: "www.example.net" },
        { name: "93.184.216.34" },
        { protocol: "quic" },
        { evidence: "none" },
        { direction: "inbound" },
        { sinceMs: Date.UTC(2026, 10, 21), untilMs: Date.UTC(2026, 10, 22, 12) },
      ),
      fc.boolean(),
      async (records, filter, hasGaps) => {
        await using log = await openMadeUpLog(records);
        const wanted = inOrder(records)
          .filter((record) => (hasGaps || !isGap(record)) && isWanted(record, filter))
          .map(lineOf).reverse();
        for (const isSummed of [false, true]) {
          if (isSummed) passedOver += await sumAllDays(log.archiveDir);
          const { lines } = await allPages(log, { filter, hasGaps, limit: 4 });
          assertEquals(lines, wanted);
          // A search that is broken off after each day goes on there.
          const slow = await allPages(log, { filter, hasGaps, limit: 4, isEnough: () => true });
          assertEquals(slow.lines, wanted);
        }
      },
    ),
    { numRuns: 30 },
  );
  assert(passedOver > 10, `${passedOver} days were summed`);
});

async function sumAllDays(archiveDir: string): Promise<number> {
  for (let days = 0;; days++) {
    const { made } = await keepSummaries({
      archiveDir,
      compressAfterDays: undefined,
      retention: { days: undefined, bytes: undefined },
      today: "2099-01-01",
      clockIsTrusted: true,
      card: { note() {} },
    });
    if (made === undefined) return days;
  }
}

Deno.test("a record is found by its id, with the other lines of its flow", async () => {
  await fc.assert(
    fc.asyncProperty(differentRecords, async (records) => {
      await using log = await openMadeUpLog(records);
      const { ids, lines } = await allPages(log, { limit: 50 });
      for (const [i, id] of ids.entries()) {
        const found = await findRecord(log, id);
        if (isGap(JSON.parse(lines[i]))) {
          // Gaps of one kind at one time are one to whoever asks.
          assertEquals(isGap(found!.record), true);
          continue;
        }
        assertEquals([found?.id, found?.line], [id, lines[i]]);
        assert(found!.flow.some((line) => line.id === id));
        const flowIds = new Set(
          found!.flow.map(({ record }) => !isGap(record) && record.wifilogger.flow_id),
        );
        assertEquals(flowIds.size, 1);
      }
    }),
    { numRuns: 10 },
  );
});

Deno.test("what is no cursor and no id says so", async () => {
  await using log = await openMadeUpLog([]);
  const question = { filter: {}, hasGaps: true, limit: 3, isEnough: () => false };
  for (const cursor of ["", "x", "2026-11-22", "ram~", "ram~1", "../x~1", "2026-11-22~-1"]) {
    await assertRejects(() => readRecordPage(log, { ...question, cursor }), Error, "cursor");
  }
  await assertRejects(() => findRecord(log, "../../x"), Error, "no record");
  assertEquals(await findRecord(log, "1000.a.0"), undefined);
});
