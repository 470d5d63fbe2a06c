/** A process killed by a real SIGKILL while it saves the cache of places, a hundred times. */

import { join } from "@std/path";
import { assert, assertEquals } from "../assert.ts";
import { Places } from "../../enrich/places.ts";

const WRITER = new URL("./place_cache_writer.ts", import.meta.url).href;
const RUNS = 100;
const AT_ONCE = 4;

interface Kill {
  /** Whether the new file was being written. */
  readonly wasWriting: boolean;
}

async function killAWriter(path: string): Promise<Kill> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { value } = await writer.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  assertEquals(value, "saved\n");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  writer.kill("SIGKILL");
  assertEquals((await writer.status).signal, "SIGKILL");
  const names = Array.from(Deno.readDirSync(join(path, "..")), ({ name }) => name);
  return { wasWriting: names.some((name) => name.endsWith(".tmp")) };
}

/** The file is one that was saved, whole: `load()` takes it, and it holds as many places as each of them says. */
function assertWhole(path: string): void {
  const text = Deno.readTextFileSync(path);
  const { places }: { places: Record<string, { as: { organization: string } }> } = JSON.parse(text);
  const count = Object.keys(places).length;
  assert(count >= 1000);
  for (const { as } of Object.values(places)) assertEquals(as.organization, `one of ${count}`);
  new Places({ databases: () => [] }).load(text);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
}

Deno.test("`savePlaceCache()` leaves a whole file however often it is killed", async () => {
  let begun = 0;
  let writing = 0;
  const worker = async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const path = join(folder, "ip_location_cache.json");
    try {
      while (begun++ < RUNS) {
        const { wasWriting } = await killAWriter(path);
        if (wasWriting) writing++;
        assertWhole(path);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`killed ${RUNS} times, ${writing} of them while the file was being written`);
  assert(writing > 0);
});
