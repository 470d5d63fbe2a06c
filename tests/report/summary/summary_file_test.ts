import fc from "fast-check";
import { emptyFact, type Fact, type GapFact } from "../../../report/facts/fact.ts";
import { LineFacts } from "../../../report/facts/line_facts.ts";
import { Vocabulary } from "../../../report/facts/vocabulary.ts";
import { type DaySummary, OTHER, SummaryBuilder } from "../../../report/summary/day_summary.ts";
import { decodeSummary, encodeSummary } from "../../../report/summary/summary_file.ts";
import { VarintReader, VarintWriter } from "../../../report/summary/varints.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { householdLines } from "../../../scripts/made_up_log/household_day.ts";
import { inWords } from "../facts/words.ts";
import { lineOf, madeUpRecords } from "../export/made_up_log.ts";

const EVER = { sinceMs: -Infinity, untilMs: Infinity };

function summaryOf(text: string, bounds = {}): DaySummary {
  const builder = new SummaryBuilder(bounds);
  new LineFacts(builder.vocabulary, EVER, builder).read(new TextEncoder().encode(text));
  return builder.finish();
}

const sumsOf = (rows: readonly Readonly<Fact>[]) =>
  rows.reduce((sum, { upBytes, downBytes, packets, flows }) => ({
    upBytes: sum.upBytes + upBytes,
    downBytes: sum.downBytes + downBytes,
    packets: sum.packets + packets,
    flows: sum.flows + flows,
  }), { upBytes: 0, downBytes: 0, packets: 0, flows: 0 });

/** A text that is equal for rows of the same words, at whatever hour. */
function wordsOf(
  { device, name, country, owner, service, direction, evidence }: Fact,
  vocabulary: Vocabulary,
): string {
  const row = { ...emptyFact(), device, name, country, owner, service, direction, evidence };
  return JSON.stringify(inWords(row, vocabulary));
}

Deno.test("a summary's file gives back its rows, words and gaps", async () => {
  await fc.assert(
    fc.asyncProperty(madeUpRecords, async (records) => {
      const summary = summaryOf(records.map((record) => lineOf(record) + "\n").join(""));
      const source = { gzipBytes: 7, gzipCrc: 0xffffffff };
      const file = await encodeSummary("2026-11-20", source, summary);
      const opened = decodeSummary(file);
      assertEquals(opened.head.source, source);
      assertEquals(opened.head.records, summary.records);
      const vocabulary = new Vocabulary();
      const rows: Fact[] = [];
      const gaps: GapFact[] = [];
      opened.readRows(vocabulary, EVER, {
        fact: (fact) => rows.push({ ...fact }),
        gap: (gap) => gaps.push(gap),
        foreign: () => {},
      });
      assertEquals(
        rows.map((row) => inWords(row, vocabulary)),
        summary.rows.map((row) => inWords(row, summary.vocabulary)),
      );
      assertEquals(gaps, [...summary.gaps]);
    }),
    { numRuns: 100 },
  );
});

Deno.test("rows of a day come as of its first hour where months are asked for, each word's sums whole", async () => {
  const day = { startMs: Date.parse("2026-11-20T00:00:00"), records: 3000, seed: 4 };
  const summary = summaryOf([...householdLines(day)].join(""));
  const file = await encodeSummary("2026-11-20", {}, summary);
  const rowsOf = (hours: typeof EVER) => {
    using opened = decodeSummary(file);
    const vocabulary = new Vocabulary();
    const rows: Fact[] = [];
    const sink = {
      fact: (fact: Fact) => rows.push({ ...fact }),
      gap: () => {},
      foreign: () => {},
    };
    opened.readRows(vocabulary, hours, sink, { isByMonths: true });
    return rows.map((row) => ({ ...row, words: wordsOf(row, vocabulary) }));
  };
  const merged = rowsOf(EVER);
  assertEquals([...new Set(merged.map(({ hourMs }) => hourMs))], [day.startMs]);
  assert(merged.length < summary.rows.length, `${merged.length} of ${summary.rows.length} rows`);
  assertEquals(new Set(merged.map(({ words }) => words)).size, merged.length);
  const byWords = Map.groupBy(summary.rows, (row) => wordsOf(row, summary.vocabulary));
  for (const { words, ...row } of merged) {
    assertEquals(sumsOf([row]), sumsOf(byWords.get(words) ?? []), words);
  }
  // Part of a day is told by its hours.
  const from = { sinceMs: day.startMs + 12 * 3600e3, untilMs: Infinity };
  assertEquals(
    sumsOf(rowsOf(from)),
    sumsOf(summary.rows.filter((row) => row.hourMs >= from.sinceMs)),
  );
});

Deno.test("a summary is bounded, keeps the largest rows and every byte, and says what it summed", () => {
  const day = { startMs: Date.parse("2026-11-20T00:00:00"), records: 4000, seed: 9 };
  const text = [...householdLines(day)].join("");
  const whole = summaryOf(text);
  const bounded = summaryOf(text, { maxRows: 1000, maxHeldRows: 2500 });
  assert(whole.rows.length > 2500, `${whole.rows.length} rows`);
  assert(bounded.rows.length <= 2000, `${bounded.rows.length} rows`);
  assertEquals(sumsOf(bounded.rows), sumsOf(whole.rows));
  assert(bounded.folded.rows > 0);
  const { words } = bounded.vocabulary.names;
  const other = bounded.rows.filter(({ name }) => words[name] === OTHER);
  assertEquals(
    other.reduce((sum, row) => sum + row.upBytes + row.downBytes, 0),
    bounded.folded.bytes,
  );
  const devices = (summary: DaySummary) =>
    new Set(summary.rows.map((row) => inWords(row, summary.vocabulary).device.ip)).size;
  assertEquals(devices(bounded), devices(whole), "no device is lost");
});

Deno.test("a damaged summary is said to be one", async () => {
  const summary = summaryOf([...householdLines({ startMs: 0, records: 100, seed: 1 })].join(""));
  const file = await encodeSummary("1970-01-01", {}, summary);
  for (const length of [0, 10, 200, file.length - 1]) {
    assertThrows(() => decodeSummary(file.subarray(0, length)), Error);
  }
});

Deno.test("varints give back every whole number", () => {
  fc.assert(
    fc.property(
      fc.array(fc.maxSafeNat()),
      fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 })),
      (whole, signed) => {
        const writer = new VarintWriter();
        whole.forEach((value) => writer.write(value));
        signed.forEach((value) => writer.writeSigned(value));
        const reader = new VarintReader(writer.bytes);
        assertEquals(whole.map(() => reader.read()), whole);
        assertEquals(signed.map(() => reader.readSigned()), signed.map((value) => value + 0));
        assertThrows(() => reader.read(), RangeError);
      },
    ),
  );
});

Deno.test("`emptyFact()` has every field of a sum at zero", () => {
  assert(Object.values(emptyFact()).every((value) => value === 0));
});
