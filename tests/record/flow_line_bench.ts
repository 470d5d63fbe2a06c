/** What the line of a record takes, beside the text alone of one that is there as an object, and its timestamps. */

import { parseAddress } from "../../capture/address/address.ts";
import type { ObservedDelta } from "../../capture/observer.ts";
import { flowLine } from "../../record/flow_line.ts";
import { timestampUs } from "../../record/timestamp.ts";

const delta: ObservedDelta = {
  flowId: "abc-1",
  part: 2,
  endReason: "active",
  ipVersion: 4,
  protocol: 6,
  oneWay: false,
  isTunneled: false,
  interfaceIndex: 0,
  initiator: {
    address: parseAddress("192.168.1.20")!,
    port: 40_000,
    mac: [0x02aa, 0xbbccddee | 0],
    bytes: 1200,
    packets: 7,
  },
  responder: {
    address: parseAddress("93.184.216.34")!,
    port: 443,
    mac: [0x0200, 1],
    bytes: 34_000,
    packets: 30,
  },
  startUs: 1.795e15,
  endUs: 1.795e15 + 1_500_001,
  evidence: { tlsServerName: "www.example.org", dnsQueryName: "www.example.org" },
  deviceName: undefined,
  initiatorIsLocal: true,
  responderIsLocal: false,
};
const place = {
  countryCode: "US",
  countryName: "United States",
  asNumber: 15133,
  organization: "Edgecast Inc.",
};
const sources = {
  place: () => place,
  ptr: () => undefined,
  isOnLink: () => true,
  vendor: () => "Acme Inc.",
};
const record = JSON.parse(flowLine(delta, sources));
let timeUs = delta.endUs;

Deno.bench("the line of a flow", () => {
  encode(flowLine({ ...delta, endUs: timeUs++ }, sources));
});

Deno.bench("JSON.stringify() of its record", () => {
  encode(JSON.stringify(record));
});

Deno.bench("a timestamp", () => {
  timestampUs(timeUs += 1009);
});

Deno.bench("a timestamp of `Date`", () => {
  new Date(timeUs += 1009).toISOString();
});

const room = new Uint8Array(4096);
const encoder = new TextEncoder();

/** As when it is written: a text that was put together is in pieces until it is used. */
function encode(text: string): void {
  encoder.encodeInto(text, room);
}
