import fc from "fast-check";
import { assertEquals, assertMatch } from "../assert.ts";
import { timestampMs, timestampUs } from "../../record/timestamp.ts";

const NOON_US = Date.UTC(2026, 10, 22, 12) * 1e3;

Deno.test("`timestampMs()` and `timestampUs()` round down, never into the next millisecond or second", () => {
  const last = NOON_US - 1;
  assertEquals(timestampMs(last), "2026-11-22T11:59:59.999Z");
  assertEquals(timestampUs(last), "2026-11-22T11:59:59.999999Z");
  assertEquals(timestampMs(NOON_US), "2026-11-22T12:00:00.000Z");
  assertEquals(timestampUs(NOON_US), "2026-11-22T12:00:00.000000Z");
  assertEquals(timestampMs(NOON_US + 999), "2026-11-22T12:00:00.000Z");
  assertEquals(timestampUs(NOON_US + 1_001), "2026-11-22T12:00:00.001001Z");
});

Deno.test("`timestampUs()` writes the times that a capture file can hold", () => {
  assertEquals(timestampUs(0), "1970-01-01T00:00:00.000000Z");
  const largest = 0xffffffff * 1e6 + 0xffffffff;
  assertEquals(timestampUs(largest), "2106-02-07T07:39:49.967295Z");
});

Deno.test("`timestampUs()` keeps every microsecond", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e15 }), (us) => {
    const text = timestampUs(us);
    assertMatch(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assertEquals(Date.parse(text.slice(0, 19) + "Z") * 1e3 + Number(text.slice(20, 26)), us);
    assertEquals(text.startsWith(timestampMs(us).slice(0, -1)), true);
  }));
});
