/** The forwarder against real receivers on this machine: a web server that fails in every way, and goes away. */

import { join } from "node:path";
import { assert, assertEquals } from "../assert.ts";
import { readOutputStates } from "../../forward/progress/progress.ts";
import { summaryDir } from "../../report/summary/summaries.ts";
import { LogStore } from "../../storage/log_store.ts";
import { scratch } from "../storage/scratch.ts";
import { forward, type Json, line, receiver } from "./run_forwarder.ts";

const RECORDS = 5000;

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

Deno.test("the forwarder leaves out nothing of a receiver that refused everything for a while", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < 50; part++) store.append(line(part), 1);
  let refusals = 20;
  const { taken, server, url } = receiver(() =>
    refusals-- > 0 ? new Response("no such table", { status: 400 }) : undefined
  );
  await using _ = server;
  await forward(place, url, () => taken.length >= 50);
  const sorted = partsOf(taken).toSorted((a, b) => a - b);
  assertEquals(sorted, Array.from({ length: 50 }, (_, i) => i));
  assert(taken.every(({ event }) => event.action !== "gap"));
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

Deno.test("the forwarder counts a record once, though a later part of its batch fails", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  for (let part = 0; part < 64; part++) store.append(line(part), 1);
  let failures = 3;
  const { taken, server, url } = receiver((records) => {
    if (records.some(({ wifilogger }) => wifilogger.part === 3)) {
      return new Response("no", { status: 400 });
    }
    const isLate = records.some(({ wifilogger }) => wifilogger.part === 40);
    return isLate && failures-- > 0 ? new Response("busy", { status: 503 }) : undefined;
  });
  await using _ = server;
  await forward(place, url, () => taken.length >= 64);
  const [state] = await readOutputStates(join(place.ramFolder, "forward"));
  assertEquals([state.sent, state.refused, state.failures], [64, 1, 3]);
  assertEquals(taken.length, 64);
});

Deno.test("the forwarder sends as it stops what was written last", async () => {
  using place = scratch();
  await using store = await LogStore.open(place.options);
  store.append(line(0), 1);
  const { taken, server, url } = receiver(() => undefined);
  await using _ = server;
  let isLate = false;
  await forward(place, url, () => {
    // Right before it is told to stop, and less than a look away from the last one.
    if (taken.length > 0 && !isLate) setTimeout(() => store.append(line(1), 1), 150);
    isLate ||= taken.length > 0;
    return isLate;
  });
  assertEquals(partsOf(taken), [0, 1]);
});

Deno.test("the forwarder says as gaps the days that came and went while it did not run", async () => {
  using place = scratch();
  const { taken, server, url } = receiver(() => undefined);
  await using _ = server;
  const day = (name: string) => join(place.archiveDir, `${name}.log`);
  await Deno.mkdir(place.archiveDir, { recursive: true });
  await Deno.writeTextFile(day("2026-11-20"), line(0));
  await forward(place, url, () => taken.length >= 1);
  // Meanwhile: two days are closed, summed and dropped; the third is there.
  await Deno.remove(day("2026-11-20"));
  const summaries = summaryDir(place.archiveDir);
  await Deno.mkdir(summaries);
  for (const name of ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]) {
    await Deno.writeTextFile(join(summaries, `${name}.summary`), "");
  }
  await Deno.writeTextFile(day("2026-11-23"), line(1));
  await forward(place, url, () => taken.length >= 4);
  assertEquals(taken.slice(1).map(({ wifilogger }) => wifilogger.flow_id), [
    "gap-retention-2026-11-21",
    "gap-retention-2026-11-22",
    "f1",
  ]);
  await forward(place, url, () => true);
  assertEquals(taken.length, 4);
});
