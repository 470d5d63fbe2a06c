import { parseMoment } from "../../cli/moment.ts";
import { assertEquals, assertThrows } from "../assert.ts";

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
    assertThrows(() => parseMoment(text, options), RangeError, "Write it as 2026-11-22,", text);
  }
});
