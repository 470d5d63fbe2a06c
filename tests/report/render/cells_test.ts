import { assertEquals } from "../../assert.ts";
import { cellWidth, inCells } from "../../../report/render/cells.ts";

const UTF8 = { isUtf8: true };
const ASCII = { isUtf8: false };

Deno.test("`cellWidth()` counts wide characters twice and combining ones not at all", () => {
  const widths = { "tv": 2, "居間": 4, "한글": 4, "ｱ": 1, "ａ": 2, "e\u0301": 1, "📺": 2, "é": 1 };
  for (const [text, width] of Object.entries(widths)) assertEquals(cellWidth(text), width, text);
});

Deno.test("`inCells()` fills exactly its cells, whatever stands in them", () => {
  assertEquals(inCells("tv", { width: 4 }, UTF8), "tv  ");
  assertEquals(inCells("tv", { width: 4, align: "right" }, UTF8), "  tv");
  assertEquals(inCells("television", { width: 4 }, UTF8), "tel…");
  assertEquals(inCells("television", { width: 4 }, ASCII), "tel~");
  assertEquals(inCells("居間のテレビ", { width: 6 }, UTF8), "居間… ");
  assertEquals(inCells("a.b.example.co.uk", { width: 10, cut: "middle" }, UTF8), "a.b….co.uk");
  assertEquals(inCells("é", { width: 6 }, ASCII), "\\u00e9");
  assertEquals(inCells("\u001b[2J\u202e", { width: 15 }, UTF8), "\\u001b[2J\\u202e");
  for (const text of ["", "tv", "居間のテレビ", "e\u0301e\u0301e\u0301", "\u0007\u202e"]) {
    for (const width of [0, 1, 2, 3, 7, 40]) {
      assertEquals(cellWidth(inCells(text, { width, cut: "middle" }, UTF8)), width, text);
    }
  }
});
