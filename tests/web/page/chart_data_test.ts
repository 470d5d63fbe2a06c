import { assertEquals } from "../../assert.ts";
import { chartData, stacked, stepText, ticksOf } from "../../../web/page/parts/chart_data.ts";
import { timeTexts } from "../../../web/page/text/time.ts";

const UTC = timeTexts("UTC", Date.parse("2026-11-28T12:00:00Z"));
const HOUR_MS = 3600e3;

function hours(count: number, since = "2026-11-27T00:00:00Z"): string[] {
  return Array.from(
    { length: count },
    (_, i) => new Date(Date.parse(since) + i * HOUR_MS).toISOString(),
  );
}

const TIMELINE = {
  step: "hour" as const,
  by: "device",
  times: hours(3),
  series: [
    { value: "tv", label: "the TV", up_bytes: [1, 2, 3], down_bytes: [10, 20, 30] },
    { value: null, label: "none", up_bytes: [0, 0, 1], down_bytes: [0, 5, 0] },
  ],
  rest: { series: 4, up_bytes: [1, 1, 1], down_bytes: [1, 1, 1] },
};

Deno.test("the groups of a chart add up to its sums, and its layers to its groups", () => {
  const data = chartData(TIMELINE, Date.parse("2026-11-27T02:30:00Z"));
  assertEquals(data.sums, [13, 29, 36]);
  assertEquals(data.groups.map(({ label, colour, totalBytes }) => [label, colour, totalBytes]), [
    ["the TV", 1, 66],
    ["none", 2, 6],
    ["4 others", 0, 6],
  ]);
  // Drawn from the back: all, then without the others, then the first alone.
  assertEquals(stacked(data), [[13, 29, 36], [11, 27, 34], [11, 22, 33]]);
});

Deno.test("a step ends where the next begins, the last one with the period", () => {
  const { bounds } = chartData(TIMELINE, Date.parse("2026-11-27T02:30:00Z"));
  assertEquals(bounds.map((ms) => new Date(ms).toISOString().slice(11, 16)), [
    "00:00",
    "01:00",
    "02:00",
    "02:30",
  ]);
});

Deno.test("an axis has as many words as there is room for, at times that people count by", () => {
  const labels = (timeline: Parameters<typeof chartData>[0], most: number) => {
    const data = chartData(timeline, Date.parse("2027-12-01T00:00:00Z"));
    return ticksOf(data, UTC, most).map(({ label }) => label);
  };
  const series = (count: number) => [{
    value: "tv",
    label: "tv",
    up_bytes: Array(count).fill(1),
    down_bytes: Array(count).fill(1),
  }];
  const day = { step: "hour" as const, by: "device", times: hours(24), series: series(24) };
  assertEquals(labels(day, 4), ["27 Nov", "06:00", "12:00", "18:00"]);
  const week = { ...day, times: hours(168), series: series(168) };
  assertEquals(labels(week, 7).length, 7);
  const days = (count: number) =>
    Array.from({ length: count }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString());
  const year = { step: "day" as const, by: null, times: days(365), series: series(365) };
  assertEquals(labels({ ...year, times: days(30), series: series(30) }, 3), ["5 Jan", "19 Jan"]);
  assertEquals(labels(year, 12).slice(0, 3), ["1 Jan", "1 Feb", "1 Mar"]);
  assertEquals(labels({ ...year, times: days(7), series: series(7) }, 4), [
    "1 Jan",
    "3 Jan",
    "5 Jan",
    "7 Jan",
  ]);
});

Deno.test("a step is called by its hour, its day or its month", () => {
  const called = (step: "hour" | "day" | "month") =>
    stepText(chartData({ ...TIMELINE, step }, Date.parse("2026-12-01T00:00:00Z")), 1, UTC);
  assertEquals(["hour", "day", "month"].map((step) => called(step as "hour")), [
    "Fri 27 Nov, 01:00",
    "Fri 27 Nov",
    "Nov 2026",
  ]);
});
