import { spanBefore } from "../../../report/question/spans.ts";
import { assertEquals } from "../../assert.ts";

const at = (text: string) => new Date(text).getTime();
const textOf = (ms: number) =>
  new Date(ms - new Date(ms).getTimezoneOffset() * 60e3).toISOString().slice(0, 16);

Deno.test("`spanBefore()` gives as many months, days or milliseconds before, and of a running period its part", () => {
  const cases: [since: string, until: string, now: string, billingDay: number, before: string][] = [
    [
      "2026-11-01T00:00",
      "2026-12-01T00:00",
      "2027-01-01T00:00",
      1,
      "2026-10-01T00:00 2026-11-01T00:00",
    ],
    [
      "2026-11-15T00:00",
      "2026-12-15T00:00",
      "2027-01-01T00:00",
      15,
      "2026-10-15T00:00 2026-11-15T00:00",
    ],
    [
      "2026-01-01T00:00",
      "2027-01-01T00:00",
      "2027-01-01T00:00",
      1,
      "2025-01-01T00:00 2026-01-01T00:00",
    ],
    [
      "2026-11-16T00:00",
      "2026-11-23T00:00",
      "2027-01-01T00:00",
      1,
      "2026-11-09T00:00 2026-11-16T00:00",
    ],
    [
      "2026-11-22T10:30",
      "2026-11-22T12:30",
      "2027-01-01T00:00",
      1,
      "2026-11-22T08:30 2026-11-22T10:30",
    ],
    // Of a month that runs since 26 hours, the first 26 hours of the one before.
    [
      "2026-11-01T00:00",
      "2026-12-01T00:00",
      "2026-11-02T02:00",
      1,
      "2026-10-01T00:00 2026-10-02T02:00",
    ],
    // February has no 30th day: the part ends where the month does.
    [
      "2026-03-01T00:00",
      "2026-04-01T00:00",
      "2026-03-30T12:00",
      1,
      "2026-02-01T00:00 2026-03-01T00:00",
    ],
  ];
  for (const [since, until, now, billingDay, before] of cases) {
    const span = { sinceMs: at(since), untilMs: at(until) };
    const { sinceMs, untilMs } = spanBefore(span, { nowMs: at(now), billingDay });
    assertEquals(`${textOf(sinceMs)} ${textOf(untilMs)}`, before, `${since} ${until} ${now}`);
  }
});
