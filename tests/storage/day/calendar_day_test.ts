import { assertEquals } from "../../assert.ts";
import {
  localDay,
  localDayAt,
  msUntilNextLocalMidnight,
} from "../../../storage/day/calendar_day.ts";

const HOUR_MS = 3_600_000;

/** Runs `check` with the process in another time zone. */
function inTimeZone(zone: string, check: () => void): void {
  const before = Deno.env.get("TZ");
  Deno.env.set("TZ", zone);
  try {
    check();
  } finally {
    if (before === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", before);
  }
}

Deno.test("`localDay()` is the day of the process's time zone, not of UTC", () => {
  const lateInLondon = Date.parse("2026-11-22T20:19:51.123Z");
  inTimeZone("UTC", () => assertEquals(localDay(lateInLondon), "2026-11-22"));
  inTimeZone("Asia/Tokyo", () => assertEquals(localDay(lateInLondon), "2026-11-23"));
  inTimeZone("Pacific/Honolulu", () => assertEquals(localDay(lateInLondon), "2026-11-22"));
});

Deno.test("`localDay()` changes exactly at local midnight", () => {
  inTimeZone("Asia/Kolkata", () => {
    assertEquals(localDay(Date.parse("2025-12-31T18:29:59.999Z")), "2025-12-31");
    assertEquals(localDay(Date.parse("2025-12-31T18:30:00.000Z")), "2026-01-01");
  });
});

Deno.test("`msUntilNextLocalMidnight()` counts 23 hours when the clock goes forward", () => {
  inTimeZone("Europe/Berlin", () => {
    assertEquals(msUntilNextLocalMidnight(Date.parse("2026-03-28T23:00:00Z")), 23 * HOUR_MS);
  });
});

Deno.test("`msUntilNextLocalMidnight()` counts 25 hours when the clock goes back", () => {
  inTimeZone("Europe/Berlin", () => {
    assertEquals(msUntilNextLocalMidnight(Date.parse("2026-10-24T22:00:00Z")), 25 * HOUR_MS);
  });
});

Deno.test("`msUntilNextLocalMidnight()` is a whole day at midnight itself", () => {
  inTimeZone("America/New_York", () => {
    assertEquals(msUntilNextLocalMidnight(Date.parse("2026-01-15T05:00:00Z")), 24 * HOUR_MS);
  });
});

// Where the clock changes at midnight: Cairo's spring days begin at 01:00, Havana has 00:00 twice, and
// Beirut's last hour comes twice.
for (
  const zone of ["Africa/Cairo", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]
) {
  Deno.test(`\`localDayAt()\` tiles the year 2026 without gap or overlap in ${zone}`, () => {
    inTimeZone(zone, () => {
      const yearEndMs = Date.parse("2027-01-02T00:00:00Z");
      for (let day = localDayAt(Date.parse("2026-01-01T12:00:00Z")); day.startMs < yearEndMs;) {
        const next = localDayAt(day.endMs);
        assertEquals(next.startMs, day.endMs);
        assertEquals(localDayAt(day.startMs), day);
        assertEquals(localDayAt(day.endMs - 1), day);
        assertEquals(next.name > day.name, true);
        day = next;
      }
    });
  });
}
