import { assertAlmostEquals, assertEquals } from "../../assert.ts";
import { chart, slopePerHour } from "../../../scripts/bench/chart.ts";

Deno.test("`chart()` draws each column at the height of its samples' mean", () => {
  assertEquals(
    chart([0, 20, 40, 40, 30, 10], { width: 3, height: 4 }),
    [
      "    40 | *",
      "    30 |",
      "    20 |  *",
      "    10 |*",
      "     0 +---",
    ].join("\n"),
  );
});

Deno.test("`slopePerHour()` finds the slope of a line, and none in what swings evenly", () => {
  assertAlmostEquals(slopePerHour([0, 0.5, 1, 2], [100, 101, 102, 104]), 2);
  assertAlmostEquals(slopePerHour([0, 1, 2, 3], [5, 7, 7, 5]), 0);
});
