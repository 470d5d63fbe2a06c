/** Sums of whole months say what their days say, and are made anew when a day has changed. */

import fc from "fast-check";
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { type Answer, ask, type Question } from "../../../report/question/answer.ts";
import { KeptMonths } from "../../../report/summary/month_sums.ts";
import { keepSummaries } from "../../../report/summary/summaries.ts";
import { decodeHead } from "../../../report/summary/summary_file.ts";
import { assert, assertEquals } from "../../assert.ts";
import { lineOf, type MadeUpLog, madeUpRecords, openMadeUpLog } from "../export/made_up_log.ts";

const BYS = [["device"], ["site", "country"], ["month", "owner"], []] as const;
const SPANS = [
  { sinceMs: Date.UTC(2000), untilMs: Date.UTC(2100) },
  { sinceMs: new Date(2026, 10, 1).getTime(), untilMs: new Date(2026, 11, 1).getTime() },
  // Within the month: nothing of it is whole.
  { sinceMs: Date.UTC(2026, 10, 21), untilMs: Date.UTC(2026, 11, 2) },
];

async function sumAllDays(archiveDir: string): Promise<void> {
  for (;;) {
    const { made } = await keepSummaries({
      archiveDir,
      compressAfterDays: undefined,
      retention: { days: undefined, bytes: undefined },
      today: "2099-01-01",
      clockIsTrusted: true,
      card: { note() {} },
    });
    if (made === undefined) return;
  }
}

/** What matters of an answer; of each hour only that it is of the month. */
function said({ total, rows, evidence, gaps, foreign, notes, hours }: Answer) {
  const hourly = hours.reduce((sum, { sums }) => sum + sums.upBytes + sums.downBytes, 0);
  const sorted = gaps.toSorted((a, b) => a.hourMs - b.hourMs || (a.reason < b.reason ? -1 : 1));
  return { total, rows, evidence, gaps: sorted, foreign, notes, hourly };
}

Deno.test("an answer from sums of months is the one from their days", async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(
      madeUpRecords,
      fc.constantFrom(...BYS),
      fc.constantFrom(...SPANS),
      async (records, by, span) => {
        await using log = await openMadeUpLog(records);
        await sumAllDays(log.archiveDir);
        const question: Question = { span, by, filter: {}, billingDay: 1 };
        const wanted = said(await ask(log, question));
        const monthsDir = join(log.home, "web");
        const months = new KeptMonths(log.archiveDir, monthsDir);
        // Once from the days, once from the months.
        for (let i = 0; i < 2; i++) {
          const found = await ask({ ...log, months }, { ...question, isByMonths: true });
          assertEquals(said(found), wanted);
          await months.makeMissing();
        }
        kept += filesIn(monthsDir).length;
      },
    ),
    { numRuns: 40 },
  );
  assert(kept > 5, `${kept} months were kept`);
});

Deno.test("a late line makes the month anew, and a damaged file, too", async () => {
  const [sample] = fc.sample(madeUpRecords, { numRuns: 1, seed: 7 });
  await using log = await openMadeUpLog(sample);
  await moveToArchive(log);
  await sumAllDays(log.archiveDir);
  const monthsDir = join(log.home, "web");
  const question: Question = { span: SPANS[1], by: ["device"], filter: {}, billingDay: 1 };
  const months = new KeptMonths(log.archiveDir, monthsDir);
  const asked = async () => {
    const ofDays = said(await ask({ ...log, months }, { ...question, isByMonths: true }));
    await months.makeMissing();
    const [name] = filesIn(monthsDir);
    const writtenMs = Deno.statSync(join(monthsDir, name)).mtime!.getTime();
    const ofMonths = said(await ask({ ...log, months }, { ...question, isByMonths: true }));
    assertEquals(ofMonths, ofDays);
    await months.makeMissing();
    assertEquals(
      Deno.statSync(join(monthsDir, name)).mtime!.getTime(),
      writtenMs,
      "true, and kept",
    );
    return ofDays;
  };
  const before = await asked();
  const [name] = filesIn(monthsDir);
  const late = join(log.archiveDir, "2026-11-20.log.gz");
  await Deno.writeFile(late, gzipSync(lineOf(sample[0]) + "\n"), { append: true });
  await sumAllDays(log.archiveDir);
  const after = await asked();
  assertEquals(after, said(await ask(log, question)));
  assert(JSON.stringify(after) !== JSON.stringify(before));
  await Deno.writeTextFile(join(monthsDir, name), "no summary");
  assertEquals(await asked(), after);
  assert(decodeHead(await Deno.readFile(join(monthsDir, name))) !== undefined, "made anew");
});

/** What a flush does: nothing is left in RAM, which would be no day's. */
async function moveToArchive({ ramLogPath, archiveDir }: MadeUpLog): Promise<void> {
  const lines = (await Deno.readTextFile(ramLogPath)).split("\n").filter(Boolean);
  for (const line of lines) {
    const day = JSON.parse(line)["@timestamp"].slice(0, 10);
    await Deno.writeTextFile(join(archiveDir, `${day}.log`), line + "\n", { append: true });
  }
  await Deno.writeTextFile(ramLogPath, "");
}

function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
