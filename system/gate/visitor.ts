/**
 * Who has come through a gate. He is cut when he
 *
 * - has not sent a whole request in time (TLS handshakes included), or sends more than a request's head may have;
 * - stays for too long without another request;
 * - waits for too long for an answer to begin, where that has a limit;
 * - takes nothing of an answer for too long.
 *
 * He costs one timer.
 */

import { writeAll } from "../files/write_all.ts";

/** What is let through. */
export interface GateLimits {
  /** Connections at once. */
  readonly maxConnections: number;
  /** Bytes of a request before the server knows it. */
  readonly maxHeadBytes: number;
  /** Until a request is whole: from the connection's beginning, then from the request's first byte. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Until an answer begins. @default as long as it takes */
  readonly answerMs?: number;
  /** Until a piece of an answer is taken. */
  readonly writeMs: number;
}

/** What a visitor is held to; `readsHeads` as in `GateOptions`. */
export interface VisitorOptions {
  readonly limits: GateLimits;
  readonly readsHeads: boolean;
  /** Called when no request is under way any more. */
  readonly onWaiting: () => void;
}

const UP_BYTES = 4 << 10;
const DOWN_BYTES = 16 << 10;
const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a];

/** Somebody who is connected. */
export class Visitor {
  /** Where from; `undefined` where systemd-socket-proxyd or nothing but a unix socket stands between. */
  readonly address: string | undefined;
  readonly #connection: Deno.Conn;
  readonly #options: VisitorOptions;
  #inner: Deno.Conn | undefined;
  #timer: number | undefined;
  #requests = 0;
  #hasAsked = false;
  #hasAnswered = false;
  #isWriting = false;
  #isCut = false;
  /** Bytes since the last request was over; how many of `HEAD_END` were the last of them. */
  #bytes = 0;
  #endSeen = 0;

  constructor(connection: Deno.Conn, options: VisitorOptions) {
    this.#connection = connection;
    this.#options = options;
    const { remoteAddr } = connection;
    this.address = remoteAddr.transport === "tcp" ? remoteAddr.hostname : undefined;
    this.#setTimer();
  }

  /** Whether no request is under way. */
  get isWaiting(): boolean {
    return this.#requests === 0;
  }

  /** Whether there ever was one. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** A request is whole. */
  beginRequest(): void {
    this.#requests++;
    this.#hasAsked = true;
    this.#bytes = this.#endSeen = 0;
    if (!this.#isWriting) this.#setTimer();
  }

  /** Its answer has been handed over or, where the gate reads heads, has begun. */
  endRequest(): void {
    this.#requests--;
    if (this.#requests > 0) return;
    this.#bytes = this.#endSeen = 0;
    this.#options.onWaiting();
    if (!this.#isWriting) this.#setTimer();
  }

  cut(): void {
    clearTimeout(this.#timer);
    if (this.#isCut) return;
    this.#isCut = true;
    for (const connection of [this.#connection, this.#inner]) {
      try {
        connection?.close();
      } catch {
        // The other side was faster.
      }
    }
  }

  /** Passes bytes both ways until one side has gone, or this is cut; `known` is told the connection to the server. */
  async pass(
    connect: () => Promise<Deno.Conn>,
    known: (inner: Deno.Conn) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(UP_BYTES);
    try {
      // Who says nothing costs no more than a connection.
      let length = await this.#connection.read(buffer);
      if (length === null) return;
      const inner = this.#inner = await connect();
      if (this.#isCut) return inner.close();
      known(inner);
      const answers = this.#passDown(inner);
      while (length !== null) {
        const bytes = buffer.subarray(0, length);
        if (!this.#bears(bytes)) return await this.#refuse("431 Request Header Fields Too Large");
        await writeAll(inner, bytes);
        length = await this.#connection.read(buffer);
      }
      // Who is heard to the end still gets the answer.
      await inner.closeWrite();
      await answers;
    } catch {
      // One side has gone, or was cut.
    } finally {
      this.cut();
    }
  }

  /** Takes note of what came. @returns whether it is no more than a request's head may have */
  #bears(bytes: Uint8Array): boolean {
    if (!this.isWaiting) return true;
    const isFirst = this.#bytes === 0;
    this.#bytes += bytes.length;
    if (this.#options.readsHeads && this.#endsHead(bytes)) {
      this.beginRequest();
      return true;
    }
    if (isFirst && !this.#isWriting) this.#setTimer();
    return this.#bytes <= this.#options.limits.maxHeadBytes;
  }

  #endsHead(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      if (byte === HEAD_END[this.#endSeen]) this.#endSeen++;
      else this.#endSeen = byte === HEAD_END[0] ? 1 : 0;
      if (this.#endSeen === HEAD_END.length) return true;
    }
    return false;
  }

  async #passDown(inner: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(DOWN_BYTES);
    try {
      for (let length; (length = await inner.read(buffer)) !== null;) {
        this.#hasAnswered = true;
        this.#isWriting = true;
        if (this.#options.readsHeads && !this.isWaiting) this.endRequest();
        this.#setTimer();
        await writeAll(this.#connection, buffer.subarray(0, length));
        this.#isWriting = false;
        this.#setTimer();
      }
    } catch {
      // One side has gone, or was cut.
    } finally {
      this.cut();
    }
  }

  async #refuse(status: string): Promise<void> {
    if (this.#options.readsHeads && !this.#hasAnswered) {
      const text = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
      await this.#connection.write(new TextEncoder().encode(text)).catch(() => {});
    }
    this.cut();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const ms = this.#patienceMs();
    if (this.#isCut || ms === undefined) return;
    this.#timer = setTimeout(() => void this.#refuse("408 Request Timeout"), ms);
  }

  #patienceMs(): number | undefined {
    const { requestMs, idleMs, answerMs, writeMs } = this.#options.limits;
    if (this.#isWriting) return writeMs;
    if (!this.isWaiting) return answerMs;
    return this.#hasAsked && this.#bytes === 0 ? idleMs : requestMs;
  }
}
