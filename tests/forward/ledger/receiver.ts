/**
 * What stands at the other end, in a process of its own: `http ADDRESS PORT FILE` is a web server, `mqtt ADDRESS PORT
 * FILE` a subscriber of a broker. Each appends a line to its file for every record, `flow_id part bytes`, before it
 * answers for it.
 *
 * A line of JSON on stdin tells the web server how to behave, a {@linkcode Manner}. The subscriber says `subscribed` each
 * time it is.
 */

import { connect } from "mqtt";
import { linesOf } from "./text_lines.ts";

/** How a receiver behaves. */
export interface Manner {
  /** Answers so much later. */
  readonly delayMs?: number;
  /** Answers with this status and takes nothing. */
  readonly status?: number;
}

const [kind, hostname, port, path] = Deno.args;

function ledger() {
  const file = Deno.openSync(path, { append: true, create: true });
  const encoder = new TextEncoder();
  return (records: readonly string[]) => {
    const entries = records.map((text) => {
      const { network, wifilogger: { flow_id, part, gap } } = JSON.parse(text);
      const size = gap === undefined ? network.bytes : `gap:${gap.reason}:${gap.count ?? ""}`;
      return `${flow_id} ${part} ${size}\n`;
    });
    file.writeSync(encoder.encode(entries.join("")));
  };
}

function serve(take: ReturnType<typeof ledger>): void {
  let manner: Manner = {};
  Deno.serve(
    { hostname, port: Number(port), onListen: () => console.log("listens") },
    async (request) => {
      const { delayMs, status } = manner;
      const bytes = request.body!.pipeThrough(new DecompressionStream("gzip"));
      const text = await new Response(bytes).text();
      if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (status !== undefined) {
        const headers: HeadersInit = status === 429 ? { "retry-after": "1" } : {};
        return new Response("not now", { status, headers });
      }
      take(text.trimEnd().split("\n"));
      return new Response("ok");
    },
  );
  (async () => {
    for await (const line of linesOf(Deno.stdin.readable)) manner = JSON.parse(line);
    Deno.exit(0);
  })();
}

/** Reads with QoS 0, so that the broker writes each record to this connection before it answers for it. */
function subscribe(take: ReturnType<typeof ledger>): void {
  const client = connect(`mqtt://${hostname}:${port}`, {
    reconnectPeriod: 50,
    connectTimeout: 1000,
  });
  client.on("error", () => {});
  client.on("connect", () => {
    client.subscribeAsync("wifilogger/+/records", { qos: 0 }).then(
      () => console.log("subscribed"),
      () => {},
    );
  });
  client.on("message", (_topic, payload) => take([payload.toString()]));
}

(kind === "http" ? serve : subscribe)(ledger());
