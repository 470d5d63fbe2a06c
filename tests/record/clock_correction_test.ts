import { assertEquals } from "../assert.ts";
import { parseRecords } from "../record_schema.ts";
import { correctedLine } from "../../record/clock_correction.ts";
import { gapRecord, recordLine } from "../../record/record_builder.ts";

const START_US = Date.parse("2021-03-01T12:00:00Z") * 1e3 + 123;
const FIVE_YEARS_US = 5 * 365 * 24 * 3600e6;

function line(clockIsSynced: boolean): string {
  const gap = {
    reason: "kernel_drop",
    startUs: START_US,
    endUs: START_US + 5e6,
    count: 1,
  } as const;
  return recordLine(gapRecord(gap, { clockIsSynced: () => clockIsSynced })).trimEnd();
}

Deno.test("`correctedLine()` moves the times of a record, to the microsecond, and keeps the rest", () => {
  const present = (us: number) => us + FIVE_YEARS_US;
  const corrected = correctedLine(line(false), { present, isSynced: true })!;
  const [before] = parseRecords(line(false) + "\n");
  const [after] = parseRecords(corrected + "\n");
  assertEquals(
    after,
    {
      ...before,
      "@timestamp": "2026-02-28T12:00:05.000Z",
      event: {
        ...before.event,
        start: "2026-02-28T12:00:00.000123Z",
        end: "2026-02-28T12:00:05.000123Z",
      },
      wifilogger: { ...before.wifilogger, clock: "synced" },
    } as typeof before,
  );
  assertEquals(Object.keys(after)[0], "@timestamp");
});

Deno.test("`correctedLine()` leaves it marked while the clock has still not been set", () => {
  const clock = { present: (us: number) => us + FIVE_YEARS_US, isSynced: false };
  const [after] = parseRecords(correctedLine(line(false), clock)! + "\n");
  assertEquals(after.wifilogger.clock, "unsynced");
});

Deno.test("`correctedLine()` leaves what was made by a set clock, and what is no record", () => {
  const clock = { present: (us: number) => us + FIVE_YEARS_US, isSynced: true };
  for (
    const other of [
      line(true),
      "",
      '"unsynced"',
      '{"wifilogger":{"clock":"unsynced"}}',
      '{"unsynced"',
    ]
  ) {
    assertEquals(correctedLine(other, clock), undefined, other);
  }
});
