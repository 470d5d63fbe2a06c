/** The client against a real HTTP server, which answers as each plan does and misbehaves in every way. */

import { HandClock } from "../hand_clock.ts";
import { systemClock } from "../../system/clock.ts";
import { assert, assertEquals, assertGreaterOrEqual } from "../assert.ts";
import { Ipinfo, type IpinfoOptions, type IpinfoState } from "../../enrich/ipinfo.ts";
import type { IpinfoPlan } from "../../enrich/ipinfo_plan.ts";
import type { Place } from "../../enrich/place.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { sleep } from "../../system/clock.ts";
import {
  ANSWERS,
  type IpinfoServer,
  type Misbehave,
  OWN_ADDRESS,
  refusal,
  serveIpinfo,
  TOKEN,
} from "./ipinfo_server.ts";

const GOOGLE: Place = {
  countryCode: "US",
  countryName: "United States",
  regionName: "California",
  cityName: "Mountain View",
  latitude: 37.4056,
  longitude: -122.0775,
  asNumber: 15169,
  organization: "Google LLC",
};
const PLACES: Record<IpinfoPlan, Place> = {
  core: GOOGLE,
  legacy: GOOGLE,
  lite: {
    countryCode: "US",
    countryName: "United States",
    asNumber: 15169,
    organization: "Google LLC",
  },
};

const NOVEMBER_MS = Date.UTC(2026, 10, 22);

/** Quick enough for a test; what a test is about, it sets itself. */
const QUICK = { gatherMs: 5, minIntervalMs: 0, firstPauseMs: 10, maxPauseMs: 40, random: () => 1 };

/** What a next run would know. */
function kept({ ipinfo }: Client): IpinfoState {
  return ipinfo.stateForFile({ isLast: true });
}

/** The requests in which the token's plan was found out come first: up to three for it, one for batches. */
const PLAN_REQUESTS: Record<IpinfoPlan, string[]> = {
  core: ["GET /lookup/me", "POST /batch"],
  legacy: ["GET /lookup/me", "GET /json", "POST /batch"],
  lite: ["GET /lookup/me", "GET /json", "GET /lite/me", "POST /batch/lite"],
};

interface Client extends Disposable {
  readonly ipinfo: Ipinfo;
  readonly answers: Map<string, Place | undefined>;
  refusals: number;
}

function clientOf(server: IpinfoServer, options: Partial<IpinfoOptions> = {}): Client {
  const answers = new Map<string, Place | undefined>();
  const client: Client = {
    answers,
    refusals: 0,
    ipinfo: new Ipinfo({
      token: TOKEN,
      clock: systemClock,
      monthlyBudget: 45_000,
      hosts: { api: server.url, www: server.url },
      onAnswer: (address, place) => answers.set(address, place),
      onRefused: () => client.refusals++,
      ...QUICK,
      ...options,
    }),
    [Symbol.dispose]: () => client.ipinfo[Symbol.dispose](),
  };
  return client;
}

/** Public addresses, each another one. */
function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `9.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
}

for (const plan of ["core", "legacy", "lite"] as const) {
  Deno.test(`\`Ipinfo\` finds out that a token is for ${plan}, and asks in batches, for each address once`, async () => {
    await using server = serveIpinfo(plan);
    using client = clientOf(server);
    const wanted = addresses(250);
    for (let round = 0; round < 3; round++) {
      for (const address of wanted) {
        if (!client.answers.has(address)) client.ipinfo.request(address);
      }
      await sleep(3);
    }
    await eventually("250 answers", () => client.answers.size === 250);
    assertEquals(client.answers.get(wanted[0]), PLACES[plan]);
    assertEquals(client.answers.get(wanted[249]), PLACES[plan]);
    assertEquals([...server.asked.values()].every((times) => times === 1), true);
    assertEquals(server.asked.size, 250);
    const [first, batch] = [PLAN_REQUESTS[plan], PLAN_REQUESTS[plan].at(-1)!];
    assertEquals(
      server.requests.map(({ method, path }) => `${method} ${path}`),
      [...first, batch, batch, batch],
    );
    const ofPlan = server.requests.slice(0, first.length).flatMap(({ addresses }) => addresses);
    assertEquals(ofPlan, [OWN_ADDRESS]);
    const { status } = client.ipinfo;
    assertEquals([kept(client).plan, kept(client).takesBatches], [plan, true]);
    assertEquals([status.answered, status.failed, status.waiting], [250, 0, 0]);
    assertEquals(status.budget.spent, 252);
  });

  Deno.test(`\`Ipinfo\` asks for one address at a time where ${plan} takes no batches`, async () => {
    await using server = serveIpinfo(plan, { batch: false });
    using client = clientOf(server);
    for (const address of addresses(20)) client.ipinfo.request(address);
    await eventually("20 answers", () => client.answers.size === 20);
    assertEquals([...server.asked.values()], Array(20).fill(1));
    assertEquals(kept(client).takesBatches, false);
    assertEquals(server.requests.length, PLAN_REQUESTS[plan].length + 20);
    assertEquals(client.answers.get("9.0.0.7"), PLACES[plan]);
  });
}

Deno.test("`Ipinfo` goes on with the plan that a former run found", async () => {
  await using server = serveIpinfo("lite");
  using first = clientOf(server);
  first.ipinfo.request("9.9.9.9");
  await eventually("one answer", () => first.answers.size === 1);
  const before = server.requests.length;

  using second = clientOf(server);
  second.ipinfo.restore(kept(first));
  second.ipinfo.request("8.8.8.8");
  await eventually("one answer", () => second.answers.size === 1);
  assertEquals(server.requests.slice(before).map(({ path }) => path), ["/lite/8.8.8.8"]);
});

Deno.test("`Ipinfo` finds the plan out again when the token's plan has changed", async () => {
  await using server = serveIpinfo("lite");
  using client = clientOf(server);
  client.ipinfo.restore({
    plan: "core",
    takesBatches: false,
    budget: { month: "2026-11", spent: 0 },
  });
  client.ipinfo.request("9.9.9.9");
  await eventually("one answer", () => client.answers.size === 1);
  assertEquals(kept(client).plan, "lite");
  assertEquals(client.refusals, 0);
});

Deno.test("`Ipinfo` never asks for local, reserved, multicast or documentation addresses", async () => {
  await using server = serveIpinfo("core");
  using client = clientOf(server);
  const never = [
    ..."0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.1.1 172.16.0.1 192.0.0.1 192.0.2.1".split(
      " ",
    ),
    ..."192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.251 240.0.0.1".split(" "),
    ..."255.255.255.255 :: ::1 fe80::1 fc00::1 fd12::1 ff02::fb 2001:db8::1 3fff::1".split(" "),
    ..."64:ff9b::808:808 ::ffff:8.8.8.8 100::1 4000::1 5f00::1 nonsense".split(" "),
  ];
  for (const address of never) client.ipinfo.request(address);
  client.ipinfo.request("2001:4860:4860::8888");
  await eventually("one answer", () => client.answers.size === 1);
  await sleep(30);
  assertEquals([...server.asked.keys()], ["2001:4860:4860::8888"]);
  const inRequests = new Set(server.requests.flatMap(({ addresses }) => addresses));
  assertEquals([...inRequests], [OWN_ADDRESS, "2001:4860:4860::8888"]);
});

Deno.test("`Ipinfo` shows the token to the service alone, in a header", async () => {
  await using server = serveIpinfo("legacy");
  using client = clientOf(server);
  client.ipinfo.request("9.9.9.9");
  await eventually("one answer", () => client.answers.size === 1);
  for (const { path, authorization } of server.requests) {
    assertEquals(authorization, `Bearer ${TOKEN}`);
    assertEquals(path.includes(TOKEN), false);
  }
  const shown = Deno.inspect(client.ipinfo, { depth: 9, showHidden: true }) +
    JSON.stringify([client.ipinfo, kept(client), client.ipinfo.status]);
  assertEquals(shown.includes(TOKEN), false);
});

for (const status of [401, 403]) {
  Deno.test(`\`Ipinfo\` stops for good when every plan answers ${status}, and says so once`, async () => {
    await using server = serveIpinfo("core");
    server.misbehave = () => refusal(status);
    using client = clientOf(server);
    for (const address of addresses(10)) client.ipinfo.request(address);
    await eventually("a refusal", () => client.refusals > 0);
    client.ipinfo.request("9.9.9.9");
    await sleep(50);
    assertEquals([client.refusals, server.requests.length, server.asked.size], [1, 3, 0]);
    assertEquals([client.ipinfo.status.state, client.ipinfo.status.waiting], ["token refused", 0]);
  });
}

/** Lets the client find its plan, then misbehaves `times` times. @returns what the server saw from then on */
async function afterMisbehaviour(
  { misbehave, times = 1, options }: {
    misbehave: Misbehave;
    times?: number;
    options?: Partial<IpinfoOptions>;
  },
): Promise<{ pausesMs: number[]; why: string[]; failed: number; answered: boolean }> {
  const clock = new HandClock(NOVEMBER_MS);
  await using server = serveIpinfo("core", { batch: false });
  using client = clientOf(server, { clock, ...options });
  client.ipinfo.restore({
    plan: "core",
    takesBatches: false,
    budget: { month: "2026-11", spent: 0 },
  });
  const at: number[] = [];
  server.misbehave = (seen, number) => {
    at.push(clock.monotonicMs());
    return number <= times ? misbehave(seen, number) : undefined;
  };
  const why = new Set<string>();
  client.ipinfo.request("9.9.9.9");
  await eventually("all reasons to pause", () => {
    const { pause } = client.ipinfo.status;
    // A pause lasts until the clock is moved: none is missed, and a request before its end shows in `at`.
    if (pause !== undefined) {
      why.add(pause.why);
      clock.pass(pause.forMs);
    }
    return client.answers.size === 1;
  });
  return {
    pausesMs: at.slice(1).map((time, i) => time - at[i]),
    why: [...why],
    failed: client.ipinfo.status.failedRequests,
    answered: client.answers.get("9.9.9.9")?.cityName === "Mountain View",
  };
}

/** A body that says it is longer than what comes before the connection breaks. */
function halfAnAnswer(): Response {
  const text = JSON.stringify(ANSWERS.core("9.9.9.9"));
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2)));
      setTimeout(() => controller.error(new Error("cut")), 20);
    },
  });
  return new Response(body, { headers: { "content-length": String(text.length) } });
}

const MISBEHAVIOURS: [what: string, misbehave: Misbehave, why: string][] = [
  ["500", () => refusal(500), "it answered 500"],
  ["503", () => refusal(503), "it answered 503"],
  ["a redirect", () => refusal(302, { location: "http://127.0.0.1:9/" }), "it answered 302"],
  ["half an answer", halfAnAnswer, "its answer broke off"],
  ["a page", () => new Response("<html>Log in</html>"), "its answer is no JSON"],
  ["an empty answer", () => new Response(""), "its answer is no JSON"],
  ["a list", () => Response.json([]), "what it says is no answer"],
  ["null", () => Response.json(null), "what it says is no answer"],
  ["another address", () => Response.json(ANSWERS.core("8.8.8.8")), "what it says is no answer"],
  ["1 MB", () => new Response(`"${"x".repeat(1e6)}"`), "its answer is too long"],
  ["429", () => refusal(429), "it was asked too often"],
];

for (const [what, misbehave, expected] of MISBEHAVIOURS) {
  Deno.test(`\`Ipinfo\` pauses after ${what}, longer each time, and goes on`, async () => {
    const seen = await afterMisbehaviour({ misbehave, times: 2 });
    assertEquals(seen.why, [expected]);
    assertEquals([seen.failed, seen.answered], [2, true]);
    assertEquals(seen.pausesMs, [10, 20]);
  });
}

Deno.test("`Ipinfo` gives up a service that does not answer in time, and goes on", async () => {
  const seen = await afterMisbehaviour({
    misbehave: () => sleep(500).then(() => new Response()),
    options: { timeoutMs: 100 },
  });
  assertEquals(seen.why, ["it did not answer in time"]);
  assertEquals([seen.failed, seen.answered], [1, true]);
});

Deno.test("`Ipinfo` honours a Retry-After in seconds to the second", async () => {
  const misbehave = () => refusal(429, { "retry-after": "2" });
  assertEquals((await afterMisbehaviour({ misbehave })).pausesMs, [2000]);
});

Deno.test("`Ipinfo` honours a Retry-After that is a date, whatever the clock here says", async () => {
  const sent = Date.UTC(2031, 0, 1, 12);
  const headers = {
    date: new Date(sent).toUTCString(),
    "retry-after": new Date(sent + 2000).toUTCString(),
  };
  const { pausesMs } = await afterMisbehaviour({ misbehave: () => refusal(429, headers) });
  assertEquals(pausesMs, [2000]);
});

Deno.test("`Ipinfo` follows no redirect, which could carry the token away", async () => {
  await using elsewhere = serveIpinfo("core");
  await afterMisbehaviour({ misbehave: () => refusal(307, { location: `${elsewhere.url}/` }) });
  assertEquals(elsewhere.requests.length, 0);
});

Deno.test("`Ipinfo` gives an address up whose answer is unusable three times, and asks for the others", async () => {
  await using server = serveIpinfo("core");
  server.misbehave = ({ addresses }) => addresses.includes("9.0.0.3") ? refusal(500) : undefined;
  using client = clientOf(server);
  client.ipinfo.restore({
    plan: "core",
    takesBatches: true,
    budget: { month: "2026-11", spent: 0 },
  });
  client.ipinfo.request("9.0.0.3");
  await eventually("an answer about 9.0.0.3", () => client.answers.has("9.0.0.3"));
  assertEquals(client.answers.get("9.0.0.3"), undefined);
  assertEquals(server.requests.length, 3);
  client.ipinfo.request("9.0.0.4");
  await eventually("an answer about 9.0.0.4", () => client.answers.has("9.0.0.4"));
});

Deno.test("`Ipinfo` asks again for what a batch left out or answered wrongly, and for nothing else", async () => {
  await using server = serveIpinfo("core");
  server.misbehave = ({ method, addresses }) => {
    if (method !== "POST" || addresses.length < 10) return undefined;
    const answers = Object.fromEntries(addresses.map((ip) => [ip, ANSWERS.core(ip)]));
    delete answers["9.0.0.5"];
    answers["9.0.0.6"] = { error: "unknown" };
    return Response.json(answers);
  };
  using client = clientOf(server);
  client.ipinfo.restore({
    plan: "core",
    takesBatches: true,
    budget: { month: "2026-11", spent: 0 },
  });
  for (const address of addresses(10)) client.ipinfo.request(address);
  await eventually("10 answers", () => client.answers.size === 10);
  const askedTwice = [...server.asked].flatMap(([ip, times]) => times === 2 ? ip : []);
  assertEquals([server.asked.size, askedTwice], [10, ["9.0.0.5", "9.0.0.6"]]);
  assertEquals(client.ipinfo.status.answered, 10);
});

Deno.test("`Ipinfo` knows that nothing is known", async () => {
  await using server = serveIpinfo("core");
  using client = clientOf(server);
  server.misbehave = ({ addresses: [ip] }) =>
    ip === "9.9.9.9" ? Response.json({ ip, bogon: true }) : undefined;
  client.ipinfo.request("9.9.9.9");
  await eventually("one answer", () => client.answers.size === 1);
  assertEquals(client.answers.get("9.9.9.9"), undefined);
  assertEquals(server.asked.get("9.9.9.9"), 1);
});

Deno.test("`Ipinfo` keeps the busiest of the addresses that wait, without a network for long", async () => {
  const network = Promise.withResolvers<void>();
  let isUp = false;
  await using server = serveIpinfo("core");
  using client = clientOf(server, {
    maxWaiting: 50,
    fetch: async (...request) => {
      if (isUp) return await fetch(...request);
      await network.promise;
      throw new TypeError("no network");
    },
  });
  for (let i = 0; i < 10_000; i++) {
    client.ipinfo.request(`11.0.${i >> 8}.${i & 255}`);
    if (i % 20 === 0) client.ipinfo.request("9.9.9.9");
  }
  assertEquals(client.ipinfo.status.waiting, 50);
  assertEquals(client.ipinfo.status.skipped, 10_001 - 50);
  await sleep(20);
  network.resolve();
  await sleep(100);
  const { status } = client.ipinfo;
  assertEquals(status.budget.spent, 0);
  assertEquals(server.requests.length, 0);
  assert(status.waiting <= 51);
  isUp = true;
  await eventually("an answer about 9.9.9.9", () => client.answers.has("9.9.9.9"));
});

Deno.test("`Ipinfo` keeps to its rate", async () => {
  await using server = serveIpinfo("core", { batch: false });
  using client = clientOf(server, { minIntervalMs: 60 });
  client.ipinfo.restore({
    plan: "core",
    takesBatches: false,
    budget: { month: "2026-11", spent: 0 },
  });
  for (const address of addresses(5)) client.ipinfo.request(address);
  await eventually("5 answers", () => client.answers.size === 5);
  const at = server.requests.map((request) => request.at);
  assertGreaterOrEqual(at[4] - at[0], 4 * 60 - 10);
});

Deno.test("`Ipinfo` spends its month's budget and no more, over restarts, and a new one next month", async () => {
  let now = Date.UTC(2026, 10, 30, 23);
  const options = { monthlyBudget: 120, clock: { ...systemClock, wallMs: () => now } };
  await using server = serveIpinfo("core");
  using first = clientOf(server, options);
  for (const address of addresses(99)) first.ipinfo.request(address);
  await eventually("99 answers", () => first.answers.size === 99);
  assertEquals(first.ipinfo.status.budget.spent, 101); // two were for finding out the plan

  using second = clientOf(server, options);
  second.ipinfo.restore(kept(first));
  for (const address of addresses(200)) second.ipinfo.request(`1${address}`);
  await eventually("19 answers", () => second.answers.size === 19);
  await sleep(40);
  assertEquals(server.asked.size, 118);
  const { status } = second.ipinfo;
  assertEquals(status.state, "budget spent");
  assertEquals(status.budget, { month: "2026-11", spent: 120, limit: 120 });

  // A clock that is set back gives nothing away.
  now = Date.UTC(1970, 0, 1);
  second.ipinfo.request("8.8.8.8");
  await sleep(20);
  assertEquals(server.asked.has("8.8.8.8"), false);
  now = Date.UTC(2026, 11, 1);
  second.ipinfo.request("8.8.8.8");
  await eventually("a request about 8.8.8.8", () => server.asked.has("8.8.8.8"));
});

Deno.test("`Ipinfo` does not wait for 2038 when its month was begun by a clock that was wrong", async () => {
  let now = Date.UTC(2038, 0, 19);
  let isSynced = false;
  await using server = serveIpinfo("core");
  using client = clientOf(server, {
    monthlyBudget: 20,
    clock: { ...systemClock, wallMs: () => now },
    clockIsSynced: () => isSynced,
  });
  client.ipinfo.restore({ budget: { month: "2038-01", spent: 20 } });
  now = Date.UTC(2026, 10, 30);
  assertEquals(client.ipinfo.status.state, "budget spent");
  isSynced = true;
  client.ipinfo.request("8.8.8.8");
  await eventually("a request about 8.8.8.8", () => server.asked.has("8.8.8.8"));
  assertEquals(client.ipinfo.status.budget.month, "2026-11");
  // The network sets it back by a second, over the month's end: the month is the one that has begun.
  client.ipinfo.restore({ budget: { month: "2026-12", spent: 7 } });
  assertEquals(client.ipinfo.status.budget.spent, 7);
});

/** Two of each run's find the plan out, and are refused. */
const REQUESTS_BEFORE_KILL = [0, 15, 7, 40, 12, 3];

// An answer that arrives as its asker is killed is read by nobody: it closes later.
Deno.test({
  name: "`Ipinfo` spends no more than the file says is spent, whenever it is killed",
  sanitizeResources: false,
  fn: async () => {
    await using server = serveIpinfo("lite", { batch: false });
    let onFile: IpinfoState = { budget: { month: "2026-11", spent: 0 } };
    const options = {
      monthlyBudget: 100,
      budgetBlock: 10,
      clock: { ...systemClock, wallMs: () => NOVEMBER_MS },
    };
    for (let run = 0; onFile.budget.spent < 100; run++) {
      using client = clientOf(server, options);
      client.ipinfo.restore(onFile);
      for (const address of addresses(100)) client.ipinfo.request(`${run}${address}`);
      // Killed in the middle of a block, at its end, or when the file was just written: by requests, not by time.
      const killedAt = server.requests.length +
        REQUESTS_BEFORE_KILL[run % REQUESTS_BEFORE_KILL.length];
      let writesLeft = 1 + run % 3;
      await eventually("the end, or a halt", () => {
        if (client.ipinfo.waitsForFile && writesLeft > 0) {
          writesLeft--;
          onFile = client.ipinfo.stateForFile({ isLast: false });
          client.ipinfo.filed(onFile);
        }
        const isStuck = client.ipinfo.waitsForFile || client.ipinfo.status.state === "budget spent";
        return server.requests.length >= killedAt || isStuck;
      });
      const { spent } = client.ipinfo.status.budget;
      assert(spent <= onFile.budget.spent, `${spent} spent, the file says ${onFile.budget.spent}`);
    }
    assertEquals(onFile.budget.spent, 100);
    // What lite answers: what it was asked for, and in each run that found the plan out, about the asker.
    const paid = server.requests.filter(({ path }) => path.startsWith("/lite/")).length;
    assert(paid > 20 && paid <= 100, `${paid} paid`);
  },
});

Deno.test("`Ipinfo` waits for the file before it asks, and says so; at the end the file says what was spent", async () => {
  await using server = serveIpinfo("core");
  using client = clientOf(server, { monthlyBudget: 1000, budgetBlock: 100 });
  assertEquals(client.ipinfo.stateForFile({ isLast: false }).budget.spent, 0);
  for (const address of addresses(150)) client.ipinfo.request(address);
  await sleep(30);
  assertEquals([server.requests.length, client.ipinfo.waitsForFile], [0, true]);
  assertEquals(client.ipinfo.status.state, "waiting for the file");

  const first = client.ipinfo.stateForFile({ isLast: false });
  assertEquals(first.budget.spent, 100);
  client.ipinfo.filed(first);
  await eventually("98 answers", () => client.answers.size === 98);
  await sleep(20);
  assertEquals([client.ipinfo.status.budget.spent, client.ipinfo.waitsForFile], [100, true]);
  client.ipinfo.filed(client.ipinfo.stateForFile({ isLast: false }));
  await eventually("150 answers", () => client.answers.size === 150);
  assertEquals([kept(client).budget.spent, client.ipinfo.isFileAhead], [152, true]);
  client.ipinfo.filed(kept(client));
  assertEquals(client.ipinfo.isFileAhead, false);
});

Deno.test("`Ipinfo` asks for one address at a time where batches fail, hold no answer, or it has no public address", async () => {
  for (
    const misbehave of [
      ({ method }) => method === "POST" ? refusal(500) : undefined,
      ({ method }) =>
        method === "POST" ? Response.json({ [OWN_ADDRESS]: { error: "no" } }) : undefined,
      ({ path }) => path === "/lookup/me" ? Response.json({ ip: "127.0.0.1" }) : undefined,
    ] as Misbehave[]
  ) {
    await using server = serveIpinfo("core");
    server.misbehave = misbehave;
    using client = clientOf(server);
    for (const address of addresses(5)) client.ipinfo.request(address);
    await eventually("5 answers", () => client.answers.size === 5);
    assertEquals([...server.asked.values()], Array(5).fill(1));
    assertEquals(kept(client).takesBatches, false);
  }
});

Deno.test("`Ipinfo` pauses longer and longer when what the plan allows is refused all the same", async () => {
  await using server = serveIpinfo("core");
  server.misbehave = ({ addresses }) => addresses.length > 1 ? refusal(403) : undefined;
  using client = clientOf(server, { firstPauseMs: 40, maxPauseMs: 1000 });
  for (const address of addresses(5)) client.ipinfo.request(address);
  await eventually("3 failures", () => client.ipinfo.status.failedRequests === 3);
  const at = server.requests.flatMap(({ addresses, at }) => addresses.length > 1 ? at : []);
  assertGreaterOrEqual(at[1] - at[0], 39);
  assertGreaterOrEqual(at[2] - at[1], 79);
});

Deno.test("`Ipinfo[Symbol.dispose]()` gives up what is under way, twice without harm", async () => {
  await using server = serveIpinfo("core");
  const open = Promise.withResolvers<Response>();
  server.misbehave = () => open.promise;
  const client = clientOf(server);
  for (const address of addresses(5)) client.ipinfo.request(address);
  await eventually("a request", () => server.requests.length === 1);
  assertEquals(kept(client).budget.spent, 1);
  client[Symbol.dispose]();
  client[Symbol.dispose]();
  client.ipinfo.request("9.9.9.9");
  await sleep(30);
  open.resolve(new Response());
  assertEquals([server.requests.length, client.answers.size], [1, 0]);
});
