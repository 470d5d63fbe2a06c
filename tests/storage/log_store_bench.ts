/** What a record costs on its way: `scripts/dev.sh bench:micro tests/storage`. One batch is 100 records. */

import { splitByDay } from "../../storage/day/day_split.ts";
import { LogStore } from "../../storage/log_store.ts";
import { noonOf, recordLine, scratch } from "./scratch.ts";

const RECORDS = 100;
const RAM_LIMIT_BYTES = 40_000_000;

const batch = Array.from({ length: RECORDS }, (_, i) => recordLine(200 + i, noonOf("2026-11-22")))
  .join("");
const block = new TextEncoder().encode(batch);

const place = scratch();
const store = await LogStore.open(place.options);
globalThis.addEventListener("unload", () => place[Symbol.dispose]());

Deno.bench("`append()` of 100 records", async (b) => {
  if (store.ramBytes > RAM_LIMIT_BYTES) await store.flush();
  b.start();
  store.append(batch, RECORDS);
  b.end();
});

Deno.bench("`splitByDay()` of 100 records", () => {
  for (const _run of splitByDay(block, "1970-01-01"));
});

Deno.bench("`flush()` of 100,000 records", { n: 10, warmup: 1 }, async (b) => {
  await store.flush();
  for (let i = 0; i < 1000; i++) store.append(batch, RECORDS);
  b.start();
  await store.flush();
  b.end();
});
