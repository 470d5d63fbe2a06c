/**
 * The gate: every connection passes through it, to an HTTP server on the loopback interface that nobody else is let
 * in to. Deno's server waits for ever for a visitor who sends half a request, or takes none of the answer; the gate counts
 * connections, knows of each whether a request is under way, and cuts it when it
 *
 * - has not sent a whole request within ten seconds (TLS handshakes included), or sends more than a request's head may have;
 * - is kept open for a minute without another request;
 * - takes nothing of an answer for twenty seconds.
 *
 * When there are too many, the one goes that has waited for the longest time without a request, so that nobody who keeps
 * connections open keeps others out. The gate stands before TLS, and looks at no byte.
 */

import type { Clock } from "../../system/clock.ts";
import { sleep } from "../../system/clock.ts";
import { writeAll } from "../../system/files/write_all.ts";

/** What is let through. */
export interface GateLimits {
  /** Connections at once. */
  readonly maxConnections: number;
  /** Until a connection's request is whole. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Until a piece of an answer is taken. */
  readonly writeMs: number;
  /** Bytes of a request before the server knows it. */
  readonly maxHeadBytes: number;
}

/** proxyd lets through 256 at once; with fewer here, it is the gate that chooses who has to go. */
export const GATE_LIMITS: GateLimits = {
  maxConnections: 200,
  requestMs: 10_000,
  idleMs: 60_000,
  writeMs: 20_000,
  maxHeadBytes: 64 * 1024,
};

const LOOK_MS = 500;
const AGAIN_MS = 100;
const UP_BYTES = 4 * 1024;
const DOWN_BYTES = 16 * 1024;

/** Somebody who is connected. */
export class Visitor {
  /** Where from; `undefined` where systemd-socket-proxyd stands between. */
  readonly address: string | undefined;
  readonly #connection: Deno.Conn;
  readonly #clock: Clock;
  readonly #limits: GateLimits;
  #inner: Deno.TcpConn | undefined;
  #requests = 0;
  #hasAsked = false;
  #waitingSinceMs: number;
  /** Since the last request was over. */
  #firstByteMs: number | undefined;
  #bytes = 0;
  #writingSinceMs: number | undefined;
  #isCut = false;

  constructor(connection: Deno.Conn, clock: Clock, limits: GateLimits) {
    this.#connection = connection;
    this.#clock = clock;
    this.#limits = limits;
    this.#waitingSinceMs = clock.monotonicMs();
    const { remoteAddr } = connection;
    this.address = remoteAddr.transport === "tcp" ? remoteAddr.hostname : undefined;
  }

  /** Whether no request is under way. */
  get isWaiting(): boolean {
    return this.#requests === 0;
  }

  /** Since when, as the monotonic clock has it; who has asked before comes after who never has. */
  get waitingOrder(): number {
    return this.#waitingSinceMs + (this.#hasAsked ? this.#limits.idleMs : 0);
  }

  /** A request is whole. */
  beginRequest(): void {
    this.#requests++;
    this.#hasAsked = true;
    this.#firstByteMs = undefined;
    this.#bytes = 0;
  }

  /** Its answer has been handed over. */
  endRequest(): void {
    this.#requests--;
    if (this.#requests > 0) return;
    this.#waitingSinceMs = this.#clock.monotonicMs();
    this.#firstByteMs = undefined;
    this.#bytes = 0;
  }

  /** Cuts the connection if it takes too long. */
  look(nowMs: number): void {
    const { requestMs, idleMs, writeMs } = this.#limits;
    const isStuck = this.#writingSinceMs !== undefined && nowMs - this.#writingSinceMs > writeMs;
    const isSlow = this.isWaiting && (
      this.#firstByteMs !== undefined
        ? nowMs - this.#firstByteMs > requestMs
        : nowMs - this.#waitingSinceMs > (this.#hasAsked ? idleMs : requestMs)
    );
    if (isStuck || isSlow) this.cut();
  }

  cut(): void {
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

  /** Passes bytes both ways until one side has gone; `known` is told the port by which the server knows the visitor. */
  async pass(port: number, known: (innerPort: number) => void): Promise<void> {
    const buffer = new Uint8Array(UP_BYTES);
    try {
      // Who says nothing costs nothing.
      let length = await this.#connection.read(buffer);
      if (length === null) return;
      this.#inner = await Deno.connect({ hostname: "127.0.0.1", port });
      if (this.#isCut) return this.#inner.close();
      this.#inner.setNoDelay();
      known(this.#inner.localAddr.port);
      const answers = this.#passDown(this.#inner);
      while (length !== null) {
        this.#note(length);
        await writeAll(this.#inner, buffer.subarray(0, length));
        length = await this.#connection.read(buffer);
      }
      await this.#inner.closeWrite();
      await answers;
    } catch {
      // One side has gone, or was cut.
    } finally {
      this.cut();
    }
  }

  #note(length: number): void {
    if (!this.isWaiting) return;
    this.#firstByteMs ??= this.#clock.monotonicMs();
    this.#bytes += length;
    if (this.#bytes > this.#limits.maxHeadBytes) this.cut();
  }

  async #passDown(inner: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(DOWN_BYTES);
    try {
      for (;;) {
        const length = await inner.read(buffer);
        if (length === null) break;
        this.#writingSinceMs = this.#clock.monotonicMs();
        await writeAll(this.#connection, buffer.subarray(0, length));
        this.#writingSinceMs = undefined;
      }
    } catch {
      // One side has gone, or was cut.
    } finally {
      this.cut();
    }
  }
}

export class Gate {
  readonly #clock: Clock;
  readonly #limits: GateLimits;
  readonly #visitors = new Set<Visitor>();
  readonly #byPort = new Map<number, Visitor>();

  constructor(clock: Clock, limits: GateLimits = GATE_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Who is known to the server by this port of the loopback interface; `undefined`: nobody who came through the gate. */
  visitorAt(innerPort: number): Visitor | undefined {
    return this.#byPort.get(innerPort);
  }

  /** Lets in who connects to `listener`, to the server on `port`, until `stop`; then cuts all. */
  async serve(listener: Deno.Listener, port: number, stop: AbortSignal): Promise<void> {
    const timer = setInterval(() => {
      const nowMs = this.#clock.monotonicMs();
      for (const visitor of this.#visitors) visitor.look(nowMs);
    }, LOOK_MS);
    const close = () => listener.close();
    stop.addEventListener("abort", close, { once: true });
    while (!stop.aborted) {
      try {
        this.#letIn(await listener.accept(), port);
      } catch (error) {
        if (stop.aborted || error instanceof Deno.errors.BadResource) break;
        // Too many open files, perhaps: some will be closed.
        await sleep(AGAIN_MS, stop);
      }
    }
    clearInterval(timer);
    for (const visitor of this.#visitors) visitor.cut();
  }

  #letIn(connection: Deno.Conn, port: number): void {
    const visitor = new Visitor(connection, this.#clock, this.#limits);
    if (this.#visitors.size >= this.#limits.maxConnections) {
      const longest = [...this.#visitors].filter(({ isWaiting }) => isWaiting)
        .reduce<Visitor | undefined>(
          (found, one) => found && found.waitingOrder <= one.waitingOrder ? found : one,
          undefined,
        );
      if (longest === undefined) return visitor.cut();
      longest.cut();
      this.#visitors.delete(longest);
    }
    this.#visitors.add(visitor);
    let innerPort: number | undefined;
    visitor.pass(port, (known) => {
      innerPort = known;
      this.#byPort.set(known, visitor);
    }).finally(() => {
      this.#visitors.delete(visitor);
      if (innerPort !== undefined && this.#byPort.get(innerPort) === visitor) {
        this.#byPort.delete(innerPort);
      }
    });
  }
}
