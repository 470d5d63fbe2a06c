/** What it costs to name a flow, and to turn away a payload that names none. */

import { InspectorBudget } from "../../../capture/reassembly/inspector_budget.ts";
import { PayloadInspector } from "../../../capture/payload/payload_inspector.ts";
import { mayBeginTcpNames, quicStartOf } from "../../../capture/payload/payload_start.ts";
import { text } from "../wire/build_bytes.ts";
import { clientHello, tlsRecords } from "../tls/build_client_hello.ts";
import { cryptoFrame, initialPacket } from "../quic/build_quic.ts";

const budget = new InspectorBudget();
const HELLO = clientHello({ serverName: "www.example.com", length: 517 });
const LONG_HELLO = clientHello({ serverName: "www.example.com", length: 1800 });
const SEGMENT = tlsRecords(HELLO);
const LONG_STREAM = tlsRecords(LONG_HELLO);
const REQUEST = text(
  "GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n" +
    `User-Agent: ${"x".repeat(100)}\r\nCookie: ${"y".repeat(200)}\r\n\r\n`,
);
const CONTENT = new Uint8Array(1448).fill(0x17);
const INITIAL = initialPacket({ frames: cryptoFrame(0, HELLO) });
const LONG_INITIALS = [
  initialPacket({ frames: cryptoFrame(0, LONG_HELLO.subarray(0, 1100)) }),
  initialPacket({ frames: cryptoFrame(1100, LONG_HELLO.subarray(1100)), packetNumber: 1 }),
];
const FOREIGN = initialPacket({ frames: cryptoFrame(0, HELLO), from: "server" });

function inspectTcp(...payloads: readonly Uint8Array[]): void {
  using inspector = new PayloadInspector(budget);
  let sequence = 1;
  for (const payload of payloads) {
    inspector.addTcp(sequence, payload, true);
    sequence += payload.length;
  }
}

function inspectUdp(...payloads: readonly Uint8Array[]): void {
  using inspector = new PayloadInspector(budget);
  for (const payload of payloads) inspector.addUdp(payload);
}

Deno.bench("a ClientHello in one segment", () => inspectTcp(SEGMENT));
Deno.bench("a ClientHello of 1,800 bytes in two segments", () => {
  inspectTcp(LONG_STREAM.subarray(0, 1448), LONG_STREAM.subarray(1448));
});
Deno.bench("an HTTP request", () => inspectTcp(REQUEST));
Deno.bench("a QUIC Initial with a ClientHello", () => inspectUdp(INITIAL));
Deno.bench("a ClientHello in two QUIC Initials", () => inspectUdp(...LONG_INITIALS));
Deno.bench("a QUIC Initial that does not open", () => inspectUdp(FOREIGN));
Deno.bench("content of TCP turned away", () => {
  mayBeginTcpNames(CONTENT, 0, CONTENT.length);
});
Deno.bench("content of UDP turned away", () => {
  quicStartOf(CONTENT, 0, CONTENT.length);
});
