/**
 * An HTTP server that outlives a want of file descriptors. Deno's ends when it cannot accept a connection, and its process
 * with it.
 */

/** A server that is opened again whenever it ends by itself. */
export interface KeptServer<A extends Deno.Addr> {
  /** Where it listens now. */
  readonly addr: A;
  /** Resolves when who asked has been answered. */
  shutdown(): Promise<void>;
}

const AGAIN_MS = 100;

/** @throws what `open` throws the first time */
export function keepServing<A extends Deno.Addr>(open: () => Deno.HttpServer<A>): KeptServer<A> {
  let server = open();
  let isOver = false;
  const keep = async () => {
    while (!isOver) {
      await server.finished.catch(() => {}); // no descriptor was left
      if (isOver) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      try {
        server = open();
      } catch {
        // Nor is there now.
      }
    }
  };
  const over = keep();
  return {
    get addr() {
      return server.addr;
    },
    async shutdown() {
      isOver = true;
      await server.shutdown().catch(() => {}); // it has ended
      await over;
    },
  };
}
