import { join } from "@std/path";
import { assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
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
  using files = DatabaseFiles.open(paths);
  const { databases } = files;
  assertEquals(databases.map(({ name }) => name), paths);
  assertEquals(databases.map((database) => database.place("129.132.1.1")), [
    { countryCode: "CH", countryName: "Switzerland", cityName: "Zürich" },
    { asNumber: 559, organization: "SWITCH" },
  ]);
});

test("`DatabaseFiles.open()` says of a file that it cannot use which it is and why", async (folder) => {
  const path = join(folder, "a.mmdb");
  const why = () => assertThrows(() => DatabaseFiles.open([path]), DatabaseFileError).message;
  assertStringIncludes(why(), `${path}: it is not there`);
  await Deno.writeTextFile(path, "<html>not found</html>");
  assertStringIncludes(why(), `${path}: it is no MaxMind database`);
  await Deno.remove(path);
  await Deno.mkdir(path);
  assertStringIncludes(why(), `${path}: it is no file`);
});

test("`DatabaseFiles.refresh()` opens a file again that was replaced, and only then", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  using files = DatabaseFiles.open([path]);
  const code = () => files.databases[0].place("9.9.9.9")?.countryCode;
  const warnings: string[] = [];
  const refresh = () => files.refresh((message) => warnings.push(message));
  assertEquals([refresh(), code()], [false, "CH"]);

  await Deno.writeFile(`${path}.new`, country("DE"));
  await Deno.rename(`${path}.new`, path);
  assertEquals([refresh(), code()], [false, "CH"]);
  assertEquals([refresh(), refresh()], [true, false]);
  assertEquals([refresh(), code()], [false, "DE"]);

  // Gone for a moment, as while it is being replaced.
  await Deno.remove(path);
  assertEquals([refresh(), code()], [false, "DE"]);
  assertEquals(warnings, []);
});

test("`DatabaseFiles.refresh()` keeps the old one, and warns once, when the new one cannot be used", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  using files = DatabaseFiles.open([path]);
  const warnings: string[] = [];
  await Deno.writeFile(`${path}.new`, country("DE").slice(0, 200));
  await Deno.rename(`${path}.new`, path);
  for (let i = 0; i < 3; i++) files.refresh((message) => warnings.push(message));
  assertEquals(files.databases[0].place("9.9.9.9")?.countryCode, "CH");
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "Going on with the one from before");

  await Deno.writeFile(path, country("DE"));
  files.refresh(() => {});
  assertEquals(files.refresh(() => {}), true);
  assertEquals(files.databases[0].place("9.9.9.9")?.countryCode, "DE");
});

test("`DatabaseFiles` says nothing out of a file that was cut, or written over, and warns of it", async (folder) => {
  const path = join(folder, "a.mmdb");
  // Larger than what is kept of it in memory.
  const networks = Array.from({ length: 20_000 }, (_, i) => `11.${i >> 8}.${i & 255}.0/24`);
  const record = { country_code: "CH", filler: "x".repeat(40) };
  const whole = buildMmdb(Object.fromEntries(networks.map((network) => [network, record])));
  for (const kept of [0, 100, whole.length >> 1, whole.length - 1]) {
    await Deno.writeFile(path, whole);
    await Deno.utime(path, 1e9, 1e9);
    using files = DatabaseFiles.open([path]);
    const place = (i: number) => files.databases[0].place(networks[i].replace("0/24", "9"));
    assertEquals(place(0)?.countryCode, "CH");
    await Deno.truncate(path, kept);
    for (let i = 0; i < networks.length; i += 50) place(i);
    assertEquals(place(0), undefined, `cut to ${kept}`);
    const warnings: string[] = [];
    for (let i = 0; i < 3; i++) files.refresh((message) => warnings.push(message));
    assertEquals(warnings.length, 1);
    assertStringIncludes(
      warnings[0],
      "It was written over, so that the one from before is gone too",
    );
  }
});

test("`DatabaseFiles.refresh()` waits for a file that is written in place, and says nothing meanwhile", async (folder) => {
  const path = join(folder, "a.mmdb");
  await Deno.writeFile(path, country("CH"));
  using files = DatabaseFiles.open([path]);
  const code = () => files.databases[0].place("9.9.9.9")?.countryCode;
  const warnings: string[] = [];
  const refresh = () => files.refresh((message) => warnings.push(message));
  const whole = country("DE");
  using file = await Deno.open(path, { write: true, truncate: true });
  for (let at = 0; at < whole.length; at += 100) {
    await file.write(whole.subarray(at, at + 100));
    assertEquals([refresh(), code() ?? "CH"], [false, "CH"]);
  }
  assertEquals([refresh(), code()], [true, "DE"]);
  assertEquals(warnings, []);
});
