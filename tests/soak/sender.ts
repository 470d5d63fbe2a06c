/**
 * Sends conversations on an interface until its standard input ends, and keeps a ledger of them:
 *
 *     sender.ts INTERFACE LEDGER SEED PER_SECOND DOWNLOADS
 *
 * A line on stdin names the interface to send on from now on. It says "sends" when it begins.
 */

import { seededRandom } from "../../scripts/seeded_random.ts";
import { linesOf } from "../forward/ledger/text_lines.ts";
import { Conversations, type Flow, type Said } from "./conversations.ts";
import { flowKey, type SentFlow, type SentPacket } from "./ledger_line.ts";
import { RawSocket } from "./raw_socket.ts";

const [name, path, ...numbers] = Deno.args;
const [seed, perSecond, downloads] = numbers.map(Number);
const TICK_MS = 4;
const ETHERNET_BYTES = 14;

/** A flow that is being sent. */
interface Sending {
  readonly flow: Flow;
  readonly startMs: number;
  readonly rest: Iterator<Said>;
  next: Said;
  namedMs: number | undefined;
  readonly packets: SentPacket[];
}

const socket = new RawSocket(name);
const conversations = new Conversations(seededRandom(seed));
const ledger = Deno.openSync(path, { create: true, append: true });
const encoder = new TextEncoder();
const sending = new Set<Sending>();
let isOver = false;

function begin(flow: Flow, startMs: number): void {
  const rest = flow.packets[Symbol.iterator]();
  const first = rest.next();
  if (first.done) return;
  sending.add({ flow, startMs, rest, next: first.value, namedMs: undefined, packets: [] });
}

/** Sends what of a flow is due; whether it goes on. */
function sendDue(of: Sending, nowMs: number): boolean {
  while (of.startMs + of.next.afterMs <= nowMs) {
    const { frame, isUp, saysName } = of.next;
    const atMs = Date.now();
    const bytes = frame.bytes as Uint8Array<ArrayBuffer>;
    if (socket.send(bytes)) {
      of.packets.push([atMs, isUp ? 1 : 0, bytes.length - ETHERNET_BYTES]);
      if (saysName) of.namedMs = atMs;
    }
    const next = of.rest.next();
    if (next.done) return false;
    of.next = next.value;
  }
  return true;
}

function note({ flow, namedMs, packets }: Sending): void {
  if (packets.length === 0) return;
  const { transport, device, port, server, serverPort } = flow;
  const line: SentFlow = {
    key: flowKey(transport, device, port, server, serverPort),
    name: flow.name,
    namedMs,
    packets,
  };
  ledger.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
}

(async () => {
  for await (const line of linesOf(Deno.stdin.readable)) socket.use(line);
  isOver = true;
})();

const startMs = performance.now();
for (let i = 0; i < downloads; i++) begin(conversations.download(), startMs);
console.log("sends");
for (let begun = 0; !isOver;) {
  const nowMs = performance.now();
  for (const due = (nowMs - startMs) / 1000 * perSecond; begun < due; begun++) {
    for (const flow of conversations.next()) begin(flow, nowMs);
  }
  for (const of of sending) {
    if (sendDue(of, nowMs)) continue;
    sending.delete(of);
    note(of);
  }
  await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}
for (const of of sending) note(of);
Deno.exit(0);
