/** `wifilogger profile` on a real archive: for people, for programs and for a firewall. */

import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { archivedHome, LAST_NOON_MS } from "../news/archived_home.ts";
import type { MadeUpFlow } from "../news/flow_line.ts";
import { MUD_SCHEMA } from "../news/profile/mud_schema.ts";
import { wifilogger } from "../program.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
const camera = { mac: "b8:27:eb:00:00:21", ip: "192.168.1.21", host: "camera" };

/** 20 days of a camera, whose firmware is another one for the last five. */
function flows(): Omit<MadeUpFlow, "id">[] {
  const made: Omit<MadeUpFlow, "id">[] = [];
  for (let day = 20; day >= 1; day--) {
    const endMs = LAST_NOON_MS - day * DAY_MS;
    const isUpdated = day <= 5;
    made.push({ endMs, ...camera, name: "up.cloud.example", up: 1000, down: 10 });
    made.push({ endMs, ...camera, name: "up.cloud.example", ip: "2001:db8::21", up: 1000 });
    made.push({ endMs, ...camera, transport: "udp", port: 53, remoteIp: "9.9.9.9" });
    made.push({
      endMs,
      ...camera,
      transport: "udp",
      port: 50_000 + day,
      name: "p2p.cloud.example",
    });
    made.push({ endMs, ...camera, port: 8443, owner: "Nameless Hosting" });
    const stats = isUpdated ? "stats.tracker.example" : "old.stats.example";
    made.push({ endMs, ...camera, name: stats });
    if (day === 3) made.push({ endMs, ...camera, name: "once.example.org" });
    made.push({ endMs, mac: "b8:27:eb:00:00:22", ip: "192.168.1.22", name: "other.example" });
  }
  return made;
}

async function openHome() {
  const home = await archivedHome(flows());
  const { env } = home;
  return {
    profile: (...args: string[]) => wifilogger(["profile", ...args], { env }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

Deno.test("`profile` says what a device speaks to regularly, and not what another one does", async () => {
  await using home = await openHome();
  const { code, stdout, stderr } = await home.profile("camera");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^camera: .*seen on 20 days$/m);
  assertMatch(stdout, /^cloud\.example +HTTPS \(443\/tcp\) +20 +40 +40 kB/m);
  assertMatch(stdout, /^cloud\.example +49152\+\/udp +20 /m);
  assertMatch(stdout, /^Nameless Hosting \(no name\) +8443\/tcp +20 /m);
  assertMatch(stdout, /^and 1 that were seen now and then$/m);
  assert(!stdout.includes("other.example"));
  assertEquals((await home.profile("toaster")).code, 2);
  assertEquals((await home.profile()).code, 2);
});

Deno.test("`profile --compare` says what an update has changed", async () => {
  await using home = await openHome();
  const { stdout } = await home.profile("camera", "--since", "6d", "--compare", "30d");
  const [, come, gone] = /New since the time before\n(.*)\n\nNo longer there\n(.*)/s.exec(stdout)!;
  assertStringIncludes(come, "tracker.example");
  assertStringIncludes(come, "example.org");
  assertStringIncludes(gone, "stats.example");
  assert(!come.includes("cloud.example") && !gone.includes("cloud.example"), stdout);
  const json = await home.profile(
    "camera",
    "--since",
    "6d",
    "--compare",
    "30d",
    "--format",
    "json",
  );
  const { gone: left } = JSON.parse(json.stdout);
  assertEquals(left.map(({ name }: { name: string }) => name), ["old.stats.example"]);
  assertEquals((await home.profile("camera", "--compare", "2d")).code, 2);
});

Deno.test("`profile --format mud` has the structure of RFC 8520, with the device's names and ports", async () => {
  await using home = await openHome();
  const { code, stdout, stderr } = await home.profile("camera", "--format", "mud");
  assertEquals(code, 0);
  assertMatch(stderr, /^wifilogger: warning: 1 regular contacts have no name/);
  const mud = JSON.parse(stdout);
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(MUD_SCHEMA);
  assert(validate(structuredClone(mud)), JSON.stringify(validate.errors));
  const { acl } = mud["ietf-access-control-list:acls"];
  const names = acl.map(({ name }: { name: string }) => name);
  for (const policy of ["from-device-policy", "to-device-policy"]) {
    const lists = mud["ietf-mud:mud"][policy]["access-lists"]["access-list"];
    assertEquals(lists.length, 2);
    for (const { name } of lists) assert(names.includes(name), name);
  }
  const { aces: { ace } } = acl.find(({ name }: { name: string }) =>
    name === "camera-ipv4-from-device"
  );
  const matches = ace.map(({ matches }: { matches: unknown }) => JSON.stringify(matches));
  assert(
    matches.includes(JSON.stringify({
      ipv4: { "ietf-acldns:dst-dnsname": "up.cloud.example", protocol: 6 },
      tcp: {
        "ietf-mud:direction-initiated": "from-device",
        "destination-port": { operator: "eq", port: 443 },
      },
    })),
    matches.join("\n"),
  );
  assertStringIncludes(matches.join(), '"port":49152');
  assertStringIncludes(matches.join(), "urn:ietf:params:mud:dns");
  assert(!stdout.includes("once.example.org"), "what was seen once is none of its manners");
  // The schema refuses what the modules do not have.
  mud["ietf-mud:mud"].color = "red";
  assertEquals(validate(structuredClone(mud)), false);
});
