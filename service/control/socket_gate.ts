/**
 * What stands before the control socket's HTTP server: Deno's waits for ever for who sends half a request, or takes none of
 * the answer, and each of them costs a file descriptor. Here every connection is passed on to the server's own socket, and
 * cut when it
 *
 * - has not sent a request's head within ten seconds, or sends more than one may have;
 * - is kept open for a minute without another request, or for ten without an answer;
 * - takes nothing of an answer for twenty seconds.
 *
 * Of too many connections the one goes that has been without a request for the longest. Nothing ticks while nobody is
 * connected.
 */

import { writeAll } from "../../system/files/write_all.ts";

/** What is let through. */
export interface GateLimits {
  readonly maxConnections: number;
  readonly maxHeadBytes: number;
  readonly headMs: number;
  readonly idleMs: number;
  readonly answerMs: number;
  readonly writeMs: number;
}

export const GATE_LIMITS: GateLimits = {
  maxConnections: 256,
  maxHeadBytes: 16 << 10,
  headMs: 10_000,
  idleMs: 60_000,
  answerMs: 600_000,
  writeMs: 20_000,
};

const CHUNK_BYTES = 8 << 10;
const HEAD_END = [0x0d, 0x0a, 0x0d, 0x0a];

/** Passes connections to a listening unix socket on to another. */
export class SocketGate {
  readonly #listener: Deno.Listener;
  readonly #innerPath: string;
  readonly #limits: GateLimits;
  readonly #passages = new Set<Passage>();
  readonly #over: Promise<void>;
  #isClosed = false;

  /** `innerPath`: where the server is. */
  constructor(listener: Deno.Listener, innerPath: string, limits: GateLimits = GATE_LIMITS) {
    this.#listener = listener;
    this.#innerPath = innerPath;
    this.#limits = limits;
    this.#over = this.#serve();
  }

  /** Connections now. */
  get size(): number {
    return this.#passages.size;
  }

  /** Lets nobody in any more, and cuts who waits without a request; resolves when the others have gone. */
  async close(): Promise<void> {
    if (!this.#isClosed) this.#listener.close();
    this.#isClosed = true;
    for (const passage of this.#passages) if (!passage.isAnswering) passage.cut();
    await this.#over;
  }

  async #serve(): Promise<void> {
    const passing = new Set<Promise<void>>();
    for await (const connection of this.#connections()) {
      if (this.#passages.size >= this.#limits.maxConnections) this.#makeRoom();
      const passage = new Passage(connection, this.#limits);
      this.#passages.add(passage);
      const passed = passage.pass(this.#innerPath).finally(() => {
        this.#passages.delete(passage);
        passing.delete(passed);
      });
      passing.add(passed);
    }
    await Promise.all(passing);
  }

  async *#connections(): AsyncGenerator<Deno.Conn, void> {
    while (!this.#isClosed) {
      try {
        yield await this.#listener.accept();
      } catch (error) {
        if (this.#isClosed || error instanceof Deno.errors.BadResource) return;
        // Too many open files, perhaps: some will be closed.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  #makeRoom(): void {
    for (const passage of this.#passages) {
      if (passage.isAnswering) continue;
      this.#passages.delete(passage);
      return passage.cut();
    }
  }
}

/** One connection. */
class Passage {
  readonly #connection: Deno.Conn;
  readonly #limits: GateLimits;
  #inner: Deno.Conn | undefined;
  #timer: number | undefined;
  /** Bytes of the request under way; how many of `HEAD_END` were the last of them. */
  #headBytes = 0;
  #endSeen = 0;
  /** A request is whole, and its answer not begun. */
  #isAsked = false;
  #hasAnswered = false;
  #isCut = false;

  constructor(connection: Deno.Conn, limits: GateLimits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  /** Whether somebody waits for an answer. */
  get isAnswering(): boolean {
    return this.#isAsked;
  }

  async pass(innerPath: string): Promise<void> {
    try {
      this.#cutAfter(this.#limits.headMs);
      this.#inner = await Deno.connect({ transport: "unix", path: innerPath });
      await Promise.race([this.#up(this.#inner), this.#down(this.#inner)]);
    } catch {
      // Either side has gone.
    } finally {
      this.cut();
    }
  }

  cut(): void {
    this.#isCut = true;
    clearTimeout(this.#timer);
    for (const end of [this.#connection, this.#inner]) {
      try {
        end?.close();
      } catch {
        // It is closed.
      }
    }
  }

  #cutAfter(ms: number, answer?: string): void {
    clearTimeout(this.#timer);
    if (this.#isCut) return;
    this.#timer = setTimeout(() => void this.#refuse(answer), ms);
  }

  async #refuse(status = "408 Request Timeout"): Promise<void> {
    if (!this.#hasAnswered) {
      const text = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
      await this.#connection.write(new TextEncoder().encode(text)).catch(() => {});
    }
    this.cut();
  }

  /** The end of what the client sends is passed on too: who is heard to the end still gets the answer. */
  async #up(inner: Deno.Conn): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let length; (length = await this.#connection.read(chunk)) !== null;) {
      const bytes = chunk.subarray(0, length);
      if (!this.#isAsked) this.#followHead(bytes);
      if (this.#headBytes > this.#limits.maxHeadBytes) {
        return await this.#refuse("431 Request Header Fields Too Large");
      }
      await writeAll(inner, bytes);
    }
    await inner.closeWrite();
    await new Promise<never>(() => {});
  }

  #followHead(bytes: Uint8Array): void {
    if (this.#headBytes === 0) this.#cutAfter(this.#limits.headMs);
    this.#headBytes += bytes.length;
    for (const byte of bytes) {
      if (byte === HEAD_END[this.#endSeen]) this.#endSeen++;
      else this.#endSeen = byte === HEAD_END[0] ? 1 : 0;
      if (this.#endSeen < HEAD_END.length) continue;
      this.#isAsked = true;
      this.#headBytes = this.#endSeen = 0;
      return this.#cutAfter(this.#limits.answerMs);
    }
  }

  async #down(inner: Deno.Conn): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let length; (length = await inner.read(chunk)) !== null;) {
      this.#hasAnswered = true;
      this.#isAsked = false;
      this.#cutAfter(this.#limits.writeMs);
      await writeAll(this.#connection, chunk.subarray(0, length));
      this.#cutAfter(this.#limits.idleMs);
    }
  }
}
