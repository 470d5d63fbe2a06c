import { assert, assertEquals } from "../../assert.ts";
import { recordRow } from "../../../cli/text/record_row.ts";
import type { FlowRecord } from "../../../record/log_record.ts";
import { cellWidth } from "../../../report/render/cells.ts";

const UTF8 = { size: undefined, hasColour: false, isUtf8: true };

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
