import { assertEquals } from "../assert.ts";
import { parseRecord } from "../record_schema.ts";
import { gapRecord, recordLine } from "../../record/record_builder.ts";

const NOON_US = Date.UTC(2026, 10, 22, 12) * 1e3;

Deno.test("`gapRecord()` writes what was missed, from when to when and where", () => {
  const from = { interfaceName: () => "wlan0", clockIsSynced: () => true };
  const gap = {
    reason: "kernel_drop",
    startUs: NOON_US,
    endUs: NOON_US + 10e6,
    count: 7,
    interfaceIndex: 0,
  } as const;
  assertEquals<unknown>(parseRecord(recordLine(gapRecord(gap, from))), {
    "@timestamp": "2026-11-22T12:00:10.000Z",
    event: {
      action: "gap",
      start: "2026-11-22T12:00:00.000000Z",
      end: "2026-11-22T12:00:10.000000Z",
      duration: 10_000_000_000,
    },
    observer: { ingress: { interface: { name: "wlan0" } } },
    wifilogger: { v: 1, gap: { reason: "kernel_drop", count: 7 }, clock: "synced" },
  });
});

Deno.test("`gapRecord()` leaves out what is not known", () => {
  const gap = { reason: "restart", startUs: NOON_US, endUs: NOON_US } as const;
  assertEquals<unknown>(parseRecord(recordLine(gapRecord(gap, {}))), {
    "@timestamp": "2026-11-22T12:00:00.000Z",
    event: {
      action: "gap",
      start: "2026-11-22T12:00:00.000000Z",
      end: "2026-11-22T12:00:00.000000Z",
      duration: 0,
    },
    wifilogger: { v: 1, gap: { reason: "restart" } },
  });
});
