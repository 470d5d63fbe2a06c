/** `places update` is killed at any moment, and cut off; what is there is whole at every one. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { openPlaceDatabase } from "../../../enrich/place_database.ts";
import { PROGRAM, wifilogger } from "../../program.ts";
import { liteDatabase, servePlaces, TOKEN } from "./places_server.ts";

const KILLS = 24;

function dayOf(path: string): string {
  return openPlaceDatabase(Deno.readFileSync(path), path).builtAt.toISOString().slice(0, 10);
}

Deno.test({
  name:
    "`places update` killed at any step leaves a whole database, old or new, and the next one is right",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const home = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const days = Array.from(
      { length: KILLS + 1 },
      (_, i) => `2026-10-${`${i + 1}`.padStart(2, "0")}`,
    );
    await using servers = servePlaces(liteDatabase(days[0]));
    const env = {
      HOME: home,
      IPINFO_TOKEN: TOKEN,
      WIFILOGGER_IPINFO_URL: servers.ipinfoUrl,
    };
    const path = `${home}/wifi_logger/places/ipinfo_lite.mmdb`;
    try {
      const first = await wifilogger(["places", "update"], { env });
      assertEquals([first.code, first.stdout], [0, "IPinfo Lite: renewed, as of 2026-10-01\n"]);
      servers.behaviour.pauseMs = 8;
      const seen = new Set<string>();
      for (let i = 1; i <= KILLS; i++) {
        servers.behaviour.lite = liteDatabase(days[i]);
        servers.seen.splice(0);
        const [program, ...args] = PROGRAM;
        const child = new Deno.Command(program, {
          args: [...args, "places", "update"],
          env,
          stdout: "null",
          stderr: "null",
        }).spawn();
        // From the first request on it takes a third of a second or so: through all of it, and a little beyond.
        while (servers.seen.length === 0) await sleep(2);
        await sleep(i * 20);
        try {
          child.kill("SIGKILL");
        } catch {
          // It was done.
        }
        await child.status;
        const day = dayOf(path);
        assert(day >= days[0] && day <= days[i], `${day} at kill ${i}`);
        const files = [...Deno.readDirSync(`${home}/wifi_logger/places`)].map(({ name }) => name);
        seen.add(day === days[i] ? "renewed" : files.includes("ipinfo_lite.part") ? "part" : "old");
      }
      assert(seen.has("part") && seen.has("renewed"), [...seen].join());
      servers.behaviour.pauseMs = 0;
      const last = await wifilogger(["places", "update"], { env });
      assertEquals(last.code, 0, last.stdout + last.stderr);
      assertEquals(Deno.readFileSync(path), servers.behaviour.lite);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

Deno.test("`places` says what there is, what was fetched, on what terms; and what went wrong, by its exit code", async () => {
  const home = await Deno.makeTempDir({ prefix: "wifilogger_" });
  await using servers = servePlaces(liteDatabase("2026-11-20"));
  const env: Record<string, string> = { HOME: home, WIFILOGGER_IPINFO_URL: servers.ipinfoUrl };
  const run = async (...args: string[]) => await wifilogger(["places", ...args], { env });
  try {
    assertStringIncludes(
      (await run("update")).stdout,
      "nothing is fetched: no setting asks for it",
    );
    assertEquals((await run("update", "--if-due")).stdout, "");
    assertEquals(servers.seen, []);

    env.IPINFO_TOKEN = "wr0ng-one";
    const refused = await run("update");
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stdout, "the token is refused. Set the right IPINFO_TOKEN");
    env.IPINFO_TOKEN = TOKEN;
    assertEquals((await run("update")).code, 0);
    const list = await run();
    assertMatch(
      list.stdout,
      /ipinfo_lite\.mmdb, as of 2026-11-20 .*\n +IP address data is powered by IPinfo/,
    );
    assertStringIncludes(list.stdout, "CC BY-SA 4.0");
    assertStringIncludes(list.stdout, "countries inside the program, as of 2026-");
    // Believed before what is inside.
    const { stdout } = await wifilogger(["lookup", "129.132.19.216"], { env });
    assertMatch(stdout, /network +AS559 known\n/);

    servers.behaviour.answer = () => new Response("", { status: 500 });
    servers.behaviour.hasSums = false;
    const failed = await run("update");
    assertEquals(failed.code, 1);
    assertStringIncludes(failed.stdout, "it answered 500. The one that is there stays");
    const wrong = await run("updat");
    assertEquals(wrong.code, 2);
    const all = [refused, list, failed, wrong].map(({ stdout, stderr }) => stdout + stderr).join();
    assert(!all.includes(TOKEN) && !all.includes("wr0ng-one"));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
