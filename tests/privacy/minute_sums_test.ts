/** Sums of flows by the minute. */

import { assertEquals } from "../assert.ts";
import { parseRecord } from "../record_schema.ts";
import { parseAddress } from "../../capture/address/address.ts";
import type { ObservedDelta } from "../../capture/observer.ts";
import { LeftOut, leftOutRecord } from "../../privacy/left_out.ts";
import { MinuteSums } from "../../privacy/minute_sums.ts";

const NOON_US = Date.UTC(2026, 10, 22, 12) * 1e3;

function delta(change: Partial<ObservedDelta> = {}): ObservedDelta {
  return {
    flowId: "abc-1",
    part: 0,
    endReason: "idle",
    ipVersion: 4,
    protocol: 6,
    oneWay: false,
    isTunneled: false,
    interfaceIndex: 0,
    initiator: {
      address: parseAddress("192.168.1.20")!,
      port: 40_000,
      mac: [0x02aa, 0xbbccddee | 0],
      bytes: 100,
      packets: 2,
    },
    responder: {
      address: parseAddress("93.184.216.34")!,
      port: 443,
      mac: [0x0200, 1],
      bytes: 1000,
      packets: 3,
    },
    startUs: NOON_US,
    endUs: NOON_US + 1e6,
    evidence: { tlsServerName: "www.example.org" },
    deviceName: "annas-phone",
    initiatorIsLocal: true,
    responderIsLocal: false,
    ...change,
  };
}

Deno.test("what is left out is one line, whoever began, with what the household sent and received", () => {
  const sums = new MinuteSums();
  const { initiator, responder } = delta();
  const called = {
    initiator: responder,
    responder: initiator,
    initiatorIsLocal: false,
    responderIsLocal: true,
  };
  const flows = [
    delta(),
    delta({ ...called, startUs: NOON_US + 5e6, endUs: NOON_US + 9e6 }),
    delta({ part: 1, startUs: NOON_US - 1e6 }),
  ];
  for (const flow of flows) sums.add({ record: leftOutRecord(flow), ...flow });
  const records = sums.take({ isLast: false, clockIsSynced: true });
  assertEquals(records.length, 1);
  const { wifilogger, ...record } = parseRecord(JSON.stringify(records[0]));
  assertEquals<unknown>(record, {
    "@timestamp": "2026-11-22T12:00:09.000Z",
    event: {
      start: "2026-11-22T11:59:59.000000Z",
      end: "2026-11-22T12:00:09.000000Z",
      duration: 10e9,
    },
    network: { direction: "outbound", bytes: 3300, packets: 15 },
    source: { bytes: 300, packets: 6 },
    destination: { domain: "unknown", bytes: 3000, packets: 9 },
  });
  assertEquals<unknown>({ ...wifilogger, flow_id: "" }, {
    v: 1,
    flow_id: "",
    part: 0,
    end_reason: "active",
    name_source: "none",
    // The third was the line of a flow that had begun before.
    merged_flows: 2,
    left_out: true,
    clock: "synced",
  });
  assertEquals(sums.take({ isLast: false, clockIsSynced: true }), []);
});

Deno.test("a device is left out by its MAC address, its name and its address; a site by any evidence", () => {
  const isLeftOut = (words: string[], flow = delta(), ptr?: string) =>
    new LeftOut({ words, isOnLink: () => true, ptr: () => ptr })
      .isFlow(flow, (end) => end === flow.initiator ? flow.deviceName : undefined);
  assertEquals(isLeftOut(["02:AA:bb:cc:dd:ee"]), true);
  assertEquals(isLeftOut(["02-aa-bb-cc-dd-ee"]), true);
  assertEquals(isLeftOut(["annas-phone"]), true);
  assertEquals(isLeftOut(["192.168.1.20"]), true);
  assertEquals(isLeftOut(["example.org"]), true);
  assertEquals(isLeftOut(["org"]), false, "a word without a dot is no domain");
  assertEquals(isLeftOut(["ample.org"]), false);
  assertEquals(isLeftOut(["02:00:00:00:00:01"]), false, "the other end's is the router's");
  const nameless = delta({ evidence: {}, deviceName: undefined });
  assertEquals(isLeftOut(["example.org"], nameless), false);
  assertEquals(isLeftOut(["example.org"], nameless, "host.example.org"), true);
});

Deno.test("beyond a router a MAC address is the router's, and leaves nobody out", () => {
  const far = new LeftOut({
    words: ["02:aa:bb:cc:dd:ee"],
    isOnLink: () => false,
    ptr: () => undefined,
  });
  assertEquals(far.isFlow(delta(), () => undefined), false);
});
