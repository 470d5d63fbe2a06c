/** DNS messages and the packets that carry them. */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, encode, type Question } from "dns-packet";
import type { Packet } from "../../../capture/decode/packet.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, type Frame } from "../frame_builder.ts";
import { START_US } from "../pcap_records.ts";

export const RESOLVER = "192.168.1.1";

/** An answer: who asked for what, and the records that came. */
export interface Answered {
  /** @default "192.168.1.20" */
  readonly client?: string;
  /** @default RESOLVER */
  readonly resolver?: string;
  /** The client's MAC address. @default "02:00:00:00:00:20" */
  readonly clientMac?: string;
  readonly queriedName: string;
  readonly type?: Question["type"];
  readonly answers: readonly Answer[];
}

export function a(name: string, data: string): Answer {
  return { type: data.includes(":") ? "AAAA" : "A", name, data };
}

export function cname(name: string, data: string): Answer {
  return { type: "CNAME", name, data };
}

export function answerBytes({ queriedName, type = "A", answers }: Answered): Uint8Array {
  return encode({
    type: "response",
    questions: [{ type, name: queriedName }],
    answers: [...answers],
  });
}

/** The query of a client as it passes. */
export function queryFrame(asked: Answered): Frame {
  const { client = "192.168.1.20", resolver = RESOLVER, queriedName, type = "A" } = asked;
  const message: Uint8Array = encode({ type: "query", questions: [{ type, name: queriedName }] });
  return ipBetween(client, resolver, asked.clientMac ?? "02:00:00:00:00:20")
    .udp({ sourcePort: 40053, destinationPort: 53 }).payload(message);
}

/** The resolver's answer as it passes, with any bytes for the message. */
export function answerFrame(answered: Answered, message = answerBytes(answered)): Frame {
  const { client = "192.168.1.20", resolver = RESOLVER } = answered;
  return ipBetween(resolver, client, "02:00:00:00:00:01")
    .udp({ sourcePort: 53, destinationPort: 40053 }).payload(message);
}

function ipBetween(source: string, destination: string, mac: string): Frame {
  const link = ethernet({ source: mac });
  return source.includes(":")
    ? link.ipv6({ source, destination })
    : link.ipv4({ source, destination });
}

export function answerPacket(answered: Answered, timeUs = START_US): Packet {
  return packetOf(answerFrame(answered), timeUs);
}

/** An answer of any bytes at all. */
export function messagePacket(message: Uint8Array): Packet {
  return packetOf(answerFrame({ queriedName: "", answers: [] }, message));
}

/** A message with the given counts and body, which need not agree. */
export function rawMessage(
  { questions = 1, answers = 0, body }: { questions?: number; answers?: number; body: Uint8Array },
): Uint8Array {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(questions, 4);
  header.writeUInt16BE(answers, 6);
  return Buffer.concat([header, body]);
}
