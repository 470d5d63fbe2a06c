/** Everything that keeps others out of the pages, attacked: docs/web.md has what was tried and what came of it. */

import { eventually } from "../../scripts/household/eventually.ts";
import { readAccess, writeAccess } from "../../web/access/access_file.ts";
import { hashPassword } from "../../web/access/password.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { HOSTILE, householdFlows, PLUG } from "./household_flows.ts";
import { rawAnswer, rawClient, statusIn } from "./raw_client.ts";
import { CHEAP, openWeb, PASSWORD, TOKENS, type WebRig } from "./web_rig.ts";

const SESSION = "/api/v1/session";
const REPORT = "/api/v1/report";
const FLUSH = "/api/v1/flush";

/** A browser that has signed in: its cookie, and what its page knows. */
async function signedIn(web: WebRig): Promise<{ cookie: string; csrf: string }> {
  const response = await web.signIn();
  assertEquals(response.status, 200);
  const cookie = response.headers.get("set-cookie")!.split(";")[0];
  return { cookie, csrf: (await response.json()).csrf };
}

async function ask(
  web: WebRig,
  path: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await fetch(web.url + path, { method, headers, redirect: "manual" });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

Deno.test("nobody comes in without a session or a token", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const { paths } = await (await web.get("/api/v1/openapi.json")).json();
  let asked = 0;
  for (const [path, methods] of Object.entries<Record<string, unknown>>(paths)) {
    if (["/session", "/login", "/logout"].includes(path)) continue;
    for (const method of Object.keys(methods)) {
      const { status, body } = await ask(
        web,
        `/api/v1${path.replace(/\{\w+\}/, "x")}`,
        {},
        method.toUpperCase(),
      );
      assertEquals([status, body], [401, '{"error":"sign in first"}'], path);
      asked++;
    }
  }
  assert(asked >= 20, `${asked}`);
  assertEquals((await ask(web, SESSION, {})).body, '{"signed_in":false,"has_password":true}');
  for (const shown of ["Bearer x", "Bearer ", "Basic cjpy", `Bearer ${TOKENS.reads}x`]) {
    assertEquals((await ask(web, REPORT, { authorization: shown })).status, 401, shown);
  }
});

Deno.test("a name of somebody else that points here gets nothing (DNS rebinding)", async () => {
  await using web = await openWeb({
    flows: householdFlows(),
    env: { WIFILOGGER_WEB_HOSTS: "pi.example" },
  });
  const at = async (host: string, path = REPORT) =>
    await rawAnswer(
      web.port,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
        `Authorization: Bearer ${TOKENS.reads}\r\n\r\n`,
    );
  const own = Deno.hostname();
  for (
    const host of [
      `127.0.0.1:${web.port}`,
      "localhost",
      own,
      `${own}.local`,
      "192.168.1.5",
      "[fe80::1]:80",
      "pi.example",
    ]
  ) {
    assertEquals(statusIn(await at(host)), 200, host);
  }
  for (
    const host of [
      "evil.example",
      "localhost.evil.example",
      `${own}.evil.example`,
      "127.0.0.1.evil.example",
      "x.local",
    ]
  ) {
    const answer = await at(host);
    assertEquals(statusIn(answer), 421, host);
    assert(!answer.includes('bytes"'), answer);
    assertEquals(statusIn(await at(host, "/")), 421, host);
  }
  assertMatch(await at("evil.example", "/"), /WIFILOGGER_WEB_HOSTS/);
  // By an address of the internet it would have come through a router, in the open.
  for (const host of ["203.0.113.5", "[2001:db8::5]"]) {
    const answer = await at(host, "/");
    assertEquals(statusIn(answer), 403, host);
    assertMatch(answer, /not served over plain HTTP.*WIFILOGGER_WEB_TLS_CERT/);
  }
  assertEquals(
    statusIn(await rawAnswer(web.port, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")),
    400,
  );
});

Deno.test("another page may neither read nor change anything", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const { cookie, csrf } = await signedIn(web);
  const good = { cookie, origin: web.url, "x-csrf-token": csrf };
  assertEquals((await ask(web, FLUSH, good, "POST")).status, 503, "no logger runs: it was let in");
  const other = await signedIn(web);
  const foreign: readonly (readonly [string, Record<string, string>])[] = [
    ["another origin", { ...good, origin: "http://evil.example" }],
    ["the same name, another port", { ...good, origin: "http://127.0.0.1:1" }],
    ["the null origin", { ...good, origin: "null" }],
    ["no origin", { cookie, "x-csrf-token": csrf }],
    ["a form of another site", { ...good, "sec-fetch-site": "cross-site" }],
    ["a form of a sister site", { ...good, "sec-fetch-site": "same-site" }],
    ["no token", { cookie, origin: web.url }],
    ["a wrong token", { ...good, "x-csrf-token": "x".repeat(43) }],
    ["another session's token", { ...good, "x-csrf-token": other.csrf }],
  ];
  for (
    const path of [
      FLUSH,
      "/api/v1/known/remove",
      `/api/v1/devices/${PLUG.mac}/rename`,
      "/api/v1/logout",
    ]
  ) {
    for (const [what, headers] of foreign) {
      assertEquals((await ask(web, path, headers, "POST")).status, 403, `${path}: ${what}`);
    }
  }
  assertEquals((await ask(web, SESSION, { cookie })).body.includes('"signed_in":true'), true);
  const reading: Record<string, string>[] = [
    { cookie, origin: "http://evil.example" },
    { cookie, "sec-fetch-site": "cross-site" },
  ];
  for (const headers of reading) {
    assertEquals((await ask(web, REPORT, headers)).status, 403);
  }
  const preflight = await ask(web, REPORT, {
    origin: "http://evil.example",
    "access-control-request-method": "GET",
  }, "OPTIONS");
  const allowed = [...preflight.headers.keys()].filter((name) => name.startsWith("access-control"));
  assertEquals([preflight.status, allowed], [403, []]);
  const login = await fetch(`${web.url}/api/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "http://evil.example" },
    body: JSON.stringify({ password: PASSWORD }),
  });
  assertEquals([login.status, login.headers.get("set-cookie")], [403, null]);
  await login.body?.cancel();
  // What a form can send without asking first.
  const form = await fetch(web.url + FLUSH, {
    method: "POST",
    headers: { ...good, "content-type": "text/plain" },
    body: "{}",
  });
  await form.body?.cancel();
  const add = await fetch(`${web.url}/api/v1/known/add`, {
    method: "POST",
    headers: { ...good, "content-type": "text/plain" },
    body: '{"all":true}',
  });
  assertEquals([add.status, await add.json()], [415, {
    error: "the body must be application/json",
  }]);
});

Deno.test("a session that is over cannot be replayed", async () => {
  const folder = await Deno.makeTempDir();
  const sessionsPath = `${folder}/sessions.json`;
  try {
    await using web = await openWeb({ sessionsPath });
    const isIn = async (cookie: string, at = web) =>
      (await ask(at, SESSION, { cookie })).body.includes('"signed_in":true');
    const first = await signedIn(web);
    const second = await signedIn(web);
    assertEquals([await isIn(first.cookie), await isIn(second.cookie)], [true, true]);
    const headers = { cookie: first.cookie, origin: web.url, "x-csrf-token": first.csrf };
    const out = await ask(web, "/api/v1/logout", headers, "POST");
    assertMatch(out.headers.get("set-cookie")!, /Max-Age=0/);
    assertEquals([out.status, await isIn(first.cookie), await isIn(second.cookie)], [
      204,
      false,
      true,
    ]);
    assertEquals((await ask(web, REPORT, { cookie: first.cookie })).status, 401);
    // What lies on the file system lets nobody in.
    const kept = await Deno.readTextFile(sessionsPath);
    assert(!kept.includes(second.cookie.split("=")[1]), kept);
    assertEquals((await Deno.stat(sessionsPath)).mode! & 0o777, 0o600);
    assertEquals(await isIn(`wifilogger=${JSON.parse(kept)[0].hash}`), false);
    // Another password ends them all.
    const words = await readAccess(web.webFile);
    await writeAccess(web.webFile, {
      ...words,
      password: await hashPassword("another long one", CHEAP),
    });
    assertEquals(await isIn(second.cookie), false);
    await writeAccess(web.webFile, words);
    // A browser may not choose the session that it will have.
    const chosen = `wifilogger=${"A".repeat(43)}`;
    const login = await fetch(`${web.url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: chosen },
      body: JSON.stringify({ password: PASSWORD }),
    });
    const given = login.headers.get("set-cookie")!;
    await login.body?.cancel();
    assert(!given.includes("AAAA"));
    assertMatch(
      given,
      /^wifilogger=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/,
    );
    assertEquals(await isIn(chosen), false);
    // The next process knows who was signed in, and who signed out.
    await using next = await openWeb({ sessionsPath });
    await Deno.copyFile(web.webFile, next.webFile);
    assertEquals(await isIn(given.split(";")[0], next), true);
    assertEquals(await isIn(first.cookie, next), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the terminal's link lets in one, once", async () => {
  await using web = await openWeb({ hasPassword: false });
  const wrong = await ask(web, `/enter?token=${"x".repeat(43)}`, {});
  assertEquals([wrong.status, wrong.headers.get("set-cookie")], [303, null]);
  const right = await ask(web, `/enter?token=${web.link.secret}`, {});
  assertEquals([right.status, right.headers.get("location")], [303, "/"]);
  const cookie = right.headers.get("set-cookie")!.split(";")[0];
  assertEquals((await ask(web, REPORT, { cookie })).status, 200);
  const again = await ask(web, `/enter?token=${web.link.secret}`, {});
  assertEquals([again.headers.get("location"), again.headers.get("set-cookie")], [
    "/login?link=old",
    null,
  ]);
  const login = await web.signIn();
  assertEquals(login.status, 409);
  assertMatch((await login.json()).error, /wifilogger web password/);
});

Deno.test("guessing the password takes ever longer, however many guess at once", async () => {
  await using web = await openWeb();
  const statuses = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const response = await web.signIn(`a wrong guess ${i}`);
      await response.body?.cancel();
      return response.status;
    }),
  );
  const looked = statuses.filter((status) => status === 401).length;
  assert(looked <= 5, `${looked} guesses of 30 were looked at`);
  assertEquals(statuses.filter((status) => status === 429).length, 30 - looked);
  for (let i = looked; i < 5; i++) await (await web.signIn("a wrong guess")).body?.cancel();
  // Not even the right one, before its time.
  const right = await web.signIn();
  assertEquals(right.status, 429);
  assert(Number(right.headers.get("retry-after")) >= 1);
  assertMatch((await right.json()).error, /^too many wrong passwords\. Try again in \d+ s$/);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assertEquals((await signedIn(web)).csrf.length, 43);
});

Deno.test("tokens do what they may, and nothing once they are revoked", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const rename = (token: keyof typeof TOKENS) =>
    web.post(`/api/v1/devices/${PLUG.mac}/rename`, { name: "plug" }, token);
  const refused = await rename("reads");
  assertEquals(refused.status, 403);
  assertMatch((await refused.json()).error, /may only read.*--may-change/);
  assertEquals((await (await rename("changes")).json()).device, "plug");
  const words = await readAccess(web.webFile);
  assert(
    !JSON.stringify(words).includes(TOKENS.reads) && !JSON.stringify(words).includes(PASSWORD),
  );
  assertEquals((await Deno.stat(web.webFile)).mode! & 0o777, 0o600);
  await writeAccess(web.webFile, { ...words, tokens: [] });
  for (const name of ["reads", "changes"] as const) {
    const response = await web.get(REPORT, name);
    assertEquals(response.status, 401);
    await response.body?.cancel();
  }
});

Deno.test("no path leads out of the pages", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const up = "../".repeat(12);
  const paths = [
    `/${up}etc/passwd`,
    `/${up.replaceAll("../", "%2e%2e/")}etc/passwd`,
    `/${up.replaceAll("../", "..%2f")}etc/passwd`,
    `/app.js/${up}etc/passwd`,
    "//etc/passwd",
    "/\\..\\..\\etc\\passwd",
    `/file:///etc/passwd`,
    `/web.json`,
    `/.env`,
    `/api/v1/${up}etc/passwd`,
    `/api/v1/devices/..%2f..%2fowner.json`,
    `/api/v1/devices/%2e%2e/profile`,
    `/api/v1/records/${encodeURIComponent("../../web.json")}`,
    `/api/v1/records?cursor=${encodeURIComponent("../../x~0")}`,
    `/api/v1/places/${encodeURIComponent("../v1/status")}`,
    `/api/v1/places/${encodeURIComponent("9.9.9.9/../../flush")}`,
    `/api/v1/report%00`,
    "/%",
  ];
  for (const path of paths) {
    const answer = await rawAnswer(
      web.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: Bearer ${TOKENS.reads}\r\n\r\n`,
    );
    assert([200, 400, 404, 503].includes(statusIn(answer)), `${path}: ${answer}`);
    assert(!/root:|scrypt|"hash"/.test(answer), `${path}: ${answer}`);
  }
});

Deno.test("what is too large is refused, and what is no HTTP is cut", async () => {
  await using web = await openWeb();
  const head =
    "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const large = await fetch(`${web.url}/api/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: "x".repeat(17_000) }),
  });
  assertEquals([large.status, (await large.json()).error], [
    413,
    "the body has more than 16384 bytes",
  ]);
  // It says less than it sends, in pieces without an end.
  using endless = await rawClient(web.port);
  await endless.send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  const piece = `1000\r\n${"x".repeat(4096)}\r\n`;
  try {
    for (let i = 0; i < 10_000; i++) await endless.send(piece);
    throw new Error("40 MB were taken");
  } catch (error) {
    assert(!(error as Error).message.includes("40 MB"), "40 MB were taken");
  }
  const long = await ask(web, `/${"x".repeat(9_000)}`, {});
  assertEquals(long.status, 414);
  const headers = `X-A: ${"x".repeat(1_000)}\r\n`.repeat(200);
  const many = await rawAnswer(web.port, `GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  assert(many === "" || statusIn(many) === 431, many.slice(0, 100));
  const nested = await fetch(`${web.url}/api/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "[".repeat(16_000),
  });
  assertEquals([nested.status, await nested.json()], [400, { error: "the body is no JSON" }]);
  for (
    const noise of ["\x16\x03\x01\x02\x00\x01", "GET\r\n\r\n", "\0\0\0\0\r\n\r\n", "EHLO x\r\n\r\n"]
  ) {
    const answer = await rawAnswer(web.port, noise + "\r\n\r\n");
    assert(answer === "" || statusIn(answer) === 400, answer);
  }
  // One request hidden in another (smuggling) is judged by itself: nothing stands in front that would read it otherwise.
  const smuggled = await rawAnswer(
    web.port,
    `${head}Authorization: Bearer ${TOKENS.changes}\r\nContent-Length: 4\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n` +
      `GET ${REPORT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const [first, ...behind] = smuggled.match(/^HTTP\/1\.1 \d+/gm) ?? [];
  assertEquals(first, "HTTP/1.1 400");
  assert(behind.every((status) => status === "HTTP/1.1 401"), smuggled);
});

Deno.test("who is slow is cut off", async () => {
  const limits = { requestMs: 600, idleMs: 1_200, writeMs: 800 };
  await using web = await openWeb({ limits, flows: manyFlows() });
  const cutAfter = async (what: string, begin: string) => {
    using client = await rawClient(web.port);
    const startedAt = performance.now();
    if (begin !== "") await client.send(begin);
    const { text, isClosed } = await client.readAll(8_000);
    return { what, text, isClosed, ms: performance.now() - startedAt };
  };
  const get = `GET ${SESSION} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const slow = await Promise.all([
    cutAfter("says nothing", ""),
    cutAfter("half a head", "GET / HTTP/1.1\r\nHost: loc"),
    cutAfter(
      "half a body",
      "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
        "Content-Length: 100\r\n\r\n{",
    ),
    cutAfter("asks once, and stays", get),
    cutAfter("asks once, and half again", get + "GET / HTTP/1.1\r\n"),
  ]);
  for (const { what, isClosed, ms, text } of slow) {
    assert(isClosed && ms < 4_000, `${what}: ${ms} ms, ${text}`);
  }
  assertEquals(slow.map(({ text }) => statusIn(text)), [NaN, NaN, 408, 200, 200]);
  // A byte now and then is no faster.
  using drop = await rawClient(web.port);
  let sent = 0;
  try {
    for (const letter of `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(100)}`) {
      await drop.send(letter);
      sent++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch {
    // It was cut.
  }
  assert(sent < 30, `${sent} letters`);
  // Takes nothing of what it asked for.
  using deaf = await rawClient(web.port);
  const page = `GET /api/v1/records?limit=1000 HTTP/1.1\r\nHost: localhost\r\n` +
    `Authorization: Bearer ${TOKENS.reads}\r\n\r\n`;
  await deaf.send(page.repeat(30));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const taken = await deaf.readAll(2_000);
  assert(taken.isClosed && taken.text.length < 25_000_000, `${taken.text.length}`);
  assert(taken.text.split("HTTP/1.1 200").length - 1 < 30);
});

function manyFlows() {
  return Array.from({ length: 1_200 }, (_, i) => ({
    endMs: Date.UTC(2026, 9, 1) + i,
    ip: "192.168.1.20",
    name: `${"x".repeat(60)}.${i}.example`,
  }));
}

Deno.test("500 connections keep nobody out", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const { cookie } = await signedIn(web);
  const clients = [];
  try {
    for (let i = 0; i < 500; i++) {
      const client = await rawClient(web.port);
      clients.push(client);
      // Half of them begin a request, and never end it.
      if (i % 2 === 0) await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n").catch(() => {});
    }
    const times = [];
    for (let i = 0; i < 5; i++) {
      const startedAt = performance.now();
      assertEquals((await ask(web, SESSION, { cookie })).status, 200);
      times.push(performance.now() - startedAt);
    }
    assert(Math.max(...times) < 1_000, times.join(", "));
    const sockets = Array.from(Deno.readDirSync("/proc/self/fd")).length;
    // Both ends of each are this process's: those that were cut are closed on the server's side.
    assert(sockets < 1_200, `${sockets}`);
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
});

Deno.test("the server behind the gate answers nobody who did not come through it", async () => {
  await using web = await openWeb();
  const inner = listeningPorts().filter((port) => port !== web.port);
  assert(inner.length > 0);
  for (const port of inner) {
    const answer = await rawAnswer(
      port,
      `GET ${SESSION} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: Bearer ${TOKENS.reads}\r\n\r\n`,
    );
    assertEquals(statusIn(answer), 403);
    assert(!answer.includes("signed_in"));
  }
});

/** TCP ports of the loopback interface on which this process listens. */
function listeningPorts(): number[] {
  const own = new Set(
    [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/self/fd/${name}`))?.[1]];
      } catch {
        return [];
      }
    }),
  );
  return Deno.readTextFileSync("/proc/net/tcp").trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && own.has(inode))
    .map(([, local]) => parseInt(local.split(":")[1], 16));
}

Deno.test("every answer says what a page may do, and names stay text", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  for (
    const path of ["/", "/nothing.js", SESSION, REPORT, "/api/v1/nothing", "/api/v2", "/enter"]
  ) {
    for (const headers of [{}, { authorization: `Bearer ${TOKENS.reads}` }]) {
      const answer = await ask(web, path, headers as Record<string, string>);
      const policy = answer.headers.get("content-security-policy") ?? "";
      assertMatch(policy, /^default-src 'none'; script-src 'self'; style-src 'self'/);
      assert(!/unsafe|\*|http/.test(policy), policy);
      assertEquals(answer.headers.get("x-content-type-options"), "nosniff", path);
      assertEquals(answer.headers.get("x-frame-options"), "DENY", path);
      assertEquals(answer.headers.get("cross-origin-resource-policy"), "same-origin", path);
      assertEquals(answer.headers.get("access-control-allow-origin"), null, path);
    }
  }
  const records = await web.get(`/api/v1/records?name=${encodeURIComponent(HOSTILE)}&gaps=off`);
  assertEquals(records.headers.get("content-type"), "application/json; charset=utf-8");
  assertEquals((await records.json()).records[0].record.destination.domain, HOSTILE);
  for (const method of ["PUT", "DELETE", "PATCH", "TRACE"]) {
    const answer = await rawAnswer(
      web.port,
      `${method} ${REPORT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: Bearer ${TOKENS.changes}\r\n\r\n`,
    );
    assertEquals(statusIn(answer), 405, method);
  }
});

Deno.test("a page that looks on is told when its session ends", async () => {
  await using web = await openWeb();
  const { cookie, csrf } = await signedIn(web);
  const live = await fetch(`${web.url}/api/v1/live`, { headers: { cookie } });
  const headers = { cookie, origin: web.url, "x-csrf-token": csrf };
  assertEquals((await ask(web, "/api/v1/logout", headers, "POST")).status, 204);
  const text = await live.text();
  assertMatch(text, /event: end\ndata: \{"why":"the session has ended"\}\n\n$/);
});

Deno.test("no more than 32 look on at once", async () => {
  await using web = await openWeb();
  const lookers = [];
  for (let i = 0; i < 32; i++) lookers.push(await web.get("/api/v1/live"));
  const one = await web.get("/api/v1/live");
  assertEquals([one.status, one.headers.get("retry-after")], [503, "60"]);
  await one.body?.cancel();
  for (const looker of lookers) await looker.body?.cancel();
  await eventually("room again", async () => {
    const again = await web.get("/api/v1/live");
    await again.body?.cancel();
    return again.status === 200;
  });
});
