/** The forwarder against real receivers on this machine: a web server that fails in every way, and goes away. */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { runForwarder } from "../../forward/forwarder.ts";
import { readOutputStates } from "../../forward/progress/progress.ts";
import { LogStore } from "../../storage/log_store.ts";
import { readSettings } from "../../service/settings/read_settings.ts";
import { systemClock } from "../../system/clock.ts";
import { type Scratch, scratch } from "../storage/scratch.ts";

const RECORDS = 5000;

/** A line as the logger writes it. */
function line(part: number): string {
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
type Json = any;

/** A receiver: it takes lines of JSON, after `answer` had its say. */
function receiver(answer: (records: Json[], request: Request) => Response | undefined) {
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
async function forward(
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

const partsOf = (records: readonly Json[]) => records.map(({ wifilogger }) => wifilogger.part);

Deno.test("the forwarder sends archive and RAM in order, and goes on there after a restart", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  let part = 0;
  const append = (count: number) => {
    for (const end = part + count; part < end;) store.append(line(part++), 1);
  };
  append(RECORDS);
  await store.flush();
  append(10);
  const { taken, server, url } = receiver(() => undefined);
  await using _ = server;
  await forward(place, url, () => taken.length >= part);
  assertEquals(partsOf(taken), Array.from({ length: part }, (_, i) => i));
  assertEquals(taken[0].observer, { name: "home" });
  append(10);
  await forward(place, url, () => taken.length >= part);
  assertEquals(partsOf(taken), Array.from({ length: part }, (_, i) => i));
  const [state] = await readOutputStates(join(place.ramFolder, "forward"));
  assertEquals([state.output, state.sent, state.oldestUnsent, state.failure], [
    url,
    10,
    undefined,
    undefined,
  ]);
});

Deno.test("the forwarder waits for a receiver that is busy, and halves what is too large", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < RECORDS; part++) store.append(line(part), 1);
  let busy = 2;
  const { taken, server, url } = receiver((records) => {
    if (busy-- > 0) {
      return new Response("later\u0007", { status: 503, headers: { "retry-after": "1" } });
    }
    return records.length > 300 ? new Response("too much", { status: 413 }) : undefined;
  });
  await using _ = server;
  const said = await forward(place, url, () => taken.length >= RECORDS);
  assertEquals(partsOf(taken), Array.from({ length: RECORDS }, (_, i) => i));
  assert(said.some((text) => text.includes("HTTP 503: later")), said.join("; "));
  assert(!said.some((text) => text.includes("\u0007")), "a control character is shown");
});

Deno.test("the forwarder leaves out the one record that is refused, and says it as a gap", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < 50; part++) store.append(line(part), 1);
  const { taken, server, url } = receiver((records) =>
    records.some(({ wifilogger }) => wifilogger.part === 17)
      ? new Response("no such field", { status: 400 })
      : undefined
  );
  await using _ = server;
  await forward(place, url, () => taken.length >= 50);
  const gap = taken.find(({ event }) => event.action === "gap");
  assertEquals(gap.wifilogger.gap, { reason: "refused", count: 1 });
  assertEquals(
    partsOf(taken.filter((one) => one !== gap)),
    Array.from({ length: 50 }, (_, i) => i).filter((i) => i !== 17),
  );
});

Deno.test("the forwarder shows a token to the receiver and to nobody else; columns may be flat", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(line(0), 1);
  const { taken, server, url } = receiver((_, request) =>
    request.headers.get("authorization") === "Bearer s3cret"
      ? undefined
      : new Response("who?", { status: 401 })
  );
  await using _ = server;
  const withToken = url.replace("//", "//:s3cret@") + "?columns=flat";
  const said = await forward(place, withToken, () => taken.length >= 1);
  assertEquals([taken[0].source_ip, taken[0].observer_name, taken[0].wifilogger_part], [
    "192.168.1.7",
    "home",
    0,
  ]);
  assert(!said.some((text) => text.includes("s3cret")), said.join("; "));
});

Deno.test("the forwarder sends nothing old when it is told so", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < 20; part++) store.append(line(part), 1);
  const { taken, server, url } = receiver(() => undefined);
  await using _ = server;
  let isAppended = false;
  await forward(place, url, () => {
    if (!isAppended) setTimeout(() => store.append(line(20), 1), 1000);
    isAppended = true;
    return taken.length > 0;
  }, { WIFILOGGER_FORWARD_SINCE: "now" });
  assertEquals(partsOf(taken), [20]);
});
