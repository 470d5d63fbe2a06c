/**
 * The beginnings of both directions of a TCP connection: a TLS hello, an HTTP request, or a CONNECT and a hello in
 * the tunnel behind it.
 *
 * Most hellos and requests come whole in one segment and are read where they stand; only what is cut is kept.
 */

import { type ClientHello, parseClientHello } from "../tls/client_hello.ts";
import { HTTP_HEAD_LIMIT, parseHttpRequestHead } from "../http/http_request_head.ts";
import type { InspectorBudget } from "../reassembly/inspector_budget.ts";
import type { NameEvidence } from "./name_evidence.ts";
import { beginsHttpResponse, mayBeginTcpNames } from "./payload_start.ts";
import { StreamHead } from "../reassembly/stream_head.ts";
import { HANDSHAKE_SERVER_HELLO, LEGACY_VERSION_OFFSET, VERSION_MAJOR } from "../tls/handshake.ts";
import { handshakeOf } from "../tls/tls_record.ts";

/** One direction of the connection, from its first byte on. */
class Direction {
  /** Sequence number of the stream's first byte; unknown until its SYN, or a payload that can be the first. */
  base: number | undefined;
  head: StreamHead | undefined;
  /** Bytes of the stream that have been read: the requests for a tunnel that stood before it. */
  consumed = 0;
  /** Nothing more is to be read here. */
  isOver = false;

  end(): void {
    this.isOver = true;
    this.head?.release();
    this.head = undefined;
  }
}

/** Reads both directions of one connection until they have said what they can. */
export class TcpInspection {
  readonly #budget: InspectorBudget;
  readonly #evidence: NameEvidence;
  readonly #fromInitiator = new Direction();
  readonly #fromResponder = new Direction();

  /** `evidence` is filled in as it comes. */
  constructor(budget: InspectorBudget, evidence: NameEvidence) {
    this.#budget = budget;
    this.#evidence = evidence;
  }

  /** Nothing that comes can add to the evidence. */
  get isOver(): boolean {
    return this.#fromInitiator.isOver && this.#fromResponder.isOver;
  }

  /** Says where a direction begins: the sequence number of its SYN. */
  begin(synSequence: number, fromInitiator: boolean): void {
    this.#direction(fromInitiator).base ??= synSequence + 1 | 0;
  }

  /** Adds a segment's payload; not empty; `sequence` is the sequence number of its first byte. */
  add(sequence: number, payload: Uint8Array, fromInitiator: boolean): void {
    const direction = this.#direction(fromInitiator);
    if (direction.isOver) return;
    if (direction.base === undefined) {
      // Somewhere in the midst of a connection: better no name than one out of the content.
      if (!mayBeginTcpNames(payload, 0, payload.length)) return direction.end();
      direction.base = sequence;
    }
    const offset = sequence - direction.base | 0;
    const isWholeStream = offset === 0 && direction.head === undefined;
    if (isWholeStream) this.#read(direction, payload);
    if (!direction.isOver) this.#keep(direction, offset, payload);
    if (!direction.isOver && !isWholeStream) this.#readHead(direction);
  }

  /** Gives up what is held. */
  end(): void {
    this.#fromInitiator.end();
    this.#fromResponder.end();
  }

  #direction(fromInitiator: boolean): Direction {
    return fromInitiator ? this.#fromInitiator : this.#fromResponder;
  }

  #keep(direction: Direction, offset: number, payload: Uint8Array): void {
    direction.head ??= new StreamHead(this.#budget);
    if (!direction.head.add(offset, payload)) this.end();
  }

  #readHead(direction: Direction): void {
    const { head } = direction;
    if (head === undefined) return;
    this.#read(direction, head.contiguous);
    if (head.isFull) direction.end();
  }

  /** Reads what a stream begins with, and ends the direction when that is known. */
  #read(direction: Direction, stream: Uint8Array): void {
    // A request for a tunnel that is whole leads to what stands behind it: a hello, or the request once more.
    while (!direction.isOver && direction.consumed < stream.length) {
      const rest = stream.subarray(direction.consumed);
      const handshake = handshakeOf(rest);
      if (handshake === "incomplete") return;
      if (handshake !== "not-tls") return this.#readHandshake(direction, handshake);
      const tunnelOffset = this.#readHttp(direction, rest);
      if (tunnelOffset === 0) return;
      direction.consumed += tunnelOffset;
    }
  }

  #readHandshake(direction: Direction, handshake: Uint8Array): void {
    if (handshake[0] === HANDSHAKE_SERVER_HELLO) return this.#readServerHello(direction, handshake);
    const hello = parseClientHello(handshake);
    if (hello === "invalid") direction.end();
    else if (hello !== "incomplete") this.#takeHello(hello);
  }

  /** A server's hello names nobody, but tells the protocol where the client's was missed. */
  #readServerHello(direction: Direction, handshake: Uint8Array): void {
    if (handshake.length <= LEGACY_VERSION_OFFSET) return;
    if (handshake[LEGACY_VERSION_OFFSET] === VERSION_MAJOR) this.#evidence.protocol ??= "tls";
    direction.end();
  }

  #takeHello(hello: ClientHello): void {
    this.#evidence.protocol ??= "tls";
    this.#evidence.tlsServerName = hello.serverName;
    this.#evidence.ech = hello.ech;
    this.end();
  }

  /** Returns where the tunnel begins, when `rest` begins with a request for one that is whole; else 0. */
  #readHttp(direction: Direction, rest: Uint8Array): number {
    const head = parseHttpRequestHead(rest);
    if (head === "incomplete") return 0;
    if (head === "invalid") {
      if (beginsHttpResponse(rest, 0, rest.length)) this.#evidence.protocol ??= "http";
      direction.end();
      return 0;
    }
    // What goes through a tunnel does not take the place of the host that the tunnel leads to.
    if (direction.consumed === 0) {
      this.#evidence.protocol = "http";
      this.#evidence.httpHost = head.host;
    }
    const isWhole = head.length !== undefined;
    if (isWhole && head.isConnect) return head.length;
    if (isWhole || rest.length >= HTTP_HEAD_LIMIT) this.end();
    return 0;
  }
}
