import { assertEquals, assertThrows } from "../../assert.ts";
import { count, figure, markdownTable, median } from "../../../scripts/bench/table.ts";

Deno.test("`markdownTable()` lays columns as wide as their widest cell", () => {
  assertEquals(
    markdownTable(["", "packets/s"], [["wifilogger", "1,000"], ["b", "20"]]),
    [
      "|            | packets/s |",
      "| ---------- | --------: |",
      "| wifilogger |     1,000 |",
      "| b          |        20 |",
    ].join("\n"),
  );
});

Deno.test("`median()` takes the middle, whatever the order", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([10, 1, 2, 4]), 3);
  assertThrows(() => median([]), RangeError);
});

Deno.test("`figure()` keeps three digits, `count()` all", () => {
  assertEquals([1_234_567, 45.67, 0.012345, 0].map(figure), ["1,230,000", "45.7", "0.0123", "0"]);
  assertEquals(count(1_031_128), "1,031,128");
});
