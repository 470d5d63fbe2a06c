import { assertEquals } from "../../assert.ts";
import { dayAfter, monthAfter, monthOf } from "../../../web/page/question/calendar.ts";
import {
  daysPeriod,
  exactPeriod,
  linesQuestion,
  LOG_PRESETS,
  presetOf,
  shifted,
} from "../../../web/page/question/period.ts";

Deno.test("a period of an address has a name where there is one for it", () => {
  assertEquals(presetOf({})?.label, "Last 7 days");
  assertEquals(presetOf({}, LOG_PRESETS)?.label, "All of the log");
  assertEquals(presetOf({ since: "yesterday", until: "yesterday" })?.label, "Yesterday");
  assertEquals(presetOf({ since: "yesterday" }), undefined);
});

Deno.test("the lines behind a figure are those of the answer's period", () => {
  const answer = { since: "2026-11-22T00:00:00.000Z", until: "2026-11-28T01:03:20.500Z" };
  assertEquals(linesQuestion({ since: "7d", device: "tv" }, answer), {
    since: "2026-11-22T00:00Z",
    until: "2026-11-28T01:03:20.500Z",
    device: "tv",
  });
});

Deno.test("periods that are drawn, counted and shifted are exact", () => {
  const [since, until] = [Date.UTC(2026, 10, 27, 3), Date.UTC(2026, 10, 27, 6)];
  assertEquals(exactPeriod(since, until), {
    since: "2026-11-27T03:00Z",
    until: "2026-11-27T06:00Z",
  });
  assertEquals(shifted(since, until, -1), {
    since: "2026-11-27T00:00Z",
    until: "2026-11-27T03:00Z",
  });
  assertEquals(daysPeriod("2026-11-28", "2026-11-22"), {
    since: "2026-11-22",
    until: "2026-11-28",
  });
});

Deno.test("a month of the calendar begins on Monday and always has six weeks", () => {
  const { label, weeks } = monthOf("2026-11");
  assertEquals(label, "November 2026");
  assertEquals(weeks.length, 6);
  assertEquals(weeks[0].filter((day) => day !== undefined), ["2026-11-01"]);
  assertEquals(weeks[5].filter((day) => day !== undefined), ["2026-11-30"]);
  assertEquals(monthOf("2028-02").weeks.flat().filter((day) => day !== undefined).length, 29);
  assertEquals([monthAfter("2026-12", 1), monthAfter("2026-01", -1)], ["2027-01", "2025-12"]);
  assertEquals([dayAfter("2026-02-28", 1), dayAfter("2026-03-01", -7)], [
    "2026-03-01",
    "2026-02-22",
  ]);
});
