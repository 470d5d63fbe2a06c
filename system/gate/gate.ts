/**
 * The gate before an HTTP server: every connection passes through it, to the server's own socket, where nobody else is let
 * in. Deno's server waits for ever for a visitor who sends half a request, or takes none of the answer, and each of them
 * costs file descriptors. The gate counts connections, knows of each whether a request is under way, and cuts it when it
 * takes too long (`visitor.ts` says when).
 *
 * Of too many the one goes that has waited for the longest without ever asking, then the one that has asked; so nobody who
 * keeps connections open keeps others out. Nothing ticks while nobody is connected.
 */

import { type GateLimits, Visitor } from "./visitor.ts";

/** What a gate stands before, and whom it lets through. */
export interface GateOptions {
  /** Closed with the gate. */
  readonly listener: Deno.Listener;
  /** Connects to the server. */
  readonly connect: () => Promise<Deno.Conn>;
  readonly limits: GateLimits;
  /**
   * Whether requests are plain HTTP and nothing but heads: the gate then reads where each ends, and says why it cuts.
   * Otherwise it looks at no byte, as before TLS, and the server tells it of requests. @default false
   */
  readonly readsHeads?: boolean;
}

const AGAIN_MS = 100;

/** Lets visitors in until it is closed. */
export class Gate {
  readonly #options: GateOptions;
  /** In the order in which they began to wait. */
  readonly #visitors = new Set<Visitor>();
  readonly #byPort = new Map<number, Visitor>();
  #isClosed = false;
  /** Resolves when nobody is let in any more, and all have gone. */
  readonly over: Promise<void>;

  constructor(options: GateOptions) {
    this.#options = options;
    this.over = this.#serve();
  }

  /** Who is known to the server by this port of the loopback interface; `undefined`: nobody who came through the gate. */
  visitorAt(innerPort: number): Visitor | undefined {
    return this.#byPort.get(innerPort);
  }

  /** Lets nobody in any more, and cuts who waits without a request, or all; resolves when the others have gone. */
  async close({ cutsAll = false } = {}): Promise<void> {
    if (!this.#isClosed) this.#options.listener.close();
    this.#isClosed = true;
    for (const visitor of this.#visitors) if (cutsAll || visitor.isWaiting) visitor.cut();
    await this.over;
  }

  async #serve(): Promise<void> {
    const passing = new Set<Promise<void>>();
    for await (const connection of this.#connections()) {
      const passed = this.#letIn(connection).finally(() => passing.delete(passed));
      passing.add(passed);
    }
    await Promise.all(passing);
  }

  async *#connections(): AsyncGenerator<Deno.Conn, void> {
    while (!this.#isClosed) {
      try {
        yield await this.#options.listener.accept();
      } catch (error) {
        if (this.#isClosed || error instanceof Deno.errors.BadResource) return;
        // Too many open files, perhaps: some will be closed.
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  async #letIn(connection: Deno.Conn): Promise<void> {
    const { limits, readsHeads = false, connect } = this.#options;
    const visitor = new Visitor(connection, {
      limits,
      readsHeads,
      onWaiting: () => {
        if (this.#visitors.delete(visitor)) this.#visitors.add(visitor);
      },
    });
    if (this.#visitors.size >= limits.maxConnections && !this.#makeRoom()) return visitor.cut();
    this.#visitors.add(visitor);
    let innerPort: number | undefined;
    await visitor.pass(connect, ({ localAddr }) => {
      if (localAddr.transport !== "tcp") return;
      innerPort = localAddr.port;
      this.#byPort.set(innerPort, visitor);
    });
    this.#visitors.delete(visitor);
    if (innerPort !== undefined && this.#byPort.get(innerPort) === visitor) {
      this.#byPort.delete(innerPort);
    }
  }

  #makeRoom(): boolean {
    const waiting = [...this.#visitors].filter(({ isWaiting }) => isWaiting);
    const longest = waiting.find(({ hasAsked }) => !hasAsked) ?? waiting.at(0);
    if (longest === undefined) return false;
    this.#visitors.delete(longest);
    longest.cut();
    return true;
  }
}
