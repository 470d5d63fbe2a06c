/**
 * The first datagrams of a QUIC connection: the ClientHello in the client's Initial packets, or the CHLO of Google's
 * versions.
 *
 *     datagram -> packets -> Initial? -> open with the keys of the flow, else of the packet -> CRYPTO pieces -> hello
 */

import { type ClientHello, parseClientHello } from "../tls/client_hello.ts";
import { chloOfDatagram, gquicVersionOf, parseChlo } from "../quic/gquic.ts";
import type { InspectorBudget } from "../reassembly/inspector_budget.ts";
import type { NameEvidence } from "./name_evidence.ts";
import { QuicStart, quicStartOf } from "./payload_start.ts";
import { cryptoPiecesOf, googleCryptoPiecesOf } from "../quic/quic_frames.ts";
import { QuicInitialKeys } from "../quic/quic_initial.ts";
import { longHeadersOf, type QuicLongHeader } from "../quic/quic_long_header.ts";
import { StreamHead } from "../reassembly/stream_head.ts";

/** RFC 9000, 14.1: a client's datagram with an Initial packet is at least so long, and a shorter one is discarded. */
const MIN_INITIAL_DATAGRAM_LENGTH = 1200;
/** RFC 9000, 7.2: the shortest Destination Connection ID that a client may choose for its first packet. */
const MIN_FIRST_CONNECTION_ID_LENGTH = 8;
/** Packets of a flow that are decrypted at most. Six times what the largest hello in use takes. */
const MAX_DECRYPTIONS = 16;

/** Reads the datagrams of one flow, of both ends, until they have said what they can. */
export class UdpInspection {
  readonly #budget: InspectorBudget;
  readonly #evidence: NameEvidence;
  /** There was a datagram that QUIC can begin with; those with a short header come behind. */
  #hasBegun = false;
  #isOver = false;
  #decryptions = 0;
  /** The keys that opened a packet. */
  #keys: QuicInitialKeys | undefined;
  /** The handshake that the packets carry which these keys open. */
  #head: StreamHead | undefined;
  /** The keys that were derived last, from a packet's own connection ID. A server's packets are opened by none. */
  #ownKeys: QuicInitialKeys | undefined;

  /** `evidence` is filled in as it comes. */
  constructor(budget: InspectorBudget, evidence: NameEvidence) {
    this.#budget = budget;
    this.#evidence = evidence;
  }

  /** Nothing that comes can add to the evidence. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Adds a UDP payload. */
  add(datagram: Uint8Array): void {
    if (this.#isOver) return;
    const start = quicStartOf(datagram, 0, datagram.length);
    if (start !== QuicStart.None) this.#hasBegun = true;
    if (!this.#hasBegun) return this.end();
    if (start !== QuicStart.Certain) return;
    if (gquicVersionOf(datagram, 0, datagram.length) !== 0) this.#addGoogle(datagram);
    else this.#addLongHeaders(datagram);
  }

  /** Gives up what is held. */
  end(): void {
    this.#isOver = true;
    this.#head?.release();
    this.#head = undefined;
  }

  #addGoogle(datagram: Uint8Array): void {
    this.#evidence.protocol = "quic";
    const chlo = chloOfDatagram(datagram);
    if (chlo !== undefined) this.#take(chlo);
  }

  #addLongHeaders(datagram: Uint8Array): void {
    const headers = longHeadersOf(datagram);
    if (headers.length > 0) this.#evidence.protocol = "quic";
    if (datagram.length < MIN_INITIAL_DATAGRAM_LENGTH) return;
    for (const header of headers) {
      if (header.isInitial && !this.#isOver) this.#addInitial(datagram, header);
    }
  }

  #addInitial(datagram: Uint8Array, header: QuicLongHeader): void {
    const payload = this.#open(datagram, header);
    if (payload === undefined) return;
    const { hasGoogleFrames, handshake } = header.version;
    const pieces = hasGoogleFrames ? googleCryptoPiecesOf(payload) : cryptoPiecesOf(payload);
    this.#head ??= new StreamHead(this.#budget);
    for (const { offset, bytes } of pieces) {
      if (!this.#head.add(offset, bytes)) return this.end();
    }
    const parse = handshake === "tls" ? parseClientHello : parseChlo;
    const hello = parse(this.#head.contiguous);
    if (typeof hello === "object") this.#take(hello);
    else if (hello === "invalid" || this.#head.isFull) this.end();
  }

  /**
   * The keys of a connection stay while the client changes to the connection ID that the server chose (RFC 9001,
   * 5.2), so they come first. Only after a Retry do they change with it, and the client sends its hello anew.
   */
  #open(datagram: Uint8Array, header: QuicLongHeader): Uint8Array | undefined {
    if (this.#keys !== undefined && this.#mayDecrypt()) {
      const payload = this.#keys.open(datagram, header);
      if (payload !== undefined) return payload;
    }
    if (!canBeginConnection(header)) return undefined;
    const isOwn = this.#ownKeys?.belongTo(header) === true;
    if (isOwn && this.#ownKeys === this.#keys) return undefined;
    // Before the keys are derived: that costs more than what they open.
    if (!this.#mayDecrypt()) return undefined;
    if (!isOwn) this.#ownKeys = new QuicInitialKeys(header);
    const firstPayload = this.#ownKeys!.open(datagram, header);
    if (firstPayload !== undefined) {
      this.#keys = this.#ownKeys;
      this.#head?.release();
    }
    return firstPayload;
  }

  /** Counts a decryption; where no more may be, it ends the inspection. */
  #mayDecrypt(): boolean {
    if (this.#isOver) return false;
    if (this.#decryptions === MAX_DECRYPTIONS || !this.#budget.mayOpen()) {
      this.end();
      return false;
    }
    this.#decryptions++;
    return true;
  }

  #take({ serverName, ech }: ClientHello): void {
    this.#evidence.quicServerName = serverName;
    this.#evidence.ech = ech;
    this.end();
  }
}

/** After a Retry the server has chosen the connection ID, at any length, and given a token. */
function canBeginConnection({ destinationId, hasToken }: QuicLongHeader): boolean {
  return hasToken || destinationId.length >= MIN_FIRST_CONNECTION_ID_LENGTH;
}
