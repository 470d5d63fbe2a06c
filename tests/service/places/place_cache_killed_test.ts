/** A process killed by a real SIGKILL while it saves the cache of places, a hundred times. */

import { systemClock } from "../../../system/clock.ts";
import { join } from "@std/path";
import { assert, assertEquals } from "../../assert.ts";
import { Places } from "../../../enrich/places.ts";

const WRITER = new URL("./place_cache_writer.ts", import.meta.url).href;
const KILLS = 100;

interface WrittenCache {
  readonly places: readonly { readonly as: { readonly organization: string } }[];
  readonly addresses: Readonly<Record<string, unknown>>;
}

/** Kills a writer when the next file begins to appear. @returns what of it was there, in bytes; nothing if it was too late */
async function killAWriter(path: string): Promise<number | undefined> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { value } = await writer.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  assertEquals(value, "saved\n");
  while (sizeOf(`${path}.tmp`) === undefined);
  const untilMs = performance.now() + Math.random();
  while (performance.now() < untilMs);
  writer.kill("SIGKILL");
  assertEquals((await writer.status).signal, "SIGKILL");
  return sizeOf(`${path}.tmp`);
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}

/** The file is one that was saved, whole: `load()` takes it, and it holds as many places as each of them says. */
function assertWhole(path: string): void {
  const text = Deno.readTextFileSync(path);
  const { places, addresses }: WrittenCache = JSON.parse(text);
  const count = Object.keys(addresses).length;
  assert(count >= 4_000);
  assertEquals(places.length, count);
  for (const { as } of places) assertEquals(as.organization, `one of ${count}`);
  new Places({ databases: () => [], clock: systemClock }).load(text);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
}

Deno.test("`PlaceCacheFile.save()` leaves a whole file when it is killed while writing, a hundred times", async () => {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
  const path = join(folder, "ip_location_cache.json");
  let runs = 0;
  let torn = 0;
  try {
    for (let inside = 0; inside < KILLS; runs++) {
      assert(runs < 3 * KILLS, `only ${inside} of ${runs} kills came in time`);
      const bytes = await killAWriter(path);
      assertWhole(path);
      if (bytes === undefined) continue;
      inside++;
      if (bytes < Deno.statSync(path).size) torn++;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(
    `killed ${runs} times, ${KILLS} of them inside the writing; ${torn} times a part of the file was there`,
  );
});
