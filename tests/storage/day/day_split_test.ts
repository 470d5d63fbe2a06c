import fc from "fast-check";
import { assertEquals } from "../../assert.ts";
import { localDay } from "../../../storage/day/calendar_day.ts";
import { type DayRun, splitByDay } from "../../../storage/day/day_split.ts";
import { wholeLines } from "../../../storage/archive/whole_lines.ts";
import { scratch } from "../scratch.ts";

const UNDATED = "2001-01-01";
const decoder = new TextDecoder();

interface Line {
  text: string;
  day: string;
}

const datedLine: fc.Arbitrary<Line> = fc
  .record({
    timeMs: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 0, 4) }),
    first: fc.boolean(),
    note: fc.string({ unit: "grapheme" }),
  })
  .map(({ timeMs, first, note }) => {
    const timestamp = new Date(timeMs).toISOString();
    const record = first ? { "@timestamp": timestamp, note } : { note, "@timestamp": timestamp };
    return { text: JSON.stringify(record) + "\n", day: localDay(timeMs) };
  });

const undatedLine: fc.Arbitrary<Line> = fc
  .string({ unit: "grapheme" })
  .map((text) => ({ text: text.replaceAll("\n", "") + "\n", day: UNDATED }));

/** Mostly dated lines; now and then one that is longer than a block, or no record at all. */
const lines: fc.Arbitrary<Line[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: datedLine },
    { weight: 2, arbitrary: undatedLine },
  ),
  { maxLength: 60 },
);

function linesPerDay(runs: Iterable<{ day: string; text: string }>): Map<string, string> {
  const days = new Map<string, string>();
  for (const { day, text } of runs) days.set(day, (days.get(day) ?? "") + text);
  return days;
}

function decoded({ day, bytes }: DayRun): { day: string; text: string } {
  return { day, text: decoder.decode(bytes) };
}

Deno.test("`splitByDay()` gives every line to its day, in order, and loses no byte", () => {
  fc.assert(fc.property(lines, (lines) => {
    const block = new TextEncoder().encode(lines.map((line) => line.text).join(""));
    const runs = [...splitByDay(block, UNDATED)];
    assertEquals(linesPerDay(runs.map(decoded)), linesPerDay(lines));
    assertEquals(runs.map((run) => decoder.decode(run.bytes)).join(""), decoder.decode(block));
  }));
});

Deno.test("`splitByDay()` counts every line once, and joins neighbours of a day", () => {
  fc.assert(fc.property(lines, (lines) => {
    const block = new TextEncoder().encode(lines.map((line) => line.text).join(""));
    const runs = [...splitByDay(block, UNDATED)];
    assertEquals(runs.reduce((sum, run) => sum + run.records, 0), lines.length);
    for (const [i, { day }] of runs.entries()) assertEquals(day === runs[i + 1]?.day, false);
  }));
});

Deno.test("`wholeLines()` yields the file's bytes, cut only between lines", async () => {
  using place = scratch();
  const path = `${place.folder}/lines`;
  const length = fc.integer({ min: 0, max: 400_000 }); // a block is 256 KiB
  await fc.assert(
    fc.asyncProperty(fc.array(length, { maxLength: 8 }), async (lengths) => {
      const text = lengths.map((length, i) => String(i % 10).repeat(length) + "\n").join("");
      await Deno.writeTextFile(path, text);
      using file = await Deno.open(path);
      let read = "";
      for await (const block of wholeLines(file)) {
        const blockText = decoder.decode(block);
        assertEquals(blockText.endsWith("\n"), true);
        read += blockText;
      }
      assertEquals(read === text, true, "the blocks joined are not the file");
    }),
    { numRuns: 60 },
  );
});

Deno.test("`wholeLines()` ends a last line that has no newline", async () => {
  using place = scratch();
  const path = `${place.folder}/lines`;
  for (const length of [1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1]) {
    await Deno.writeTextFile(path, "x".repeat(length));
    using file = await Deno.open(path);
    let read = "";
    for await (const block of wholeLines(file)) read += decoder.decode(block);
    assertEquals(read === "x".repeat(length) + "\n", true, `${length} bytes`);
  }
});
