import { assertEquals } from "../assert.ts";
import { isWanted } from "../../record/record_filter.ts";
import { parseLine } from "../../record/logged_line.ts";

/** A record that comes in from 198.51.100.9 to 192.168.1.20, or merged ones that go out. */
function recordOf(kind: "inbound" | "merged") {
  const isInbound = kind === "inbound";
  return parseLine(JSON.stringify({
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event: {},
    network: { direction: isInbound ? "inbound" : "outbound" },
    source: { ip: isInbound ? "198.51.100.9" : "192.168.1.20", bytes: 1 },
    destination: isInbound
      ? { ip: "192.168.1.20", bytes: 1, domain: "home.example.net" }
      : { bytes: 1, domain: "unknown" },
    wifilogger: isInbound ? {} : { merged_flows: 3 },
  }))!;
}

Deno.test("`isWanted()` takes the local end for the device, whoever began", () => {
  for (const kind of ["inbound", "merged"] as const) {
    assertEquals(isWanted(recordOf(kind), { device: "192.168.1.20" }), true, kind);
    assertEquals(isWanted(recordOf(kind), { device: "198.51.100.9" }), false, kind);
    assertEquals(isWanted(recordOf(kind), { name: "192.168.1.20" }), false, kind);
  }
  assertEquals(isWanted(recordOf("inbound"), { name: "198.51.100.9" }), true);
  assertEquals(isWanted(recordOf("inbound"), { name: "Example.NET." }), true);
  assertEquals(isWanted(recordOf("merged"), { name: "example.net" }), false);
});

Deno.test("`parseLine()` takes nothing for a record that is none", () => {
  const noRecords = [
    "",
    "[]",
    "null",
    '{"@timestamp":"2026-11-22T12:00:00.000Z"}',
    '{"@timestamp":"2026-11-22T12:00:00.000Z","event":{"action":"gap"},"wifilogger":{}}',
    '{"@timestamp":"2026-11-22T12:00:00.000Z","event":{},"wifilogger":{},"network":{}}',
    '{"@timestamp":"never","event":{"action":"gap"},"wifilogger":{"gap":{}}}',
  ];
  for (const line of noRecords) assertEquals(parseLine(line), undefined, line);
});
