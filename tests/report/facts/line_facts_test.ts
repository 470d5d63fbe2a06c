import fc from "fast-check";
import { emptyFact, type FactSink, takeRecord } from "../../../report/facts/fact.ts";
import { LineFacts } from "../../../report/facts/line_facts.ts";
import { Vocabulary } from "../../../report/facts/vocabulary.ts";
import { parseLine } from "../../../record/logged_line.ts";
import { householdLines } from "../../../scripts/made_up_log/household_day.ts";
import { assert, assertEquals } from "../../assert.ts";
import { inWords } from "./words.ts";
import { lineOf, madeUpRecords } from "../export/made_up_log.ts";

const EVER = { sinceMs: -Infinity, untilMs: Infinity };

/** Facts with their words, and everything else that was given. */
function collected(vocabulary: Vocabulary) {
  const taken: unknown[] = [];
  const sink: FactSink = {
    fact: (fact) => taken.push(inWords(fact, vocabulary)),
    gap: (gap) => taken.push(gap),
    foreign: () => taken.push("foreign"),
  };
  return { taken, sink };
}

function readQuickly(text: string): unknown[] {
  const vocabulary = new Vocabulary();
  const { taken, sink } = collected(vocabulary);
  new LineFacts(vocabulary, EVER, sink).read(new TextEncoder().encode(text));
  return taken;
}

function readByJson(text: string): unknown[] {
  const vocabulary = new Vocabulary();
  const { taken, sink } = collected(vocabulary);
  for (const line of text.split("\n").slice(0, -1)) {
    const record = parseLine(line);
    if (record === undefined) sink.foreign(1);
    else takeRecord(record, vocabulary, emptyFact(), sink);
  }
  return taken;
}

Deno.test("`LineFacts` reads in lines what `JSON.parse()` does", () => {
  fc.assert(
    fc.property(madeUpRecords, (records) => {
      const text = records.map((record) => lineOf(record) + "\n").join("");
      assertEquals(readQuickly(text), readByJson(text));
    }),
    { numRuns: 200 },
  );
});

Deno.test("`LineFacts` reads the lines of a household as `JSON.parse()` does", () => {
  const day = { startMs: Date.parse("2026-11-20T00:00:00"), records: 3000, seed: 5 };
  const text = [...householdLines(day)].join("");
  const facts = readQuickly(text);
  assert(facts.length > 2900);
  assertEquals(facts, readByJson(text));
});

Deno.test("`LineFacts` takes nothing from lines of other programs", () => {
  const [line] = householdLines({ startMs: 0, records: 48, seed: 1 });
  const cut = line.slice(0, -20) + "\n";
  assertEquals(readQuickly('{"an":"old log"}\nno json\n' + cut), ["foreign", "foreign", "foreign"]);
});

Deno.test("`LineFacts` takes a line that is cut anywhere for what `JSON.parse()` does, and the next one", () => {
  const [line] = householdLines({ startMs: 0, records: 48, seed: 1 });
  for (let length = 0; length < line.length; length++) {
    const text = line.slice(0, length) + "\n" + line;
    assertEquals(readQuickly(text), readByJson(text), `cut to ${length} bytes`);
    assertEquals(readQuickly(line.slice(length)), readByJson(line.slice(length)));
  }
});

Deno.test("`LineFacts` takes what is in the span, its beginning counted in and its end not", () => {
  const times = [
    "2026-11-20T00:00:00.000Z",
    "2026-11-20T00:00:00.001Z",
    "2026-11-20T00:00:00.002Z",
  ];
  const [line] = householdLines({ startMs: 0, records: 48, seed: 1 });
  const text = times.map((time) => line.replace(/"@timestamp":"[^"]*"/, `"@timestamp":"${time}"`))
    .join("");
  const vocabulary = new Vocabulary();
  const { taken, sink } = collected(vocabulary);
  const span = { sinceMs: Date.parse(times[1]), untilMs: Date.parse(times[2]) };
  new LineFacts(vocabulary, span, sink).read(new TextEncoder().encode(text));
  assertEquals(taken.length, 1);
});
