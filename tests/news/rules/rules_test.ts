/** The rules of docs/news.md, each with its example, on ledgers of made-up records; and limits. */

import { Ledger } from "../../../news/ledger/ledger.ts";
import { LedgerLines } from "../../../news/ledger/kept_ledger.ts";
import { findNews } from "../../../news/rules/find_news.ts";
import { householdDevices } from "../../../news/rules/household_devices.ts";
import { findBeyondLimits } from "../../../news/rules/limits.ts";
import { limits } from "../../../service/settings/limits.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { flowLine, type MadeUpFlow } from "../flow_line.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
const START_MS = new Date(2026, 5, 1, 12).getTime();
const at = (day: number, hour = 0) => START_MS + day * DAY_MS + hour * HOUR_MS;

type Flow = Omit<MadeUpFlow, "id">;

const device = (number: number, more: Partial<Flow> = {}) => ({
  mac: `b8:27:eb:00:00:${number}`,
  ip: `192.168.1.${number}`,
  host: `device-${number}`,
  ...more,
});

/** A flow each day, from one day to another. */
const daily = (from: number, to: number, flow: Omit<Flow, "endMs">): Flow[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ ...flow, endMs: at(from + i) }));

function ledgerOf(flows: readonly Flow[]): Ledger {
  const ledger = new Ledger();
  const lines = flows.toSorted((a, b) => a.endMs - b.endMs)
    .map((flow, i) => flowLine({ ...flow, id: `f${i}` }) + "\n");
  new LedgerLines(ledger).read(new TextEncoder().encode(lines.join("")));
  return ledger;
}

/** `weighty site new.example`, in the order of their weight. */
function newsOf(flows: readonly Flow[], since = 10): string[] {
  const news = findNews(ledgerOf(flows), {
    sinceMs: at(since, -12),
    untilMs: Infinity,
    learningMs: 7 * DAY_MS,
  });
  return news.map(({ weight, kind, what, sites }) =>
    [weight, kind, what, sites].filter((word) => word !== undefined).join(" ")
  );
}

const plug = device(10);
const habit = daily(0, 20, { ...plug, name: "a.cloud.example", country: "DE", owner: "Cloud" });

Deno.test("a site is new, not each of its host names; what reverse DNS says is none", () => {
  const more = daily(15, 15, { ...plug, name: "b.cloud.example", country: "DE", owner: "Cloud" });
  const ptr = daily(15, 15, {
    ...plug,
    name: "host9.isp.example",
    evidence: "ptr",
    country: "DE",
    owner: "Cloud",
  });
  assertEquals(newsOf([...habit, ...more, ...ptr]), []);
  const site = daily(15, 15, { ...plug, name: "www.new.example", country: "DE", owner: "Cloud" });
  assertEquals(newsOf([...habit, ...site]), ["weighty site new.example"]);
});

Deno.test("a device is learnt for seven days, and the household at first", () => {
  const tv = daily(12, 20, { ...device(11), name: "a.cloud.example", country: "DE" });
  const early = daily(15, 15, { ...device(11), name: "www.new.example", country: "DE" });
  assertEquals(newsOf([...habit, ...tv, ...early]), ["weighty device device-11"]);
  const late = daily(20, 20, { ...device(11), name: "www.late.example", country: "DE" });
  assertEquals(newsOf([...habit, ...tv, ...late]), [
    "weighty device device-11",
    "weighty site late.example",
  ]);
  assertEquals(newsOf(daily(12, 14, { ...plug, name: "www.new.example" })), []);
});

Deno.test("a phone with another MAC address of its own making is the same, unless both are there", () => {
  const phone = (mac: string) => ({
    ...device(12, { host: "phone" }),
    mac,
    name: "a.cloud.example",
  });
  const old = daily(0, 12, phone("da:00:00:00:00:01"));
  const next = daily(13, 20, phone("da:00:00:00:00:02"));
  assertEquals(newsOf([...habit, ...old, ...next]), []);
  const devices = householdDevices(ledgerOf([...habit, ...old, ...next]));
  assertEquals(devices.map(({ macs }) => macs.length), [1, 2]);
  const both = daily(0, 20, phone("da:00:00:00:00:01"));
  assertEquals(newsOf([...habit, ...both, ...next]), [
    "weighty device phone (da:00:00:00:00:02)",
  ]);
});

Deno.test("names of content networks rotate: further sites of one owner are counted together", () => {
  const content = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      ...plug,
      endMs: at(Math.floor((from + i) / 2), i),
      name: `www.c${from + i}.example`,
      country: "DE",
      owner: "Content",
    }));
  assertEquals(newsOf([...habit, ...content(0, 30)]), ["small owner Content 12"]);
});

Deno.test("a site that half the household knows is small, a restless device's is plain", () => {
  const others = [21, 22, 23].flatMap((number) =>
    daily(0, 20, { ...device(number), name: "www.shared.example", country: "DE" })
  );
  const shared = daily(15, 15, { ...plug, name: "www.shared.example", country: "DE" });
  assertEquals(newsOf([...habit, ...others, ...shared]), ["small site shared.example"]);
  const laptop = Array.from({ length: 40 }, (_, i) => ({
    ...device(30),
    endMs: at(i % 7, i % 5),
    name: `www.l${i}.example`,
    country: "DE",
    owner: `Owner ${i}`,
  }));
  const site = daily(15, 15, { ...device(30), name: "www.new.example", country: "FR" });
  assertEquals(newsOf([...habit, ...laptop, ...site]), [
    "plain country FR",
    "plain site new.example",
  ]);
});

Deno.test("countries, services and nameless networks of a settled device are worth a look", () => {
  const call = daily(15, 15, { ...plug, country: "RU", owner: "Elsewhere", port: 23 });
  assertEquals(newsOf([...habit, ...call]), [
    "weighty country RU",
    "weighty service 23/tcp",
    "weighty owner Elsewhere",
  ]);
  const further = daily(15, 15, {
    ...plug,
    name: "c.cloud.example",
    country: "IE",
    owner: "Cloud",
  });
  assertEquals(newsOf([...habit, ...further]), ["small country IE"]);
});

Deno.test("a device that is called from outside is news when it has answered", () => {
  const scan = {
    ...device(10),
    mac: undefined,
    direction: "inbound",
    port: 80,
    country: "CN",
  } as const;
  assertEquals(newsOf([...habit, ...daily(15, 15, { ...scan, up: 40, down: 60 })]), []);
  assertEquals(newsOf([...habit, ...daily(15, 15, { ...scan, up: 4000, down: 600 })]), [
    "weighty service 80/tcp in",
  ]);
});

Deno.test("what is at 80 or 100 per cent of a limit is news, and a country outside", () => {
  const set = limits("month=1GB, device-10.day=10MB, device-10:countries=DE|nl", "/");
  const flows = [
    ...habit,
    ...daily(20, 20, { ...plug, name: "a.cloud.example", country: "DE", down: 8_500_000 }),
    ...daily(21, 21, { ...plug, name: "a.cloud.example", country: "DE", down: 990_000_000 }),
    ...daily(21, 21, { ...plug, name: "a.cloud.example", country: "US" }),
  ];
  const found = findBeyondLimits(ledgerOf(flows), {
    limits: set,
    sinceMs: at(18),
    nowMs: at(22),
    billingDay: 1,
  });
  assertEquals(found.map(({ what, note }) => `${what}: ${note}`), [
    "month=1GB: 99 % used, 999 MB in the month from 2026-06-01",
    "device-10.day=10MB: 85 % used, 8.51 MB in the day from 2026-06-21",
    "device-10.day=10MB: 9900 % used, 990 MB in the day from 2026-06-22",
    "device-10:countries=DE|nl: it speaks to United States",
  ]);
  for (const wrong of ["tv=5", "tv.year=5GB", "month=5", "tv:countries=Germany"]) {
    assertThrows(() => limits(wrong, "/"), Error, "is no limit. Write it as month=500GB");
  }
});
