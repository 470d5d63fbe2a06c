/**
 * A web server that takes records and keeps an entry of each, before it answers: `receiver.ts PORT FILE`. A line of JSON on
 * stdin, a {@linkcode Manner}, tells it how to behave.
 */

import { linesOf } from "../forward/ledger/text_lines.ts";
import type { Manner } from "../forward/ledger/receiver.ts";
import { entryOf } from "./entry.ts";

const [port, path] = Deno.args;
const file = Deno.openSync(path, { append: true, create: true });
const encoder = new TextEncoder();
let manner: Manner = {};

Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen: () => console.log("listens") },
  async (request) => {
    const { delayMs, status } = manner;
    const bytes = request.body!.pipeThrough(new DecompressionStream("gzip"));
    const text = await new Response(bytes).text();
    if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (status !== undefined) return new Response("not now", { status });
    const entries = text.trimEnd().split("\n").map((line) => entryOf(JSON.parse(line)) + "\n");
    file.writeSync(encoder.encode(entries.join("")));
    return new Response("ok");
  },
);
for await (const line of linesOf(Deno.stdin.readable)) manner = JSON.parse(line);
Deno.exit(0);
