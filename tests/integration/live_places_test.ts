/** A live logger that learns places: from a database of the user's, and from a server that stands in for ipinfo.io. */

import { dirname, fromFileUrl } from "@std/path";
import { SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { Household } from "../../scripts/household/household.ts";
import type { Program } from "../../scripts/household/program.ts";
import { startLogger, wifilogger } from "../../scripts/household/logger.ts";
import { SCRATCH } from "../../scripts/household/private_namespaces.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { buildMmdb } from "../enrich/build_mmdb.ts";
import { TOKEN } from "../enrich/ipinfo_server.ts";
import { testWhen } from "../skip.ts";
import {
  archiveLines,
  curl,
  flowsIn,
  liveMissing,
  openLiveHousehold,
  ramLines,
} from "./live_household.ts";

const PROGRAM = fromFileUrl(new URL("./ipinfo_program.ts", import.meta.url));
const CACHE_FILE = `${SCRATCH}/home/wifi_logger/ip_location_cache.json`;
const DATABASE = `${SCRATCH}/city.mmdb`;

function cityDatabase(city: string): Uint8Array {
  const record = { country: { iso_code: "CH" }, city: { names: { en: city } } };
  return buildMmdb({ [`${SERVERS.nameless.ipv4}/32`]: record });
}

/** The stand-in for ipinfo.io, on the router. */
async function startIpinfo(household: Household): Promise<{ service: Program; url: string }> {
  const args = ["run", "-A", "--cached-only", PROGRAM];
  const service = household.start("router", [Deno.execPath(), ...args]);
  await service.said("ready");
  return { service, url: service.stdout[0].split(" at ")[1] };
}

testWhen(
  liveMissing,
  "run writes what databases and ipinfo.io know of places, keeps it over a kill, and shows the token to nobody",
  async () => {
    await using household = await openLiveHousehold();
    const { service, url } = await startIpinfo(household);
    const env = {
      IPINFO_TOKEN: TOKEN,
      WIFILOGGER_IPINFO: "addresses",
      WIFILOGGER_IPINFO_URL: url,
      WIFILOGGER_ACTIVE_TIMEOUT: "1s",
    };
    const first = await startLogger(household, [], { env });
    const { ipv4 } = SERVERS.nameless;
    const cityIsLogged = async () => {
      await curl(household, "laptop", `http://${ipv4}/1000`);
      return flowsIn(ramLines(household)).some(({ destination }) =>
        destination.ip === ipv4 && destination.geo?.city_name === "Mountain View"
      );
    };
    await eventually("ipinfo's city in a record", cityIsLogged);
    const cachePath = household.path(CACHE_FILE);

    // With a flush the cache is on the card: a kill costs neither places nor count.
    await household.run("router", wifilogger("--flush-now"));
    const flushed = await Deno.readTextFile(cachePath);
    assertStringIncludes(flushed, '"city_name":"Mountain View"');
    first.signal("SIGKILL");
    await first.ended;
    const logger = await startLogger(household, [], { env });
    await eventually("the city from the cache", cityIsLogged);
    const [record] = flowsIn(ramLines(household)).filter(({ destination }) =>
      destination.ip === ipv4
    )
      .slice(-1);
    assertEquals(record.destination.geo?.location, { lat: 37.4056, lon: -122.0775 });
    assertEquals(record.destination.as, { number: 15169, organization: { name: "Google LLC" } });

    const text = await household.run("router", wifilogger("status"));
    const json = await household.run("router", wifilogger("status", "--format", "json"));
    assertMatch(text.stdout.join("\n"), /ipinfo\.io +core plan; \d+ answers? in/);
    const looked = await household.run("router", wifilogger("lookup", ipv4));
    assertMatch(
      looked.stdout.join("\n"),
      /city +Mountain View\n.*from +ipinfo\.io, as of .* \(today\)/s,
    );
    const processes = await household.run("router", ["sh", "-c", "cat /proc/[0-9]*/cmdline"]);
    logger.signal("SIGTERM");
    assertEquals((await logger.ended).code, 0);

    const cache = await Deno.readTextFile(cachePath);
    assertStringIncludes(cache, '"city_name":"Mountain View"');
    assertEquals((await Deno.stat(cachePath)).mode! & 0o777, 0o600);
    const asked = service.stdout.filter((line) => line === `asked ${ipv4}`);
    assertEquals(asked.length, 1);
    const local = service.stdout.filter((line) =>
      /^asked (192\.168\.|fe80|203\.0\.113\.)/.test(line)
    );
    assertEquals(local, []);

    const shown = [...text.stdout, ...json.stdout, ...looked.stdout, ...processes.stdout, cache];
    shown.push(flushed, ...first.stdout, ...first.stderr);
    shown.push(...logger.stdout, ...logger.stderr, ...archiveLines(household));
    assertEquals(shown.filter((line) => line.includes(TOKEN)), []);
  },
);

testWhen(
  liveMissing,
  "run sets a damaged cache aside, says once that ipinfo.io refuses the token, and told it no address",
  async () => {
    await using household = await openLiveHousehold();
    const { service, url } = await startIpinfo(household);
    const cachePath = household.path(CACHE_FILE);
    await Deno.mkdir(dirname(cachePath), { recursive: true });
    await Deno.writeTextFile(cachePath, '{"version":3,"places":[],"addr'); // cut short
    const env = {
      IPINFO_TOKEN: "wr0ng-one",
      WIFILOGGER_IPINFO: "addresses",
      WIFILOGGER_IPINFO_URL: url,
    };
    const logger = await startLogger(household, [], { env });
    assertMatch(
      logger.stderr.join("\n"),
      /cannot use the cache of places .*: it is not JSON\. Set aside/,
    );
    await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
    const refusals = () => logger.stderr.filter((line) => line.includes("refuses the token"));
    await eventually("the warning", () => refusals().length > 0);
    await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
    const { stdout } = await household.run("router", wifilogger("status"));
    assertMatch(
      stdout.join("\n"),
      /ipinfo\.io +STOPPED: it refuses the token\. .*; 0 answers in 3 requests/,
    );
    logger.signal("SIGTERM");
    await logger.ended;
    assertEquals(refusals().length, 1);
    assertEquals(service.stdout.filter((line) => line.startsWith("asked")), []);
    const shown = [...logger.stdout, ...logger.stderr, ...stdout];
    assertEquals(shown.filter((line) => line.includes("wr0ng-one")), []);
  },
);

testWhen(
  liveMissing,
  "run reads a database of the user's, and a newer one without stopping",
  async () => {
    await using household = await openLiveHousehold();
    await Deno.writeFile(household.path(DATABASE), cityDatabase("Geneva"));
    await startLogger(household, [], {
      env: { WIFILOGGER_GEO_DB: DATABASE, WIFILOGGER_ACTIVE_TIMEOUT: "1s" },
    });
    const cities = async () => {
      await curl(household, "laptop", `http://${SERVERS.nameless.ipv4}/1000`);
      return flowsIn(ramLines(household)).map(({ destination }) => destination.geo?.city_name);
    };
    await eventually("the database's city", async () => (await cities()).includes("Geneva"));
    await Deno.writeFile(household.path(`${DATABASE}.new`), cityDatabase("Lausanne"));
    await Deno.rename(household.path(`${DATABASE}.new`), household.path(DATABASE));
    await eventually("the newer one's", async () => (await cities()).includes("Lausanne"));
  },
);

testWhen(liveMissing, "lookup tells of every address that a name has", async () => {
  await using household = await openLiveHousehold();
  const { host, ipv4, ipv6 } = SERVERS.news;
  const { code, stdout } = await household.run("laptop", wifilogger("lookup", host));
  assertEquals(code, 0);
  const text = stdout.join("\n");
  for (const address of [ipv4, ipv6]) {
    assertMatch(text, new RegExp(`^${address}\\n  country +Canada \\(CA\\)$`, "m"));
  }
});

testWhen(
  liveMissing,
  "lookup knows an address without a network, and says of a name that nobody answers",
  async () => {
    await using household = await Household.open(); // nobody serves DNS in it
    const address = await household.run("laptop", wifilogger("lookup", SERVERS.video.ipv4));
    assertMatch(address.stdout.join("\n"), /country +Japan \(JP\)\n {2}network +AS\d+/);
    const name = await household.run("laptop", wifilogger("lookup", SERVERS.video.host));
    assertEquals(name.code, 1);
    assertEquals(name.stderr.length, 1);
    assertStringIncludes(name.stderr[0], "no name server answers");
  },
);
