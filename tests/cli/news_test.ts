/** `wifilogger news`, `known` and `devices` on a real archive: what a person and what a program gets. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { archivedHome, LAST_NOON_MS } from "../news/archived_home.ts";
import type { MadeUpFlow } from "../news/flow_line.ts";
import { wifilogger } from "../program.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;

const plug = { mac: "b8:27:eb:00:00:29", ip: "192.168.1.29" };
const phone = { ip: "192.168.1.30", host: "pixel" };

/** A household of 20 days: a plug that goes astray the day before yesterday, and a phone with two MAC addresses. */
function flows(): Omit<MadeUpFlow, "id">[] {
  const made: Omit<MadeUpFlow, "id">[] = [];
  for (let day = 20; day >= 0; day--) {
    const endMs = LAST_NOON_MS - day * DAY_MS;
    const cloud = { name: "a1.iot.example", country: "DE", owner: "Good Hosting" };
    made.push({ endMs, ...plug, ...cloud, up: 100, down: 200 });
    const mac = day > 8 ? "da:00:00:00:00:01" : "da:00:00:00:00:02";
    made.push({ endMs, ...phone, mac, name: "www.news.example", country: "DE" });
    // The phone's address without its MAC address, from outside.
    if (day === 10) made.push({ endMs, ip: phone.ip, direction: "inbound", port: 22, up: 40 });
  }
  const astray = { country: "RU", owner: "Bad Hosting", port: 23, remoteIp: "198.51.100.7" };
  made.push({ endMs: LAST_NOON_MS - 2 * DAY_MS, ...plug, ...astray, up: 5000, down: 100 });
  const hostile = "=cmd\u001b[2J\u202e.example";
  made.push({ endMs: LAST_NOON_MS - 2 * DAY_MS + 1000, ...plug, name: hostile, country: "RU" });
  const guest = { mac: "b8:27:eb:00:00:31", ip: "192.168.1.31", host: "guest" };
  made.push({ endMs: LAST_NOON_MS - DAY_MS, ...guest, name: "www.news.example", country: "DE" });
  return made.sort((a, b) => a.endMs - b.endMs);
}

async function openHome() {
  const home = await archivedHome(flows());
  const { env } = home;
  return {
    run: async (...args: string[]) => {
      const { code, stdout, stderr } = await wifilogger(args, { env });
      assertEquals([code, stderr], [0, ""], args.join(" "));
      return stdout;
    },
    fail: (...args: string[]) => wifilogger(args, { env }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

const objects = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line));

Deno.test("`news` tells what a device does for the first time, with the command that shows it", async () => {
  await using home = await openHome();
  const table = await home.run("news");
  assertMatch(table, /^Worth a look$/m);
  assertMatch(table, /device +guest/);
  assertMatch(table, /192\.168\.1\.29 +country +Russia/);
  assertMatch(table, /service +Telnet \(23\/tcp\)/);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/.test(table), false);
  assert(!table.includes("pixel"), "a phone with a new MAC address is the same phone");

  const news = objects(await home.run("news", "--format", "json"));
  const telnet = news.find(({ kind }) => kind === "service");
  assertEquals(telnet.what, "23/tcp");
  assertEquals(telnet.bytes, 5100);
  assertEquals(telnet.weight, "weighty");
  assertEquals(telnet.evidence, "none");
  assertEquals(Date.parse(telnet.first), new Date(LAST_NOON_MS - 2 * DAY_MS).setMinutes(0, 0, 0));
  const command = telnet.command.split(" ").slice(1);
  const shown = await home.run(...command, "--format", "json");
  assertEquals(objects(shown).map(({ destination }) => destination.port), [23]);

  const csv = await home.run("news", "--format", "csv", "--device", plug.ip);
  assertMatch(csv, /^kind,device,mac,what,weight,first,/);
  assertStringIncludes(csv, "'=cmd");
  assert(!csv.includes("guest"));
  assertEquals(await home.run("news", "--since", "today"), "Nothing new.\n");
  assertEquals(await home.run("news", "--learning", "30d"), "Nothing new.\n");
});

Deno.test("`known` takes things out of the news, and gives them back", async () => {
  await using home = await openHome();
  await home.run("known", "add", "--device", plug.ip, "--country", "ru", "--service", "23/tcp");
  await home.run("known", "add", "--device", "guest");
  const left = objects(await home.run("news", "--format", "json"));
  assertEquals(left.filter(({ kind }) => ["country", "service", "device"].includes(kind)), []);
  const list = await home.run("known", "list");
  assertMatch(list, /country +RU +192\.168\.1\.29/);
  assertMatch(list, /device +guest/);
  await home.run("known", "remove", "--device", "guest");
  assertStringIncludes(await home.run("news"), "guest");
  await home.run("known", "add", "--all");
  assertEquals(await home.run("news"), "Nothing new.\n");
  await home.run("known", "remove", "--all");
  assertEquals(await home.run("known"), "Nothing is marked as known.\n");
  const { code, stderr } = await home.fail("known", "add");
  assertEquals(code, 2);
  assertMatch(stderr, /^wifilogger: known needs what is known: /);
  assertEquals((await home.fail("known", "add", "--device", "toaster")).code, 2);
});

Deno.test("`devices` has a row a device, over its addresses and MAC addresses, and takes names", async () => {
  await using home = await openHome();
  const devices = objects(await home.run("devices", "--format", "json"));
  assertEquals(devices.map(({ device }) => device).sort(), ["192.168.1.29", "guest", "pixel"]);
  const pixel = devices.find(({ device }) => device === "pixel");
  assertEquals(pixel.macs, ["da:00:00:00:00:01", "da:00:00:00:00:02"]);
  assertEquals(pixel.random_mac, true);
  // 21 flows, and one from outside, which tells no MAC address.
  assertEquals([pixel.flows, pixel.bytes], [22, 21 * 4800 + 4040]);
  const [one] = devices.filter(({ device }) => device === "192.168.1.29");
  assertMatch(one.maker, /Raspberry Pi/);
  assertEquals(
    await home.run("devices", "rename", plug.ip, "kitchen plug"),
    `${plug.mac} is called kitchen plug\n`,
  );
  assertMatch(await home.run("devices"), /^kitchen plug +Raspber/m);
  assertStringIncludes(await home.run("news", "--device", "Kitchen Plug"), "Telnet");
  const taken = await home.fail("devices", "rename", "guest", "kitchen plug");
  assertEquals([taken.code, taken.stdout], [2, ""]);
  await home.run("devices", "rename", "kitchen plug");
  assertMatch(await home.run("devices"), /^192\.168\.1\.29 /m);
  assertMatch(await home.run("devices", "--format", "csv"), /^device,own_name,names,maker,/);
});
