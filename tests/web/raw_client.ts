/** A client that sends whatever bytes it likes, as fetch never would. */

/** One connection. */
export interface RawClient extends Disposable {
  send(text: string): Promise<void>;
  /** All that comes until the server closes, or until so long has passed; undefined of `isOpen` then. */
  readAll(timeoutMs?: number): Promise<{ readonly text: string; readonly isClosed: boolean }>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let isGone = false;
  return {
    async send(text) {
      const bytes = new TextEncoder().encode(text);
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    },
    async readAll(timeoutMs = 3_000) {
      const decoder = new TextDecoder();
      let text = "";
      const timer = setTimeout(() => {
        isGone = true;
        connection.close();
      }, timeoutMs);
      try {
        const buffer = new Uint8Array(64 * 1024);
        for (;;) {
          const length = await connection.read(buffer);
          if (length === null) return { text, isClosed: true };
          text += decoder.decode(buffer.subarray(0, length), { stream: true });
        }
      } catch {
        return { text, isClosed: !isGone };
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.dispose]() {
      if (isGone) return;
      isGone = true;
      connection.close();
    },
  };
}

/** Sends a request as it stands, and gives what comes until the server closes the connection. */
export async function rawAnswer(port: number, request: string): Promise<string> {
  using client = await rawClient(port);
  await client.send(request);
  return (await client.readAll()).text;
}

/** The status of an answer. */
export function statusIn(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}
