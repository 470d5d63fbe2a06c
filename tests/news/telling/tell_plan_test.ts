/** When what is told: a handful a day, each thing once. */

import type { Device } from "../../../news/rules/household_devices.ts";
import type { NewsItem } from "../../../news/rules/news_item.ts";
import { letterDue, planTellings } from "../../../news/telling/tell_plan.ts";
import { NOTHING_TOLD, type ToldState } from "../../../news/telling/told_file.ts";
import { assert, assertEquals } from "../../assert.ts";

const HOUR_MS = 3600e3;
const START_MS = new Date(2026, 5, 1, 9).getTime();

function item(device: string, what: string, firstMs = START_MS): NewsItem {
  return {
    kind: "site",
    device: { id: device, label: device, macs: [], ips: [] } as unknown as Device,
    what,
    weight: "weighty",
    firstMs,
    lastMs: firstMs,
    upBytes: 1,
    downBytes: 1,
    evidence: "tls_sni",
  };
}

Deno.test("of whatever comes at most four tellings go in a day, and everything is told once", () => {
  let state: ToldState = NOTHING_TOLD;
  const counts: Record<number, number> = {};
  const told: string[] = [];
  const news: NewsItem[] = [];
  for (let hour = 0; hour < 72; hour++) {
    const nowMs = START_MS + hour * HOUR_MS;
    // A flood for a day.
    if (hour < 24) {
      for (let i = 0; i < 5; i++) {
        news.push(item(`device-${i + hour % 2 * 5}`, `${hour}-${i}.org`, nowMs));
      }
    }
    const step = planTellings(state, news, { nowMs, receivers: ["somebody"] });
    state = step.state;
    const day = Math.floor((9 + hour) / 24);
    counts[day] = (counts[day] ?? 0) + step.tellings.length;
    told.push(...Object.keys(state.told));
  }
  for (const [day, count] of Object.entries(counts)) assert(count <= 4, `${count} on day ${day}`);
  assertEquals(Object.keys(state.told).length, news.length);
  assert(state.outbox.length <= 20);
});

Deno.test("further news of a device waits for six hours, that of another does not", () => {
  const options = (hours: number) => ({ nowMs: START_MS + hours * HOUR_MS, receivers: ["a"] });
  const first = planTellings(
    NOTHING_TOLD,
    [item("plug", "a.org"), item("plug", "b.org")],
    options(0),
  );
  assertEquals(first.tellings.map(({ title }) => title), ["plug: first time at a.org, and 1 more"]);
  const news = [item("plug", "c.org"), item("tv", "d.org")];
  const second = planTellings(first.state, news, options(1));
  assertEquals(second.tellings.map(({ title }) => title), ["tv: first time at d.org"]);
  assertEquals(planTellings(second.state, news, options(5)).tellings, []);
  const third = planTellings(second.state, news, options(7));
  assertEquals(third.tellings.map(({ title }) => title), ["plug: first time at c.org"]);
});

Deno.test("what was told by a clock in 2038 keeps nothing back afterwards", () => {
  const wrongMs = Date.UTC(2038, 0, 19);
  const told = planTellings(NOTHING_TOLD, [item("tv", "a.org", wrongMs)], {
    nowMs: wrongMs,
    receivers: ["a"],
  });
  assertEquals(told.tellings.length, 1);
  const state = { ...told.state, letterMs: wrongMs };
  const later = planTellings(state, [item("tv", "b.org")], { nowMs: START_MS, receivers: ["a"] });
  assertEquals(later.tellings.map(({ title }) => title), ["tv: first time at b.org"]);
  assert(letterDue(state, "daily", START_MS) !== undefined);
});

Deno.test("a device that gets another name is not told again", () => {
  const options = (hours: number) => ({ nowMs: START_MS + hours * HOUR_MS, receivers: ["a"] });
  const device = (label: string): NewsItem => {
    const { device, ...rest } = item("da:00:00:00:00:01", label);
    return { ...rest, kind: "device", device: { ...device!, label } };
  };
  const { state, tellings } = planTellings(NOTHING_TOLD, [device("192.168.1.30")], options(0));
  assertEquals(tellings.map(({ title }) => title), ["New device: 192.168.1.30"]);
  assertEquals(planTellings(state, [device("pixel")], options(10)).tellings, []);
});

Deno.test("a letter is due at eight, daily or on Monday, once, and late rather than never", () => {
  const monday = new Date(2026, 5, 1, 8).getTime();
  const state = (letterMs: number) => ({ ...NOTHING_TOLD, letterMs });
  assertEquals(letterDue(state(monday - 1), "weekly", monday - 1), undefined);
  assertEquals(letterDue(state(monday - HOUR_MS), "weekly", monday), {
    sinceMs: new Date(2026, 4, 25).getTime(),
    untilMs: new Date(2026, 5, 1).getTime(),
  });
  assertEquals(letterDue(state(monday), "weekly", monday + 100 * HOUR_MS), undefined);
  // The machine was off on Monday.
  const late = letterDue(state(monday - 9 * 24 * HOUR_MS), "weekly", monday + 50 * HOUR_MS);
  assertEquals(late?.untilMs, new Date(2026, 5, 1).getTime());
  assertEquals(letterDue(state(monday), "daily", monday + 24 * HOUR_MS), {
    sinceMs: new Date(2026, 5, 1).getTime(),
    untilMs: new Date(2026, 5, 2).getTime(),
  });
  assertEquals(letterDue(state(0), "off", monday), undefined);
});
