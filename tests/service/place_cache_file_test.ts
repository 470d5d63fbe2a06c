import { join } from "@std/path";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { Places } from "../../enrich/places.ts";
import { loadPlaceCache, savePlaceCache } from "../../service/place_cache_file.ts";

interface Scratch {
  readonly path: string;
  readonly said: string[];
  say(level: string, component: string, message: string): void;
}

/** Runs a test with a path in a folder that is not there yet. */
function test(name: string, run: (scratch: Scratch) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const said: string[] = [];
    const say = (level: string, component: string, message: string) => {
      said.push(`${level} ${component} ${message}`);
    };
    try {
      await run({ path: join(folder, "wifi_logger", "cache.json"), said, say });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function newPlaces(countryCode: string | undefined = undefined): Places {
  const place = () => countryCode === undefined ? undefined : { countryCode };
  return new Places({ databases: () => [{ name: "a", builtAt: new Date(0), place }] });
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeTextFile(path, text);
}

test("`loadPlaceCache()` takes what `savePlaceCache()` kept", async ({ path, said, say }) => {
  const places = newPlaces("US");
  places.lookUp("9.9.9.9");
  await savePlaceCache(places, path, say);
  const later = newPlaces();
  await loadPlaceCache(later, path, say);
  assertEquals(later.lookUp("9.9.9.9")?.countryCode, "US");
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals(said, []);
});

test("`savePlaceCache()` writes nothing where nothing has changed", async ({ path, say }) => {
  const places = newPlaces("US");
  places.lookUp("9.9.9.9");
  await savePlaceCache(places, path, say);
  await Deno.remove(path);
  await savePlaceCache(places, path, say);
  assertEquals(await Array.fromAsync(Deno.readDir(join(path, ".."))), []);
});

test("`savePlaceCache()` says when it cannot, and tries again the next time", async ({ path, said, say }) => {
  const places = newPlaces("US");
  places.lookUp("9.9.9.9");
  await Deno.mkdir(join(path, "a folder where the file should be"), { recursive: true });
  await savePlaceCache(places, path, say);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "warning places cannot save");

  await Deno.remove(path, { recursive: true });
  await savePlaceCache(places, path, say);
  assertEquals((await Deno.stat(path)).isFile, true);
});

test("`savePlaceCache()` tries again the next time when the writing itself failed", async ({ path, said, say }) => {
  const places = newPlaces("US");
  places.lookUp("9.9.9.9");
  await Deno.mkdir(`${path}.tmp`, { recursive: true });
  await savePlaceCache(places, path, say);
  assertEquals(said.length, 1);
  await Deno.remove(`${path}.tmp`, { recursive: true }).catch(() => {});
  await savePlaceCache(places, path, say);
  assertEquals((await Deno.stat(path)).isFile, true);
});

test("`loadPlaceCache()` says nothing of a file that is not there", async ({ path, said, say }) => {
  await loadPlaceCache(newPlaces(), path, say);
  assertEquals(said, []);
});

test("`loadPlaceCache()` sets a file aside that it cannot use", async ({ path, said, say }) => {
  await write(path, '{"9.9.9.9":{"country":"US"}}');
  await loadPlaceCache(newPlaces(), path, say);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], `${path}.unusable`);
  assertEquals(await Deno.readTextFile(`${path}.unusable`), '{"9.9.9.9":{"country":"US"}}');
  await loadPlaceCache(newPlaces(), path, say);
  assertEquals(said.length, 1);
});

test("`loadPlaceCache()` goes on without a file that it may not read", async ({ path, said, say }) => {
  await Deno.mkdir(path, { recursive: true });
  await loadPlaceCache(newPlaces(), path, say);
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "Going on without it");
});
