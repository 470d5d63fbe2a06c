import { parseMoment } from "../../../report/question/moment.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

const NOW_MS = new Date("2026-11-22T12:00:00").getTime();
const local = (text: string) => new Date(text).getTime();

Deno.test("`parseMoment()` reads days, times, and what people say", () => {
  const start = (text: string) => parseMoment(text, { nowMs: NOW_MS, isEnd: false });
  const end = (text: string) => parseMoment(text, { nowMs: NOW_MS, isEnd: true });
  assertEquals(start("2026-11-20"), local("2026-11-20T00:00:00"));
  assertEquals(end("2026-11-20"), local("2026-11-21T00:00:00"));
  assertEquals([start("today"), end("today")], [start("2026-11-22"), end("2026-11-22")]);
  assertEquals([start("yesterday"), end("yesterday")], [start("2026-11-21"), end("2026-11-21")]);
  assertEquals(start("2026-11-20T18:30"), local("2026-11-20T18:30:00"));
  assertEquals(end("2026-11-20 18:30:15"), local("2026-11-20T18:30:15"));
  assertEquals(start("2026-11-20T18:30:15.5Z"), Date.UTC(2026, 10, 20, 18, 30, 15, 500));
  assertEquals(start("2026-11-20t18:30:00+02:00"), Date.UTC(2026, 10, 20, 16, 30));
  assertEquals(start("2h"), NOW_MS - 2 * 3600e3);
});

Deno.test("`parseMoment()` refuses what is no moment", () => {
  const options = { nowMs: NOW_MS, isEnd: false };
  for (
    const text of ["", "soon", "2026-02-30", "2026-13-01", "2026-11-20T25:00", "20.11.2026", "-2h"]
  ) {
    assertThrows(() => parseMoment(text, options), RangeError, "Write it as 2h for", text);
  }
});

Deno.test("`parseMoment()` reads weeks, months and years, from their first instant to that of the next", () => {
  // 2026-11-22 is a Sunday, the last day of its week.
  const cases: [text: string, start: string, end: string][] = [
    ["this-week", "2026-11-16", "2026-11-23"],
    ["last-week", "2026-11-09", "2026-11-16"],
    ["this-month", "2026-11-01", "2026-12-01"],
    ["last-month", "2026-10-01", "2026-11-01"],
    ["2026-02", "2026-02-01", "2026-03-01"],
    ["2026", "2026-01-01", "2027-01-01"],
  ];
  for (const [text, start, end] of cases) {
    const bounds = [false, true].map((isEnd) => parseMoment(text, { nowMs: NOW_MS, isEnd }));
    assertEquals(bounds, [local(`${start}T00:00:00`), local(`${end}T00:00:00`)], text);
  }
});

Deno.test("`parseMoment()` begins a month on the billing day", () => {
  const cases: [text: string, billingDay: number, start: string, end: string][] = [
    ["this-month", 22, "2026-11-22", "2026-12-22"],
    ["this-month", 23, "2026-10-23", "2026-11-23"],
    ["last-month", 23, "2026-09-23", "2026-10-23"],
    ["2026-10", 15, "2026-10-15", "2026-11-15"],
    ["2026", 15, "2026-01-15", "2027-01-15"],
  ];
  for (const [text, billingDay, start, end] of cases) {
    const bounds = [false, true].map((isEnd) =>
      parseMoment(text, { nowMs: NOW_MS, isEnd, billingDay })
    );
    assertEquals(bounds, [local(`${start}T00:00:00`), local(`${end}T00:00:00`)], text);
  }
});
