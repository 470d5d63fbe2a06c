/** What is pushed to Loki, against its documented protocol: https://grafana.com/docs/loki/latest/reference/loki-http-api/ */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { LogStore } from "../../storage/log_store.ts";
import { scratch } from "../storage/scratch.ts";
import { forward, type Json, line } from "./run_forwarder.ts";

/** `[timestamp, line, structured metadata]` */
type Entry = readonly [string, string, Record<string, string>];

/** Reads a push as Loki does, and gives its entries. @throws {Error} what Loki would not take */
async function readPush(request: Request): Promise<Entry[]> {
  assertEquals(request.method, "POST");
  assertEquals(new URL(request.url).pathname, "/loki/api/v1/push");
  assertEquals(request.headers.get("content-type"), "application/json");
  const isGzip = request.headers.get("content-encoding") === "gzip";
  const body = isGzip ? request.body!.pipeThrough(new DecompressionStream("gzip")) : request.body!;
  const push: Json = await new Response(body).json();
  assertEquals(Object.keys(push), ["streams"]);
  const entries: Entry[] = [];
  for (const { stream, values, ...others } of push.streams) {
    assertEquals(others, {});
    assert(Object.keys(stream).length > 0, "a stream needs a label");
    for (const [name, value] of Object.entries(stream)) {
      assertMatch(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
      assertEquals(typeof value, "string");
    }
    assert(values.length > 0, "a stream needs an entry");
    for (const value of values) {
      assert(value.length === 2 || value.length === 3, "an entry has two parts or three");
      const [time, text, metadata = {}] = value;
      assertMatch(time, /^\d{19}$/);
      assertEquals(typeof text, "string");
      for (const [name, one] of Object.entries(metadata)) {
        assertMatch(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
        assertEquals([name, typeof one], [name, "string"]);
      }
      entries.push([time, text, metadata]);
    }
  }
  return entries;
}

/** A receiver that is as strict; `refuse` says why it does not take a push. */
function loki(refuse: (entries: readonly Entry[]) => string | undefined = () => undefined) {
  const taken: Entry[] = [];
  const faults: string[] = [];
  const streams = new Set<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      try {
        streams.add(request.headers.get("authorization") ?? "");
        const entries = await readPush(request);
        const why = refuse(entries);
        if (why !== undefined) return new Response(why, { status: 400 });
        taken.push(...entries);
        return new Response(null, { status: 204 });
      } catch (error) {
        faults.push((error as Error).message);
        return new Response("not a push", { status: 400 });
      }
    },
  );
  return { taken, faults, streams, server, url: `loki+http://127.0.0.1:${server.addr.port}` };
}

for (const compress of ["gzip", "none"]) {
  Deno.test(`Loki gets pushes by its protocol, compress=${compress}, and each line as it is`, async () => {
    using place = scratch();
    await using store = await LogStore.open(place.options);
    for (let part = 0; part < 2500; part++) store.append(line(part), 1);
    const { taken, faults, streams, server, url } = loki();
    await using _ = server;
    const withUser = url.replace("//", "//pi:p@".replace("@", "%40@"));
    await forward(
      place,
      `${withUser}?compress=${compress}`,
      () => taken.length >= 2500 || faults.length > 0,
    );
    assertEquals(faults, []);
    assertEquals([...streams], [`Basic ${btoa("pi:p@")}`]);
    const records: Json[] = taken.map(([, text]) => JSON.parse(text));
    assertEquals(records.map(({ wifilogger }) => wifilogger.part), [...Array(2500).keys()]);
    const [time, , metadata] = taken[7];
    assertEquals(time, `${Date.parse(records[7]["@timestamp"])}000000`);
    assertEquals(metadata, {
      flow_id: "f1",
      part: "7",
      direction: "outbound",
      protocol: "tcp",
      source_ip: "192.168.1.7",
      destination_ip: "192.0.2.1",
      destination_domain: "a.example",
    });
  });
}

Deno.test("what Loki finds too old is left out, be it all that there is, and the rest goes on", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < 10; part++) store.append(line(part), 1);
  const isOld = ([, text]: Entry) => JSON.parse(text).wifilogger.part < 4;
  const { taken, faults, server, url } = loki((entries) =>
    entries.some(isOld) ? "entry for stream has timestamp too old: 2026-11-20T10:00:00Z" : undefined
  );
  await using _ = server;
  await forward(place, url, () => taken.length >= 6 || faults.length > 0);
  assertEquals(faults, []);
  assertEquals(taken.map(([, text]) => JSON.parse(text).wifilogger.part), [4, 5, 6, 7, 8, 9]);
});
