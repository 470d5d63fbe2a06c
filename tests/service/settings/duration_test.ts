import { assertEquals } from "../../assert.ts";
import { parseDuration } from "../../../service/settings/duration.ts";

Deno.test("`parseDuration()` reads a number and its unit", () => {
  const expected: Record<string, number> = {
    "250ms": 250,
    "10s": 10_000,
    "15m": 900_000,
    "1h": 3_600_000,
    "7d": 604_800_000,
    "1.5h": 5_400_000,
    " 0s ": 0,
  };
  for (const [text, ms] of Object.entries(expected)) assertEquals(parseDuration(text), ms, text);
});

Deno.test("`parseDuration()` gives whole milliseconds", () => {
  // Times a hundred thousand, 8.2 is not what it is on paper.
  const expected: Record<string, number> = { "1.1h": 3_960_000, "8.2m": 492_000, "2.3s": 2300 };
  for (const [text, ms] of Object.entries(expected)) assertEquals(parseDuration(text), ms, text);
});

Deno.test("`parseDuration()` refuses what is no duration", () => {
  const texts = [
    "",
    "10",
    "s",
    "-1s",
    "1 s",
    "1s2m",
    "1e3s",
    "1,5s",
    ".5s",
    "5.s",
    "1w",
    "1S",
    "٣s",
  ];
  for (const text of texts) assertEquals(parseDuration(text), undefined, text);
});
