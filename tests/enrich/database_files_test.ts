import { join } from "@std/path";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { DatabaseFileError, DatabaseFiles } from "../../enrich/database_files.ts";
import { buildMmdb } from "./build_mmdb.ts";

const CITY = { country: { iso_code: "CH" }, city: { names: { en: "Zürich" } } };
const OWNER = { autonomous_system_number: 559, autonomous_system_organization: "SWITCH" };

/** Runs a test with a folder of its own. */
function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    try {
      await run(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function country(code: string): Uint8Array {
  return buildMmdb({ "9.9.9.0/24": { country_code: code } });
}

test("`DatabaseFiles.open()` opens several files of different shapes", async (folder) => {
  const paths = [join(folder, "city.mmdb"), join(folder, "asn.mmdb")];
  await Deno.writeFile(paths[0], buildMmdb({ "129.132.0.0/16": CITY }));
  await Deno.writeFile(paths[1], buildMmdb({ "129.132.0.0/16": OWNER }));
  const { databases } = await DatabaseFiles.open(paths);
  assertEquals(databases.map(({ name }) => name), paths);
  assertEquals(databases.map((database) => database.place("129.132.1.1")), [
    { countryCode: "CH", countryName: "Switzerland", cityName: "Zürich" },
    { asNumber: 559, organization: "SWITCH" },
  ]);
});

test("`DatabaseFiles.open()` says of a file that it cannot use which it is and why", async (folder) => {
  const path = join(folder, "a.mmdb");
  const why = async () =>
    (await assertRejects(() => DatabaseFiles.open([path]), DatabaseFileError)).message;
  assertStringIncludes(await why(), `${path}: it is not there`);
  await Deno.writeTextFile(path, "<html>not found</html>");
  assertStringIncludes(await why(), `${path}: it is no MaxMind database`);
  await Deno.remove(path);
  await Deno.mkdir(path);
  assertStringIncludes(await why(), `${path}: it is no file`);
});

test("`DatabaseFiles.refresh()` opens a file again that was replaced, and only then", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  const files = await DatabaseFiles.open([path]);
  const code = () => files.databases[0].place("9.9.9.9")?.countryCode;
  const warnings: string[] = [];
  const refresh = () => files.refresh((message) => warnings.push(message));
  assertEquals([await refresh(), code()], [false, "CH"]);

  await Deno.writeFile(`${path}.new`, country("DE"));
  await Deno.rename(`${path}.new`, path);
  assertEquals([await refresh(), code()], [false, "CH"]);
  assertEquals(await Promise.all([refresh(), refresh()]), [true, true]);
  assertEquals([await refresh(), code()], [false, "DE"]);

  // Gone for a moment, as while it is being replaced.
  await Deno.remove(path);
  assertEquals([await refresh(), code()], [false, "DE"]);
  assertEquals(warnings, []);
});

test("`DatabaseFiles.refresh()` keeps the old one, and warns once, when the new one cannot be used", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  const files = await DatabaseFiles.open([path]);
  const warnings: string[] = [];
  await Deno.writeFile(path, country("DE").slice(0, 200));
  for (let i = 0; i < 3; i++) await files.refresh((message) => warnings.push(message));
  assertEquals(files.databases[0].place("9.9.9.9")?.countryCode, "CH");
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "Going on with the one from before");

  await Deno.writeFile(path, country("DE"));
  await files.refresh(() => {});
  assertEquals(await files.refresh(() => {}), true);
  assertEquals(files.databases[0].place("9.9.9.9")?.countryCode, "DE");
});

test("`DatabaseFiles.refresh()` waits for a file that is written in place, and says nothing meanwhile", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  const files = await DatabaseFiles.open([path]);
  const code = () => files.databases[0].place("9.9.9.9")?.countryCode;
  const warnings: string[] = [];
  const refresh = () => files.refresh((message) => warnings.push(message));
  const whole = country("DE");
  using file = await Deno.open(path, { write: true, truncate: true });
  for (let at = 0; at < whole.length; at += 100) {
    await file.write(whole.subarray(at, at + 100));
    assertEquals([await refresh(), code()], [false, "CH"]);
  }
  assertEquals([await refresh(), code()], [true, "DE"]);
  assertEquals(warnings, []);
});
