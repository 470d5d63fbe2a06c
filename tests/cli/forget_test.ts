/** `wifilogger forget` as a person uses it, with no logger running. */

import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { archivedHome, LAST_NOON_MS } from "../news/archived_home.ts";
import { wifilogger } from "../program.ts";

const DAY_MS = 24 * 3600e3;
const guest = { mac: "b8:27:eb:00:00:31", ip: "192.168.1.31", host: "guest" };
const plug = { mac: "b8:27:eb:00:00:29", ip: "192.168.1.29" };

async function openHome() {
  const home = await archivedHome([
    { endMs: LAST_NOON_MS - DAY_MS, ...guest, name: "www.news.example" },
    { endMs: LAST_NOON_MS - DAY_MS, ...plug, name: "a1.iot.example" },
    { endMs: LAST_NOON_MS, ...plug, name: "www.news.example" },
  ]);
  const socket = `${home.env.HOME}/no.sock`;
  const env = { ...home.env, WIFILOGGER_CONTROL_SOCKET: socket };
  return {
    archiveDir: `${home.env.HOME}/wifi_logger/logs`,
    run: (...args: string[]) => wifilogger(args, { env }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

Deno.test("forget says what it forgot, and knows nothing of it afterwards", async () => {
  await using home = await openHome();
  const { code, stdout, stderr } = await home.run("forget", "--device", "guest", "-y");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    stdout,
    /^forgot everything of guest \(b8:27:eb:00:00:31\): 1 record \(\d+ B\) of 1 day\n$/,
  );
  const again = await home.run("forget", "--device", "guest", "-y");
  assertEquals(again.code, 2);
  assertStringIncludes(again.stderr, "no device is called guest");
  const site = await home.run("forget", "--site", "NEWS.example", "--yes");
  assertMatch(site.stdout, /^forgot everything with news\.example: 1 record/);
  const nothing = await home.run("forget", "--site", "news.example", "--yes");
  assertEquals(nothing.stdout, "nothing was there: everything with news.example\n");
});

Deno.test("forget wants to know what, and asks whoever is there", async () => {
  await using home = await openHome();
  const refusals: [args: string[], why: string][] = [
    [[], "forget needs to know what: --device, --site, --since, --until"],
    [["--yes"], "forget needs to know what"],
    [["--site", "tv", "--yes"], "--site=tv is no domain"],
    [["--site", "news.example"], "nobody is there. Add --yes"],
    [["--since", "today", "--until", "yesterday", "--yes"], "Exchange them"],
  ];
  const outcomes = await Promise.all(refusals.map(([args]) => home.run("forget", ...args)));
  for (const [i, { code, stderr }] of outcomes.entries()) {
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, refusals[i][1]);
  }
});

Deno.test({
  name: "forget writes nothing that the logger's user could not go on with",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using home = await openHome();
    await Deno.chown(home.archiveDir, 1234, 1234);
    const { code, stderr } = await home.run("forget", "--site", "news.example", "--yes");
    assertEquals(code, 1);
    assertMatch(stderr, /belongs to another user. Run it as that one: sudo -Hu \S+ wifilogger/);
  },
});
