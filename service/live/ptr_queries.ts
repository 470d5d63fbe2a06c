/**
 * Reverse DNS, asked of the system's name servers over UDP sockets of our own, so that the logger knows its own
 * queries when they pass by and can leave them out of the log.
 */

import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { decode, encode } from "dns-packet";
import ipaddr from "ipaddr.js";
import {
  type AddressWords,
  destinationOf,
  parseAddress,
  sourceOf,
} from "../../capture/address/address.ts";
import type { Packet } from "../../capture/decode/packet.ts";
import { presentationName } from "../../capture/wire/presentation_name.ts";

const RESOLV_CONF = "/etc/resolv.conf";
/** As the C library takes them (resolv.conf(5)). */
const MAX_SERVERS = 3;
const DNS_PORT = 53;
/** One server's time to answer, before the next is asked. */
const SERVER_TIMEOUT_MS = 1_600;
/** A port stays known for so long after its query: an answer may come late. */
const PORT_MEMORY_MS = 10_000;

/** No error, and no such name. */
const DEFINITE_RCODES: ReadonlySet<number> = new Set([0, 3]);

/** Asks for names of addresses. */
export class PtrQueries {
  readonly #ports = new Set<number>();
  readonly #readServers: () => readonly string[];

  /** `readServers` gives the addresses of the name servers, and is asked for each query: they change. */
  constructor(readServers: () => readonly string[] = nameServers) {
    this.#readServers = readServers;
  }

  /** Whether a query of ours is, or was lately, under way from this UDP port. */
  isOwnPort(port: number): boolean {
    return this.#ports.has(port);
  }

  /** Whether a packet goes from one of our ports and addresses to a name server, or back. */
  isOwn(packet: Packet, isOwnAddress: (address: AddressWords) => boolean): boolean {
    const { sourcePort, destinationPort } = packet;
    if (destinationPort === DNS_PORT && this.isOwnPort(sourcePort)) {
      return isOwnAddress(sourceOf(packet));
    }
    if (sourcePort === DNS_PORT && this.isOwnPort(destinationPort)) {
      return isOwnAddress(destinationOf(packet));
    }
    return false;
  }

  /**
   * The name of an address in text, made fit for a log; `undefined` when it has none.
   *
   * @throws {Error} when no name server answers
   */
  async ask(address: string, signal: AbortSignal): Promise<string | undefined> {
    let failure: unknown;
    for (const server of this.#readServers()) {
      try {
        return await this.#askServer(server, reverseName(address), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure ?? new Error(`${RESOLV_CONF} names no server`);
  }

  async #askServer(server: string, name: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const id = crypto.getRandomValues(new Uint16Array(1))[0];
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SERVER_TIMEOUT_MS)]);
    try {
      // Connected, so that it has a port that we know before the query is on the wire.
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.connect(DNS_PORT, server, resolve);
      });
      limit.throwIfAborted();
      this.#rememberPort(socket.address().port);
      const answer = answerFrom(server, socket, id, limit);
      socket.send(queryMessage(id, name));
      return await answer;
    } finally {
      socket.close();
    }
  }

  #rememberPort(port: number): void {
    this.#ports.add(port);
    Deno.unrefTimer(setTimeout(() => this.#ports.delete(port), PORT_MEMORY_MS));
  }
}

function queryMessage(id: number, name: string): Uint8Array {
  const RECURSION_DESIRED = 256;
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: "PTR", name }],
  });
}

/** The name in the server's answer with this id; rejects when `limit` is reached or the socket fails. */
function answerFrom(
  server: string,
  socket: Socket,
  id: number,
  limit: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    limit.addEventListener("abort", () => reject(limit.reason));
    socket.once("error", reject);
    socket.on("message", (bytes: Uint8Array, sender: { address: string; port: number }) => {
      // Deno's sockets take what anybody sends them, connected or not.
      if (sender.port !== DNS_PORT || !isSameAddress(sender.address, server)) return;
      try {
        const message = decode(Buffer.from(bytes));
        if (message.id !== id || message.type !== "response") return;
        // The next server may know what this one is not able or willing to find out.
        if (!DEFINITE_RCODES.has(rcodeOf(bytes))) reject(new Error(`${server} does not answer`));
        const answer = message.answers?.find(({ type }) => type === "PTR");
        resolve(answer?.type === "PTR" ? presentationName(answer.data) : undefined);
      } catch {
        // Not readable as an answer: the true one may still come.
      }
    });
  });
}

/** RFC 1035, 4.1.1: the last four bits of the header's fourth byte. */
function rcodeOf(message: Uint8Array): number {
  return message[3] & 0x0f;
}

function isSameAddress(a: string, b: string): boolean {
  return String(parseAddress(a)) === String(parseAddress(b));
}

/** The system's name servers, in the order in which they are to be asked. */
function nameServers(): readonly string[] {
  try {
    return Deno.readTextFileSync(RESOLV_CONF).split("\n")
      .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
      .slice(0, MAX_SERVERS);
  } catch {
    return [];
  }
}

/** The name to ask for: RFC 1035, 3.5 for IPv4, RFC 3596, 2.5 for IPv6. */
function reverseName(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  if (bytes.length === 4) return `${bytes.reverse().join(".")}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]);
  return `${nibbles.reverse().map((nibble) => nibble.toString(16)).join(".")}.ip6.arpa`;
}
