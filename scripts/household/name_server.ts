/**
 * The household's DNS server: UDP port 53 of the router, for the names and reverse names of `addresses.ts`.
 *
 * Run on the router, or on another machine with an address of that as its argument; prints `ready` once it answers.
 */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { decode, encode, type Packet, type Question, type StringAnswer } from "dns-packet";
import { LAN, type Server, SERVERS } from "./addresses.ts";

const TTL_S = 60;
const AUTHORITATIVE_ANSWER = 1 << 10;
const NAME_ERROR = 3;

/** A reverse name for an address, such as `4.3.2.1.in-addr.arpa`. Only IPv4 has some here. */
function reverseName(ipv4: string): string {
  return `${ipv4.split(".").reverse().join(".")}.in-addr.arpa`;
}

function* recordsOf(server: Server): Generator<StringAnswer> {
  const { host, canonicalHost, ipv4, ipv6, ptr } = server;
  const name = canonicalHost ?? host;
  if (host && canonicalHost) yield { type: "CNAME", name: host, data: canonicalHost, ttl: TTL_S };
  if (name && ipv4) yield { type: "A", name, data: ipv4, ttl: TTL_S };
  if (name && ipv6) yield { type: "AAAA", name, data: ipv6, ttl: TTL_S };
  if (ptr && ipv4) yield { type: "PTR", name: reverseName(ipv4), data: ptr, ttl: TTL_S };
}

const RECORDS = Object.values<Server>(SERVERS).flatMap((server) => [...recordsOf(server)]);

function recordsNamed(name: string): StringAnswer[] {
  return RECORDS.filter((record) => record.name.toLowerCase() === name.toLowerCase());
}

/** The records that answer a question, an alias followed by those of what it stands for. */
function lookUp({ name, type }: Question): StringAnswer[] {
  const records = recordsNamed(name);
  const alias = records.find((record) => record.type === "CNAME");
  if (alias) return [alias, ...lookUp({ name: alias.data, type })];
  return records.filter((record) => record.type === type);
}

function answer(query: Packet): Packet {
  const [question] = query.questions ?? [];
  const code = question && recordsNamed(question.name).length > 0 ? 0 : NAME_ERROR;
  return {
    type: "response",
    id: query.id,
    flags: AUTHORITATIVE_ANSWER | code,
    questions: query.questions,
    answers: question && lookUp(question),
  };
}

if (import.meta.main) {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: Deno.args[0] ?? LAN.router.ipv4,
    port: 53,
  });
  console.log("ready");
  for await (const [message, client] of socket) {
    await socket.send(encode(answer(decode(Buffer.from(message)))), client);
  }
}
