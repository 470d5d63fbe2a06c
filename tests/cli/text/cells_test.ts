import { assert, assertEquals } from "../../assert.ts";
import { cellWidth, inCells } from "../../../cli/text/cells.ts";
import { recordRow } from "../../../cli/text/record_row.ts";
import type { FlowRecord } from "../../../record/log_record.ts";

const UTF8 = { size: undefined, hasColour: false, isUtf8: true };
const ASCII = { ...UTF8, isUtf8: false };

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

Deno.test("`recordRow()` takes the terminal's columns, and shows the device of what came in first", () => {
  const time = "2026-11-22T12:00:00.000Z";
  const record: FlowRecord = {
    "@timestamp": time,
    event: { start: time, end: time, duration: 0 },
    network: {
      type: "ipv4",
      transport: "tcp",
      direction: "inbound",
      community_id: "1:x",
      bytes: 300,
      packets: 3,
    },
    source: { ip: "203.0.113.9", port: 1, bytes: 100, packets: 1, geo: { country_iso_code: "ES" } },
    destination: { ip: "192.168.1.5", port: 22, bytes: 200, packets: 2, domain: "unknown" },
    wifilogger: { v: 1, flow_id: "a-1", part: 0, end_reason: "fin", name_source: "none" },
  };
  for (const columns of [52, 80, 200]) {
    const row = recordRow(record, { ...UTF8, size: { columns, rows: 24 } });
    assertEquals(cellWidth(row), columns);
    assert(/192\.168\.1\.5 +<- 203\.0\.113\.9/.test(row), row);
    if (columns >= 80) assert(/ES .*200 B +100 B$/.test(row), row);
    const live = recordRow(record, { ...UTF8, size: { columns, rows: 24 } }, { isLive: true });
    assertEquals(cellWidth(live), columns);
    assert(live.endsWith(" so far"), live);
  }
});
