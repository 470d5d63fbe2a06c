import { assertEquals } from "../../assert.ts";
import { formatBytes } from "../../../report/render/bytes_text.ts";
import {
  axisBytesText,
  bytesText,
  changeText,
  countText,
  percentText,
} from "../../../web/page/text/figures.ts";
import { agoText, durationText, timeTexts } from "../../../web/page/text/time.ts";

Deno.test("bytes are those of the reports, to three digits", () => {
  for (const bytes of [0, 1, 999, 1000, 1337, 12_345, 999_499, 123_456_789, 5e12]) {
    const [size, unit] = bytesText(bytes).split(" ");
    const [reported, reportedUnit] = formatBytes(bytes).split(" ");
    assertEquals(unit, reportedUnit);
    assertEquals(Math.abs(Number(size) / (Number(reported) || 1) - 1) < 0.01 || bytes === 0, true);
  }
  assertEquals(bytesText(999_600), "1.00 MB");
  assertEquals(bytesText(1_337), "1.34 kB");
  assertEquals([2e9, 1.5e9, 5e8, 0].map(axisBytesText), ["2 GB", "1.5 GB", "500 MB", "0 B"]);
});

Deno.test("changes, shares and counts are said in few signs", () => {
  const changes = [[112, 100], [97, 100], [100, 100], [1400, 100], [5, 0], [0, 0], [0, 5]];
  assertEquals(
    changes.map(([now, before]) => changeText(now, before)),
    ["+12 %", "−3 %", "=", "× 14", "new", "=", "−100 %"],
  );
  assertEquals([0, 0.0004, 0.031, 0.49, 1].map(percentText), [
    "0 %",
    "<0.1 %",
    "3.1 %",
    "49 %",
    "100 %",
  ]);
  assertEquals(countText(10_334_463), "10,334,463");
});

const BERLIN = timeTexts("Europe/Berlin", Date.parse("2026-11-28T12:00:00Z"));

Deno.test("a period is said in the logger's time, with hours only where they matter", () => {
  const range = (since: string, until: string) =>
    BERLIN.range(Date.parse(since), Date.parse(until));
  assertEquals(range("2026-11-21T23:00:00Z", "2026-11-28T23:00:00Z"), "22–28 Nov 2026");
  assertEquals(range("2026-11-27T23:00:00Z", "2026-11-28T23:00:00Z"), "28 Nov 2026");
  assertEquals(range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), "25 Oct 2026");
  assertEquals(range("2025-11-28T12:00:00Z", "2026-11-28T12:00:00Z"), "28 Nov 2025 – 28 Nov 2026");
  assertEquals(
    range("2026-11-28T12:00:00Z", "2026-11-28T14:30:00Z"),
    "28 Nov 2026, 13:00 – 15:30",
  );
  assertEquals(
    range("2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z"),
    "27 Nov, 13:00 – 28 Nov, 13:00",
  );
});

Deno.test("lengths of time are said in the unit that matters", () => {
  assertEquals([4, 900, 65e3, 125 * 60e3, 3 * 24 * 3600e3].map(durationText), [
    "4 ms",
    "1 s",
    "1 min",
    "2 h 5 min",
    "3 d",
  ]);
  assertEquals([2e3, 4 * 60e3, 71 * 60e3, 50 * 3600e3].map(agoText), [
    "just now",
    "4 min ago",
    "1 h ago",
    "2 d ago",
  ]);
});
