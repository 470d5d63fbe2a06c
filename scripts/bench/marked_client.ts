/**
 * A device whose conversations are known to the packet: what a flood beside it must not cost it.
 *
 * Each round it asks DNS for two names, speaks TLS with the one and QUIC with the other, each from ports of its own; and a
 * download goes on through all rounds. A connection's packets are spread over its round.
 */

import { answerBytes } from "../../tests/capture/dns/dns_message.ts";
import { ethernet, type Frame } from "../../tests/capture/frame_builder.ts";
import { cryptoFrame, initialPacket } from "../../tests/capture/quic/build_quic.ts";
import {
  clientHello,
  serverHello,
  tlsRecords,
} from "../../tests/capture/tls/build_client_hello.ts";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { encode } from "dns-packet";

/** The device. */
export const CLIENT = "192.168.1.77";
const CLIENT_MAC = "02:00:00:00:fe:77";
const CLIENT_MAC_BYTES = CLIENT_MAC.split(":").map((byte) => parseInt(byte, 16));
const ROUTER_MAC = "02:00:00:00:fe:01";

/** Whom it speaks with, from which of its ports in round 0, and how many packets both ends send in a round. */
export const CONVERSATIONS = [
  { host: "tls.example.org", server: "93.184.216.34", port: 0x4000, packets: 8, evidence: "tls" },
  { host: "quic.example.org", server: "93.184.216.35", port: 0x6000, packets: 6, evidence: "quic" },
  { host: "dns.example", server: "93.184.216.99", port: 0x8000, packets: 4, evidence: "dns" },
] as const;
/** Both ends' packets of a round; the port stays. */
export const DOWNLOAD = { host: "big.example.org", server: "93.184.216.36", packets: 10 } as const;

/** Rounds after which ports come again. */
export const ROUNDS = 0x2000;
const DOWNLOAD_PORT = 0xa000;
const RESOLVER = CONVERSATIONS[2].server;
/** Offsets in Ethernet frames without tags, IPv4 without options. */
const MACS = 0;
const PORTS = 14 + 20;

/** One round's frames, in order. */
export function markedRound(): Frame[] {
  const [tls, quic, dns] = CONVERSATIONS;
  const hello = tlsRecords(clientHello({ serverName: tls.host }));
  const initial = initialPacket({ frames: cryptoFrame(0, clientHello({ serverName: quic.host })) });
  const up = (server: string) => out(server);
  const data = "d".repeat(600);
  const tcpUp = { sourcePort: tls.port, destinationPort: 443 };
  const tcpDown = { sourcePort: 443, destinationPort: tls.port };
  const udpUp = { sourcePort: quic.port, destinationPort: 443 };
  const udpDown = { sourcePort: 443, destinationPort: quic.port };
  const bigUp = { sourcePort: DOWNLOAD_PORT, destinationPort: 443 };
  const bigDown = { sourcePort: 443, destinationPort: DOWNLOAD_PORT };
  const download = Array.from(
    { length: DOWNLOAD.packets - 1 },
    () => back(DOWNLOAD.server).tcp(bigDown).payload(data),
  );
  return [
    ...question(tls.host, tls.server, dns.port),
    ...question(quic.host, quic.server, dns.port),
    up(DOWNLOAD.server).tcp(bigUp),
    up(tls.server).tcp({ ...tcpUp, flags: "S", sequence: 1000 }),
    up(quic.server).udp(udpUp).payload(initial),
    ...download.slice(0, 3),
    back(tls.server).tcp({ ...tcpDown, flags: "SA", sequence: 5000 }),
    back(quic.server).udp(udpDown).payload(data),
    up(tls.server).tcp({ ...tcpUp, sequence: 1001 }),
    up(tls.server).tcp({ ...tcpUp, sequence: 1001, flags: "PA" }).payload(hello),
    ...download.slice(3, 6),
    back(tls.server).tcp({ ...tcpDown, sequence: 5001 }).payload(tlsRecords(serverHello())),
    back(tls.server).tcp({ ...tcpDown, sequence: 5101 }).payload(data),
    up(quic.server).udp(udpUp).payload(data),
    ...Array.from({ length: 3 }, () => back(quic.server).udp(udpDown).payload(data)),
    ...download.slice(6),
    up(tls.server).tcp({ ...tcpUp, sequence: 2001 }).payload("bye"),
    back(tls.server).tcp({ ...tcpDown, sequence: 5701 }).payload(data),
  ];
}

/** Its frames, spread over those of a flood: a round is so many frames long. */
export function withMarkedClient(floodFrame: Frame, frames: number): Frame[] {
  const marked = markedRound();
  const every = Math.floor(frames / marked.length);
  return Array.from(
    { length: frames },
    (_, i) => i % every === 0 && i / every < marked.length ? marked[i / every] : floodFrame,
  );
}

/**
 * Makes of a frame that begins at `frame` in `bytes` that of another round; whether it is the client's at all. The port
 * tells which conversation it is of, whatever round it was before.
 */
export function renewConversation(bytes: Uint8Array, frame: number, round: number): boolean {
  const isTo = isClient(bytes, frame + MACS);
  if (!isTo && !isClient(bytes, frame + MACS + 6)) return false;
  const at = frame + PORTS + (isTo ? 2 : 0);
  const port = bytes[at] << 8 | bytes[at + 1];
  if (port === DOWNLOAD_PORT) return true;
  const renewed = port & ~(ROUNDS - 1) | round & ROUNDS - 1;
  bytes[at] = renewed >> 8;
  bytes[at + 1] = renewed;
  return true;
}

/** Of one conversation: how many there were, and of these the ones that are in the log whole, by name, and not evicted. */
export interface Verdict {
  readonly host: string;
  readonly expected: number;
  readonly whole: number;
  readonly named: number;
  readonly evicted: number;
}

/** What a log, as text, has of the client's conversations in its first `rounds` rounds. */
export function clientVerdicts(log: string, rounds: number): Verdict[] {
  const flows = new Map<string, { packets: number; name: string; reason: string }>();
  for (const line of log.split("\n")) {
    if (!line.includes(`"${CLIENT}"`)) continue;
    const { source, destination, network, wifilogger } = JSON.parse(line);
    if (source?.ip !== CLIENT || source.port === undefined) continue;
    const key = `${destination.ip} ${source.port}`;
    const packets = (flows.get(key)?.packets ?? 0) + network.packets;
    flows.set(key, { packets, name: destination.domain, reason: wifilogger.end_reason });
  }
  return CONVERSATIONS.map(({ host, server, port, packets, evidence }) => {
    const found = Array.from(
      { length: rounds },
      (_, round) => flows.get(`${server} ${port + round}`),
    )
      .filter((flow) => flow !== undefined);
    return {
      host,
      expected: rounds,
      whole: found.filter((flow) => flow.packets === packets).length,
      named: found.filter(({ name }) => evidence === "dns" || name === host).length,
      evicted: found.filter(({ reason }) => reason === "evicted").length,
    };
  });
}

/** The same in words. */
export function clientText(log: string, rounds: number): string {
  return clientVerdicts(log, rounds).map(({ host, expected, whole, named, evicted }) =>
    `${host} ${whole} of ${expected} flows whole, ${named} named, ${evicted} evicted`
  ).join("; ");
}

function isClient(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 6; i++) if (bytes[at + i] !== CLIENT_MAC_BYTES[i]) return false;
  return true;
}

function out(server: string): Frame {
  return ethernet({ source: CLIENT_MAC, destination: ROUTER_MAC })
    .ipv4({ source: CLIENT, destination: server });
}

function back(server: string): Frame {
  return ethernet({ source: ROUTER_MAC, destination: CLIENT_MAC })
    .ipv4({ source: server, destination: CLIENT });
}

function question(name: string, address: string, port: number): Frame[] {
  const query: Uint8Array = encode({ type: "query", questions: [{ type: "A", name }] });
  const answer = answerBytes({ queriedName: name, answers: [{ type: "A", name, data: address }] });
  return [
    out(RESOLVER).udp({ sourcePort: port, destinationPort: 53 }).payload(query),
    back(RESOLVER).udp({ sourcePort: 53, destinationPort: port }).payload(answer),
  ];
}
