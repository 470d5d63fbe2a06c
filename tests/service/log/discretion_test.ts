import type { MergedFlows } from "../../../capture/flow/overflow.ts";
import type { MergedRecord } from "../../../record/log_record.ts";
import { Discretion } from "../../../service/log/discretion.ts";
import { assertEquals } from "../../assert.ts";
import { parseRecord } from "../../record_schema.ts";

const SPAN = { startUs: 1795348800e6, endUs: 1795348801e6 } as MergedFlows;
const MERGED: MergedRecord = {
  "@timestamp": "2026-11-22T12:00:01.000Z",
  event: {
    start: "2026-11-22T12:00:00.000000Z",
    end: "2026-11-22T12:00:01.000000Z",
    duration: 1e9,
  },
  network: { type: "ipv4", transport: "udp", direction: "outbound", bytes: 30, packets: 2 },
  source: { ip: "192.168.1.20", bytes: 20, packets: 1 },
  destination: { ip: "93.184.216.34", domain: "unknown", bytes: 10, packets: 1 },
  wifilogger: {
    v: 1,
    flow_id: "abc-m1",
    part: 0,
    end_reason: "evicted",
    name_source: "none",
    merged_flows: 90,
  },
};

Deno.test("while something is left out, the sums of a flood name nobody, and stay exact", () => {
  const lineOf = (leaveOut: readonly string[]) => {
    const discretion = new Discretion({ settings: { privacy: "full", leaveOut }, key: undefined });
    return parseRecord(discretion.mergedLine(SPAN, MERGED)!.trimEnd()) as MergedRecord;
  };
  assertEquals(lineOf([]), MERGED);
  const { source, destination, network, wifilogger } = lineOf(["02:00:00:00:00:01"]);
  assertEquals(source, { bytes: 20, packets: 1 });
  assertEquals(destination, { domain: "unknown", bytes: 10, packets: 1 });
  assertEquals([network.bytes, wifilogger.merged_flows], [30, 90]);
});
