/** A forwarder that is run by a test, and a receiver over HTTP. */

import { join } from "node:path";
import { assert } from "../assert.ts";
import { runForwarder } from "../../forward/forwarder.ts";
import { readSettings } from "../../service/settings/read_settings.ts";
import { systemClock } from "../../system/clock.ts";
import type { Scratch } from "../storage/scratch.ts";

/** A line as the logger writes it. */
export function line(part: number): string {
  const ms = Date.UTC(2026, 10, 20, 10) + part;
  const start = new Date(ms).toISOString();
  return JSON.stringify({
    "@timestamp": start,
    event: { start, end: start, duration: 0 },
    network: { type: "ipv4", transport: "tcp", direction: "outbound", bytes: 60, packets: 1 },
    source: { ip: "192.168.1.7", port: 40000, bytes: 60, packets: 1 },
    destination: { ip: "192.0.2.1", port: 443, domain: "a.example", bytes: 0, packets: 0 },
    wifilogger: { v: 1, flow_id: "f1", part, end_reason: "active", name_source: "dns" },
  }) + "\n";
}

// deno-lint-ignore no-explicit-any
export type Json = any;

/** A receiver: it takes lines of JSON, after `answer` had its say. */
export function receiver(answer: (records: Json[], request: Request) => Response | undefined) {
  const taken: Json[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const isGzip = request.headers.get("content-encoding") === "gzip";
      const stream = isGzip
        ? request.body!.pipeThrough(new DecompressionStream("gzip"))
        : request.body!;
      const text = await new Response(stream).text();
      const records = text.trim().split("\n").map((one) => JSON.parse(one));
      const refusal = answer(records, request);
      if (refusal !== undefined) return refusal;
      taken.push(...records);
      return new Response("ok");
    },
  );
  return { taken, server, url: `http://127.0.0.1:${server.addr.port}/in` };
}

/** Runs a forwarder until `isDone`. */
export async function forward(
  place: Scratch,
  url: string,
  isDone: () => boolean,
  more = {},
): Promise<string[]> {
  const settings = {
    ...readSettings({
      environment: {
        HOME: place.folder,
        WIFILOGGER_FORWARD: url,
        WIFILOGGER_SITE: "home",
        WIFILOGGER_ARCHIVE_DIR: place.archiveDir,
        ...more,
      },
    }),
    // In /dev/shm, which no setting may name.
    ramLogPath: place.ramLogPath,
    forwardDir: join(place.ramFolder, "forward"),
  };
  const said: string[] = [];
  const stop = new AbortController();
  const run = runForwarder({
    settings,
    clock: systemClock,
    say: (_level, _component, message) => said.push(message),
  }, stop.signal);
  const endMs = Date.now() + 30_000;
  while (!isDone() && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  // What was taken last is to be noted too.
  await new Promise((resolve) => setTimeout(resolve, 200));
  stop.abort();
  await run;
  assert(isDone(), `not done in 30 s: ${said.join("; ")}`);
  return said;
}
