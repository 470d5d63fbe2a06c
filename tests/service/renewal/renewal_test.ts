/** Databases are renewed from servers of the test, which behave as the real ones are documented to. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { HandClock } from "../../hand_clock.ts";
import { openPlaceDatabase } from "../../../enrich/place_database.ts";
import { type RenewalOutcome, renewDatabases } from "../../../service/renewal/renewal.ts";
import { readRenewalState } from "../../../service/renewal/renewal_state.ts";
import { readSettings } from "../../../service/settings/read_settings.ts";
import { lacks, testWhen } from "../../skip.ts";
import {
  dbipDatabase,
  liteDatabase,
  type PlacesServers,
  servePlaces,
  TOKEN,
} from "./places_server.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const DAY_MS = 86_400e3;
const FIRST = liteDatabase("2026-11-20");
const SECOND = liteDatabase("2026-11-27", { "9.9.9.0/24": { country_code: "SE" } });

/** A home folder, servers, and what is asked of them. */
class Bed implements AsyncDisposable {
  readonly home = Deno.makeTempDirSync({ prefix: "wifilogger_" });
  readonly clock = new HandClock(NOW);
  readonly servers: PlacesServers;
  env: Record<string, string>;

  static open(): Bed {
    return new Bed(servePlaces(FIRST));
  }

  private constructor(servers: PlacesServers) {
    this.servers = servers;
    this.env = {
      HOME: this.home,
      IPINFO_TOKEN: TOKEN,
      WIFILOGGER_IPINFO_URL: servers.ipinfoUrl,
      WIFILOGGER_DBIP_URL: servers.filesUrl,
    };
  }

  /** Sets the clock, milliseconds since 1970. */
  now(ms: number): void {
    this.clock.leap(ms - this.clock.wallMs());
  }

  get folder(): string {
    return this.env.WIFILOGGER_PLACES_DIR ?? join(this.home, "wifi_logger/places");
  }

  async renewAll(onlyDue = false): Promise<RenewalOutcome[]> {
    const settings = readSettings({ environment: this.env });
    const { clock } = this;
    const options = { settings, clock, onlyDue, random: () => 1, stallMs: 500 };
    return (await renewDatabases(options)).map(([, outcome]) => outcome);
  }

  /** What came of the first. */
  async renew(onlyDue = false): Promise<RenewalOutcome> {
    return (await this.renewAll(onlyDue))[0];
  }

  /** Says why the first failed. */
  async failure(): Promise<string> {
    const outcome = await this.renew();
    assertEquals(outcome.kind, "failed");
    return (outcome as { why: string }).why;
  }

  /** The day of the database that is there. */
  day(name = "ipinfo_lite"): string | undefined {
    try {
      const bytes = Deno.readFileSync(`${this.folder}/${name}.mmdb`);
      return openPlaceDatabase(bytes, name).builtAt.toISOString().slice(0, 10);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** Requests since the last call, as `SERVER PATH`. */
  requests(): string[] {
    return this.servers.seen.splice(0).map(({ server, path }) => `${server} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers[Symbol.asyncDispose]();
    await Deno.remove(this.home, { recursive: true });
  }
}

function test(name: string, run: (bed: Bed) => Promise<void>): void {
  // The servers are still sending what nobody waits for any more.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false }, async () => {
    await using bed = Bed.open();
    await run(bed);
  });
}

test("nothing is fetched that no setting asks for", async (bed) => {
  for (
    const change of [
      { IPINFO_TOKEN: "" } as Record<string, string>,
      { WIFILOGGER_IPINFO: "off" },
      { WIFILOGGER_IPINFO: "addresses" },
    ]
  ) {
    const before = bed.env;
    bed.env = { ...before, ...change };
    assertEquals(await bed.renewAll(), []);
    bed.env = before;
  }
  assertEquals(bed.requests(), []);
});

test("a token fetches the database of IPinfo; the host of the files never sees it", async (bed) => {
  assertEquals(await bed.renew(), { kind: "renewed", builtAt: new Date("2026-11-20") });
  assertEquals([bed.day(), bed.files()], ["2026-11-20", [
    "ipinfo_lite.mmdb",
    "lock",
    "state.json",
  ]]);
  const atFiles = bed.servers.seen.filter(({ server }) => server === "files");
  assertEquals(atFiles.length, 1);
  const shown = atFiles.map(({ query, headers }) => query + JSON.stringify([...headers]));
  assert(!shown.join().includes(TOKEN));
  assert(!Deno.readTextFileSync(`${bed.folder}/state.json`).includes(TOKEN));
});

test("one that is there is asked about a week later, and by its sum alone when it is the newest", async (bed) => {
  await bed.renew();
  bed.requests();
  for (const days of [1, 3, 6]) {
    bed.now(NOW + days * DAY_MS);
    assertEquals((await bed.renew(true)).kind, "not due");
  }
  assertEquals(bed.requests(), []);
  bed.now(NOW + 7 * DAY_MS);
  assertEquals((await bed.renew(true)).kind, "unchanged");
  assertEquals(bed.requests(), ["ipinfo /data/ipinfo_lite.mmdb/checksums"]);
  bed.servers.behaviour.lite = SECOND;
  bed.now(NOW + 14 * DAY_MS);
  assertEquals((await bed.renew(true)).kind, "renewed");
  assertEquals(bed.day(), "2026-11-27");
});

test("without a sum, ETag tells that there is nothing newer", async (bed) => {
  bed.servers.behaviour.hasSums = false;
  assertEquals((await bed.renew()).kind, "renewed");
  assertEquals((await bed.renew()).kind, "unchanged");
  const [last] = bed.servers.seen.slice(-1);
  assert(last.headers.has("if-none-match"));
});

test("a wrong token is refused, and said nowhere", async (bed) => {
  bed.env.IPINFO_TOKEN = "wr0ng-one";
  assertEquals(await bed.renew(), { kind: "refused" });
  assertEquals(bed.day(), undefined);
  const state = Deno.readTextFileSync(`${bed.folder}/state.json`);
  assertStringIncludes(state, "the token is refused");
  assert(!state.includes("wr0ng-one"));
});

test("too many requests: it waits as long as it is asked to", async (bed) => {
  bed.servers.behaviour.answer = () =>
    new Response("", { status: 429, headers: { "retry-after": "7200" } });
  assertEquals(await bed.failure(), "it was asked too often");
  bed.servers.behaviour.answer = undefined;
  bed.now(NOW + 7000e3);
  assertEquals((await bed.renew(true)).kind, "not due");
  bed.now(NOW + 7300e3);
  assertEquals((await bed.renew(true)).kind, "renewed");
});

test("failures in a row are waited for longer and longer", async (bed) => {
  bed.servers.behaviour.answer = () => new Response("", { status: 503 });
  const pauses: number[] = [];
  for (let i = 0; i < 10; i++) {
    assertEquals(await bed.failure(), "it answered 503");
    pauses.push(readRenewalState(bed.folder).ipinfo_lite.notBeforeMs! - NOW);
  }
  assertEquals(pauses.slice(0, 4), [300e3, 600e3, 1200e3, 2400e3]);
  assertEquals(pauses.at(-1), 12 * 3600e3);
});

test("one that breaks off at any tenth leaves the old one, and goes on there the next time", async (bed) => {
  await bed.renew();
  bed.servers.behaviour.lite = SECOND;
  for (let tenth = 1; tenth < 10; tenth++) {
    bed.servers.behaviour.breakAt = Math.floor(SECOND.length * tenth / 10);
    assertEquals(await bed.failure(), "it broke off", `tenth ${tenth}`);
    assertEquals(bed.day(), "2026-11-20");
    assert(Deno.statSync(`${bed.folder}/ipinfo_lite.part`).size <= bed.servers.behaviour.breakAt);
  }
  const size = Deno.statSync(`${bed.folder}/ipinfo_lite.part`).size;
  assert(size > SECOND.length / 2, `${size} of ${SECOND.length}`);
  bed.servers.behaviour.breakAt = undefined;
  bed.servers.seen.splice(0);
  assertEquals((await bed.renew()).kind, "renewed");
  assertEquals(bed.servers.seen.at(-1)!.headers.get("range"), `bytes=${size}-`);
  assertEquals(Deno.readFileSync(`${bed.folder}/ipinfo_lite.mmdb`), SECOND);
});

test("one that ends at any tenth without saying so is found out by its sum, or by what is missing", async (bed) => {
  await bed.renew();
  Object.assign(bed.servers.behaviour, { lite: SECOND, isChunked: true });
  for (const hasSums of [true, false]) {
    for (let tenth = 1; tenth < 10; tenth++) {
      const breakAt = Math.floor(SECOND.length * tenth / 10);
      Object.assign(bed.servers.behaviour, { hasSums, breakAt, hasRanges: false });
      assertStringIncludes(await bed.failure(), "what came", `tenth ${tenth}`);
      assertEquals([bed.day(), bed.files().includes("ipinfo_lite.part")], ["2026-11-20", false]);
    }
  }
});

test("the rest of another file is not taken for the rest of this", async (bed) => {
  bed.servers.behaviour.breakAt = FIRST.length >> 1;
  assertEquals(await bed.failure(), "it broke off");
  Object.assign(bed.servers.behaviour, { lite: SECOND, breakAt: undefined });
  assertEquals((await bed.renew()).kind, "renewed");
  assertEquals(Deno.readFileSync(`${bed.folder}/ipinfo_lite.mmdb`), SECOND);
});

test("what is no database, a wrong one, an older or a much smaller one leaves the old one", async (bed) => {
  bed.servers.behaviour.lite = SECOND;
  await bed.renew();
  const wrong = liteDatabase("2026-11-28", {
    "193.0.6.0/24": { country_code: "US" },
    "129.132.0.0/16": { country_code: "US" },
  });
  const damaged = SECOND.slice();
  damaged.fill(0xff, 0, damaged.length >> 1);
  const small = liteDatabase("2026-11-28", {}, 20);
  for (
    const [lite, why] of [
      [new TextEncoder().encode("<html>".repeat(1000)), "what came cannot be used"],
      [damaged, "what came"],
      [wrong, "right about 3 of 5 addresses"],
      [FIRST, "what came is older, as of 2026-11-20, than what is there, as of 2026-11-27"],
      [small, "less than half of what is there"],
    ] as const
  ) {
    bed.servers.behaviour.lite = lite;
    assertStringIncludes(await bed.failure(), why);
    assertEquals(bed.day(), "2026-11-27");
  }
});

test("one that is not what its sum says is not taken", async (bed) => {
  const { behaviour } = bed.servers;
  behaviour.answer = (request) =>
    request.url.includes("/artifacts/") ? new Response(SECOND) : undefined;
  assertStringIncludes(await bed.failure(), "does not have the sum");
  assertEquals(bed.day(), undefined);
});

test("one that is huge is given up before it comes", async (bed) => {
  bed.servers.behaviour.answer = (request) =>
    request.url.includes("/artifacts/")
      ? new Response(new ReadableStream(), { headers: { "content-length": "2000000000" } })
      : undefined;
  assertEquals(await bed.failure(), "it is larger than 1 GB");
});

test("one that is slow comes; one that says nothing is given up", async (bed) => {
  bed.servers.behaviour.pauseMs = 20;
  assertEquals((await bed.renew()).kind, "renewed");
  Object.assign(bed.servers.behaviour, { lite: SECOND, pauseMs: 3_000 });
  assertEquals(await bed.failure(), "nothing came in time");
  assertEquals(bed.day(), "2026-11-20");
});

test("a redirect that would take the token to another host, or lacks TLS, or has no end, is not followed", async (bed) => {
  const { behaviour, filesUrl, ipinfoUrl } = bed.servers;
  for (
    const [redirect, why] of [
      [
        (url: URL) => `${filesUrl}/artifacts/ipinfo_lite.mmdb${url.search}`,
        "would have the token go there",
      ],
      [(url: URL) => ipinfoUrl + url.pathname + url.search, "redirects without end"],
      [() => "ftp://example.org/a", "without TLS"],
      [() => "http://", "no address"],
    ] as const
  ) {
    behaviour.redirect = redirect;
    bed.servers.seen.splice(0);
    assertStringIncludes(await bed.failure(), why);
    assertEquals(bed.servers.seen.filter(({ server }) => server === "files"), []);
  }
});

test("a network that is cut leaves everything as it was", async (bed) => {
  await bed.renew();
  bed.env.WIFILOGGER_IPINFO_URL = "http://127.0.0.1:1";
  assertEquals([await bed.failure(), bed.day()], ["it cannot be reached", "2026-11-20"]);
});

test("DB-IP's countries and owners are fetched monthly, unpacked; of the month before where there is no newer", async (bed) => {
  bed.env = { ...bed.env, IPINFO_TOKEN: "", WIFILOGGER_PLACES_UPDATE: "dbip" };
  const { dbip } = bed.servers.behaviour;
  const months = [["2026-10", "2026-10-01"], ["2026-11", "2026-11-01"]] as const;
  const add = async ([month, day]: readonly [string, string]) => {
    for (const kind of ["country", "asn"] as const) {
      dbip.set(`dbip-${kind}-lite-${month}.mmdb.gz`, await dbipDatabase(kind, day));
    }
  };
  const days = () => [bed.day("dbip-country-lite"), bed.day("dbip-asn-lite")];
  const kinds = async (onlyDue = false) => (await bed.renewAll(onlyDue)).map(({ kind }) => kind);
  assertEquals(await kinds(), ["failed", "failed"]);
  await add(months[0]);
  assertEquals(await kinds(), ["renewed", "renewed"]);
  assertEquals(days(), ["2026-10-01", "2026-10-01"]);
  bed.now(NOW + DAY_MS);
  assertEquals(await kinds(true), ["unchanged", "unchanged"]);
  await add(months[1]);
  bed.now(NOW + 2 * DAY_MS);
  assertEquals(await kinds(true), ["renewed", "renewed"]);
  assertEquals(days(), ["2026-11-01", "2026-11-01"]);
  bed.requests();
  bed.now(NOW + 3 * DAY_MS);
  assertEquals(await kinds(true), ["not due", "not due"]);
  assertEquals(bed.requests(), []);
  assertEquals(await kinds(), ["unchanged", "unchanged"]);
  assertEquals(
    bed.files(),
    ["dbip-asn-lite.mmdb", "dbip-country-lite.mmdb", "lock", "state.json"],
  );
});

test("a packed one that is damaged at any tenth leaves the old one", async (bed) => {
  bed.env = { ...bed.env, IPINFO_TOKEN: "", WIFILOGGER_PLACES_UPDATE: "dbip" };
  const name = "dbip-country-lite-2026-11.mmdb.gz";
  const good = await dbipDatabase("country", "2026-11-01");
  for (let tenth = 0; tenth < 10; tenth++) {
    const damaged = good.slice();
    damaged[Math.floor(good.length * tenth / 10)] ^= 0xff;
    bed.servers.behaviour.dbip.set(name, damaged);
    assertStringIncludes(await bed.failure(), "what came", `tenth ${tenth}`);
    assertEquals(bed.day("dbip-country-lite"), undefined);
  }
});

testWhen(
  lacks({ root: true, commands: ["mount", "umount"] }),
  "a full card leaves everything as it was, and nothing of what came",
  async () => {
    await using bed = Bed.open();
    const card = join(bed.home, "card");
    await Deno.mkdir(card);
    await run("mount", "-t", "tmpfs", "-o", "size=400k", "card", card);
    try {
      bed.env.WIFILOGGER_PLACES_DIR = `${card}/places`;
      // Its length is known: it is not begun.
      assertEquals(await bed.failure(), "there is no room for it");
      // It is not: the card is full before it has come.
      bed.servers.behaviour.isChunked = true;
      fill(`${card}/filler`, FIRST.length >> 1);
      assertEquals(await bed.failure(), "there is no room for it");
      assertEquals(bed.files().filter((name) => name.startsWith("ipinfo")), []);
    } finally {
      await run("umount", card);
    }
  },
);

/** Writes until nothing more can be, less so many bytes. */
function fill(path: string, leaving: number): void {
  using file = Deno.openSync(path, { write: true, create: true });
  let size = 0;
  try {
    for (;;) size += file.writeSync(new Uint8Array(4096));
  } catch {
    file.truncateSync(size - leaving);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args }).output();
  assert(success, `${program} ${args.join(" ")}`);
}
