import { assertEquals } from "../../assert.ts";
import { recordTime } from "../../../storage/day/record_time.ts";

const INSTANT_MS = Date.parse("2026-11-22T20:19:51.123Z");

function timeOf(line: string): number {
  return recordTime(new TextEncoder().encode(line));
}

Deno.test("`recordTime()` reads `@timestamp` when it is the first key", () => {
  assertEquals(timeOf('{"@timestamp":"2026-11-22T20:19:51.123Z","a":1}'), INSTANT_MS);
  assertEquals(timeOf('{"@timestamp":"2026-11-22T20:19:51.123Z"}'), INSTANT_MS);
});

Deno.test("`recordTime()` reads `@timestamp` when it stands elsewhere or is spaced out", () => {
  assertEquals(timeOf('{"a":1,"@timestamp":"2026-11-22T20:19:51.123Z"}'), INSTANT_MS);
  assertEquals(timeOf('{ "@timestamp" : "2026-11-22T20:19:51.123Z" }'), INSTANT_MS);
  assertEquals(timeOf('{"@timestamp":"2026-11-22\\u005420:19:51.123Z"}'), INSTANT_MS);
});

Deno.test("`recordTime()` reads every form of an RFC 3339 date-time", () => {
  assertEquals(timeOf('{"@timestamp":"2026-11-22T21:19:51.123+01:00"}'), INSTANT_MS);
  assertEquals(timeOf('{"@timestamp":"2026-11-22t20:19:51.123456789z"}'), INSTANT_MS);
  assertEquals(timeOf('{"@timestamp":"2026-11-22T20:19:51Z"}'), INSTANT_MS - 123);
});

Deno.test("`recordTime()` is not misled by another object's `@timestamp`", () => {
  assertEquals(timeOf('{"a":{"@timestamp":"2026-11-22T20:19:51.123Z"}}'), NaN);
});

Deno.test("`recordTime()` is NaN when there is no valid `@timestamp`", () => {
  const lines = [
    "",
    "not JSON",
    "null",
    "[]",
    "{}",
    '{"@timestamp":',
    '{"@timestamp":1763842791123}',
    '{"@timestamp":"yesterday"}',
    '{"@timestamp":"2026-11-22"}',
    '{"@timestamp":"2026-11-22T20:19:51.123"}',
    '{"@timestamp":"2026-13-22T20:19:51.123Z"}',
    '{"@timestamp":"2026-11-22T20:19:51.123',
  ];
  for (const line of lines) assertEquals(timeOf(line), NaN, line);
});
