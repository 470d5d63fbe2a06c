/** Questions asked of a real archive and RAM log: sums are those of the records, whatever is read for them. */

import fc from "fast-check";
import { join } from "@std/path";
import { isGap, isMerged, type LogRecord } from "../../../record/log_record.ts";
import { isWanted } from "../../../record/record_filter.ts";
import { type Answer, ask, type Question } from "../../../report/question/answer.ts";
import { bytesOf } from "../../../report/facts/fact.ts";
import { answerJson } from "../../../report/render/answer_json.ts";
import { keepSummaries, listSummaries, summaryDir } from "../../../report/summary/summaries.ts";
import { assert, assertEquals } from "../../assert.ts";
import { lineOf, madeUpRecords, openMadeUpLog } from "../export/made_up_log.ts";

const EVER = { sinceMs: Date.UTC(2000), untilMs: Date.UTC(2100) };

const question = (more: Partial<Question> = {}): Question => ({
  span: EVER,
  by: [],
  filter: {},
  billingDay: 1,
  ...more,
});

/** What the records sum to, each read on its own. */
function sumsOf(records: readonly LogRecord[]) {
  const sums = { upBytes: 0, downBytes: 0, packets: 0, flows: 0 };
  for (const record of records) {
    if (isGap(record)) continue;
    const { source, destination, network } = record;
    const isInbound = network.direction === "inbound";
    sums.upBytes += (isInbound ? destination : source).bytes;
    sums.downBytes += (isInbound ? source : destination).bytes;
    sums.packets += network.packets;
    sums.flows += isMerged(record)
      ? record.wifilogger.merged_flows
      : record.wifilogger.part === 0
      ? 1
      : 0;
  }
  return sums;
}

/** Sums every day that the archive has, and says how many there are. */
async function sumAllDays(
  archiveDir: string,
  { compressAfterDays }: { compressAfterDays?: number } = {},
) {
  for (;;) {
    const { made } = await keepSummaries({
      archiveDir,
      compressAfterDays,
      retention: { days: undefined, bytes: undefined },
      today: "2099-01-01",
      clockIsTrusted: true,
      card: { note() {} },
    });
    if (made === undefined) break;
  }
  return (await listSummaries(summaryDir(archiveDir))).length;
}

const sumOfRows = ({ rows }: Answer) => rows.reduce((sum, { sums }) => sum + bytesOf(sums), 0);

Deno.test("`ask()` sums what the records say, from records and from summaries alike", async () => {
  let summaries = 0;
  await fc.assert(
    fc.asyncProperty(madeUpRecords, async (records) => {
      await using log = await openMadeUpLog(records);
      const wanted = sumsOf(records);
      const gaps = records.filter(isGap).length;
      for (const isSummed of [false, true]) {
        if (isSummed) summaries += await sumAllDays(log.archiveDir);
        const answer = await ask(log, question({ by: ["device", "site", "hour"] }));
        assertEquals(answer.total, wanted);
        assertEquals(answer.gaps.reduce((sum, { records }) => sum + records, 0), gaps);
        assertEquals(sumOfRows(answer), wanted.upBytes + wanted.downBytes);
        assertEquals(answer.notes.faults, []);
        JSON.parse(answerJson(answer));
      }
    }),
    { numRuns: 40 },
  );
  assert(summaries > 40, "days were summed");
});

Deno.test("`ask()` chooses what `isWanted()` chooses", async () => {
  const filters = [
    { name: "example.org" },
    { protocol: "tls" },
    { protocol: "udp" },
    { port: 443 },
    { direction: "inbound" },
    { evidence: "none" },
    { country: "de" },
    { owner: "a" },
  ];
  await fc.assert(
    fc.asyncProperty(madeUpRecords, fc.constantFrom(...filters), async (records, filter) => {
      await using log = await openMadeUpLog(records);
      const wanted = sumsOf(records.filter((record) => isWanted(record, filter)));
      assertEquals((await ask(log, question({ filter }))).total, wanted);
      await sumAllDays(log.archiveDir);
      assertEquals((await ask(log, question({ filter }))).total, wanted);
    }),
    { numRuns: 60 },
  );
});

Deno.test("`ask()` reads a span to the millisecond while there are records, and says when there are only sums", async () => {
  await fc.assert(
    fc.asyncProperty(madeUpRecords, fc.nat(3 * 24 * 3600e3), async (records, length) => {
      await using log = await openMadeUpLog(records);
      const times = records.map((record) => Date.parse(record["@timestamp"]));
      const sinceMs = Math.min(...times) + 1;
      const span = { sinceMs, untilMs: sinceMs + length + 1 };
      const wanted = sumsOf(
        records.filter((record) => isWanted(record, span)),
      );
      await sumAllDays(log.archiveDir);
      const answer = await ask(log, question({ span }));
      assertEquals(answer.total, wanted);
      assertEquals(answer.notes.roundedDays, []);
    }),
    { numRuns: 40 },
  );
});

Deno.test("`ask()` does not believe a summary when late records came, and a new one is made", async () => {
  const [records] = fc.sample(madeUpRecords, { numRuns: 1, seed: 42 });
  await using log = await openMadeUpLog(records);
  await sumAllDays(log.archiveDir);
  const flow = records.find((record) => !isGap(record))!;
  const day = new Date(flow["@timestamp"]).toLocaleDateString("sv-SE");
  await Deno.writeTextFile(join(log.archiveDir, `${day}.log`), lineOf(flow) + "\n", {
    append: true,
  });
  const wanted = sumsOf([...records, flow]);
  assertEquals((await ask(log, question())).total, wanted);
  const path = join(summaryDir(log.archiveDir), `${day}.summary`);
  const before = await Deno.readFile(path).catch(() => undefined);
  await sumAllDays(log.archiveDir);
  assert(String(before) !== String(await Deno.readFile(path)), "it was made anew");
  assertEquals((await ask(log, question())).total, wanted);
});

Deno.test("`ask()` answers from summaries alone when the days have gone", async () => {
  const [records] = fc.sample(madeUpRecords, { numRuns: 1, seed: 3 });
  await using log = await openMadeUpLog(records);
  await Deno.writeTextFile(log.ramLogPath, "");
  const before = await ask(log, question({ by: ["name"] }));
  await sumAllDays(log.archiveDir);
  for (const { name, isFile } of [...Deno.readDirSync(log.archiveDir)]) {
    if (isFile) await Deno.remove(join(log.archiveDir, name));
  }
  const after = await ask(log, question({ by: ["name"] }));
  assertEquals(after.total, before.total);
  assertEquals(after.rows.length, before.rows.length);
  assertEquals(after.gaps.length > 0, before.gaps.length > 0);
  const silent = await ask(log, question({ filter: { name: "192.0.2.1" } }));
  assert(silent.notes.silentDays.length > 0, "no address is kept in a summary, and that is said");
});
