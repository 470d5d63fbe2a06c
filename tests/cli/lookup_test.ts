/** Places on the command line: `lookup`, the databases of the user's own, and whose data are inside. */

import { join } from "@std/path";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { placeCacheText } from "../../enrich/place_cache_text.ts";
import { buildMmdb } from "../enrich/build_mmdb.ts";

const ZURICH = {
  country: { iso_code: "CH" },
  subdivisions: [{ names: { en: "Zurich" } }],
  city: { names: { en: "Zürich" } },
  location: { latitude: 47.37, longitude: 8.55 },
};
const LEARNT_MS = Date.now() - 3 * 24 * 3600e3;

/** Runs a test with a home of its own, and settings in it. */
function test(name: string, run: (home: string, env: Record<string, string>) => Promise<void>) {
  Deno.test(name, async () => {
    const home = await Deno.makeTempDir({ prefix: "wifilogger_" });
    try {
      await run(home, { HOME: home, WIFILOGGER_CACHE_FILE: join(home, "cache.json") });
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  });
}

test("`lookup` knows country and network owner with no set-up at all", async (_home, env) => {
  const { code, stdout } = await wifilogger(["lookup", "129.132.19.216"], { env });
  assertEquals(code, 0);
  assertMatch(stdout, /^129\.132\.19\.216\n {2}country +Switzerland \(CH\)\n {2}network +AS559 /);
  assertMatch(stdout, /from +countries inside the program, as of 2026-/);
});

test(
  "`lookup` says of an address that many places answer that its country is no truth",
  async (_home, env) => {
    const { stdout } = await wifilogger(["lookup", "1.1.1.1", "2606:4700:4700::1111"], { env });
    assertEquals(stdout.match(/anycast +Cloudflare answers it in many places/g)?.length, 2);
    const json = await wifilogger(["lookup", "--format", "json", "9.9.9.9", "129.132.19.216"], {
      env,
    });
    const found = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(found.map(({ anycast }) => anycast), ["Quad9", undefined]);
  },
);

test("`lookup` shows each source, how old it is, and what they come to", async (home, env) => {
  const database = join(home, "city.mmdb");
  await Deno.writeFile(database, buildMmdb({ "129.132.0.0/16": ZURICH }));
  const learnt = new Date(LEARNT_MS).toISOString();
  const place = {
    countryCode: "CH",
    countryName: "Switzerland",
    asNumber: 559,
    organization: "ETH",
  };
  await Deno.writeTextFile(
    env.WIFILOGGER_CACHE_FILE,
    placeCacheText({ answers: [["129.132.19.216", { place, learntMs: LEARNT_MS }]] }),
  );
  const args = ["lookup", "--geo-db", database, "129.132.19.216"];
  const { stdout } = await wifilogger(args, { env });
  for (
    const line of [
      "region       Zurich",
      "city         Zürich",
      "location     47.37, 8.55",
      "network      AS559 ETH",
      `from         ipinfo.io, as of ${
        learnt.slice(0, 10)
      } (3 days ago): Switzerland (CH), AS559 ETH`,
      `from         ${database}, as of 2026-06-01`,
    ]
  ) assertStringIncludes(stdout, line);

  const { stdout: json } = await wifilogger([...args, "--format", "json"], { env });
  const { ip, geo, as, sources } = JSON.parse(json);
  assertEquals([ip, geo.city_name, geo.location, as.organization.name], [
    "129.132.19.216",
    "Zürich",
    { lat: 47.37, lon: 8.55 },
    "ETH",
  ]);
  assertEquals(sources.length, 4);
});

test("`lookup` tells that ipinfo.io was asked and knew nothing", async (_home, env) => {
  const answers = [["129.132.19.216", { learntMs: LEARNT_MS, failedMs: LEARNT_MS }]] as const;
  await Deno.writeTextFile(env.WIFILOGGER_CACHE_FILE, placeCacheText({ answers }));
  const { stdout } = await wifilogger(["lookup", "129.132.19.216"], { env });
  assertMatch(
    stdout,
    /country +Switzerland.*from +ipinfo\.io, as of .* \(3 days ago\): nothing\n/s,
  );
});

test("`lookup` says of a local address that it has no place", async (_home, env) => {
  const { code, stdout } = await wifilogger(["lookup", "192.168.1.1", "fe80::1"], { env });
  assertEquals(code, 0);
  assertEquals(stdout.match(/local, reserved or special/g)?.length, 2);
});

test(
  "`lookup` goes on without a cache that it cannot use, and leaves it alone",
  async (_home, env) => {
    await Deno.writeTextFile(env.WIFILOGGER_CACHE_FILE, "{");
    const { code, stdout, stderr } = await wifilogger(["lookup", "9.9.9.9"], { env });
    assertEquals(code, 0);
    assertStringIncludes(stdout, "AS19281");
    assertMatch(
      stderr,
      /^wifilogger: warning: cannot use the cache of places .*: it is not JSON\n$/,
    );
    assertEquals(await Deno.readTextFile(env.WIFILOGGER_CACHE_FILE), "{");
  },
);

test("`lookup` wants an address or a name that there is", async (_home, env) => {
  const none = await wifilogger(["lookup"], { env });
  assertEquals(none.code, 2);
  const wrong = await wifilogger(["lookup", "no-such-name.invalid"], { env });
  assertEquals(wrong.code, 1);
  assertMatch(wrong.stderr, /^wifilogger: cannot look up "no-such-name\.invalid": .*\n$/);
});

test("a database of places that cannot be used is one line and exit code 2", async (home, env) => {
  const path = join(home, "bad.mmdb");
  for (
    const [content, why] of [[undefined, "it is not there"], [
      "<html>",
      "it is no MaxMind database",
    ]]
  ) {
    if (content !== undefined) await Deno.writeTextFile(path, content);
    for (const args of [["run", "--interface", "lo"], ["read", "-"], ["lookup", "9.9.9.9"]]) {
      const { code, stderr } = await wifilogger(args, {
        env: { ...env, WIFILOGGER_GEO_DB: path },
        stdin: new Uint8Array(),
      });
      assertEquals(code, 2, stderr);
      assertMatch(stderr, /^wifilogger: cannot use the database of places .*\n$/);
      assertStringIncludes(stderr, `${path}: ${why}`);
    }
  }
});

test("the token is shown by nothing that is printed", async (_home, env) => {
  const token = { IPINFO_TOKEN: "s3cret-t0ken", WIFILOGGER_GEO_DB: "/nowhere.mmdb" };
  for (
    const args of [["lookup", "9.9.9.9", "--debug"], ["run", "--debug"], ["status", "--debug"]]
  ) {
    const { stdout, stderr } = await wifilogger(args, { env: { ...env, ...token } });
    assertEquals((stdout + stderr).includes("s3cret"), false);
  }
});

test("`--version --licenses` names whose data are inside", async (_home, env) => {
  const { code, stdout } = await wifilogger(["--version", "--licenses"], { env });
  assertEquals(code, 0);
  for (
    const name of [
      "CC BY 4.0",
      "RouteViews",
      "IP Geolocation by DB-IP",
      "https://db-ip.com",
      "NRO",
      "dbip-country",
      "Copyright (c) silverwind",
    ]
  ) {
    assertStringIncludes(stdout, name);
  }
});
