/**
 * When what is told. What is weighty goes at once: all that there is about a device in one telling, and no further one
 * about it for six hours. Three such tellings a day; whatever else comes is gathered for an hour into a fourth one, and
 * the rest waits for the next day. With the letter that makes five.
 */

import { localDay, localDayAt } from "../../storage/day/calendar_day.ts";
import { byWeight, type NewsItem, newsKey } from "../rules/news_item.ts";
import { type Telling, tellingOf } from "./telling.ts";
import type { Pending, ToldState } from "./told_file.ts";

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
/** Tellings a day that go at once. */
const AT_ONCE = 3;
/** No second telling about a device for so long. */
const DEVICE_PAUSE_MS = 6 * HOUR_MS;
/** So long the last telling of a day gathers. */
const GATHERING_MS = HOUR_MS;
/** What was told is remembered for so long: nothing that was first seen earlier is found. */
const TOLD_MS = 60 * DAY_MS;
/** Tellings that wait for a network; of more, the oldest become one. */
const MAX_OUTBOX = 20;
/** The hour of the day at which letters are written. */
const LETTER_HOUR = 8;

/** How often the letter is written. */
export type Digest = "daily" | "weekly" | "off";

/** What is to be done with news. */
export interface Step {
  readonly state: ToldState;
  readonly tellings: readonly Telling[];
}

/** Puts weighty news that was not told into tellings, as far as it is time for them. */
export function planTellings(
  state: ToldState,
  news: readonly NewsItem[],
  { nowMs, receivers }: { readonly nowMs: number; readonly receivers: readonly string[] },
): Step {
  const waiting = news
    .filter((item) => item.weight === "weighty" && state.told[newsKey(item)] === undefined)
    .sort(byWeight);
  if (waiting.length === 0) return { state, tellings: [] };
  const day = localDay(nowMs);
  let next: ToldState = state.today.day === day ? state : { ...state, today: { day, count: 0 } };
  const tellings: Telling[] = [];
  const tell = (items: readonly NewsItem[]) => {
    const telling = tellingOf(items, nowMs);
    tellings.push(telling);
    next = withTold(next, items, { telling, nowMs, receivers });
  };
  const byDevice = Map.groupBy(waiting, ({ device }) => device?.id ?? "");
  const late: NewsItem[] = [];
  for (const [device, items] of byDevice) {
    const toldMs = next.devices[device];
    // What was told at a time to come was told by a clock that was wrong.
    const isPaused = toldMs !== undefined && Math.abs(nowMs - toldMs) < DEVICE_PAUSE_MS;
    if (isPaused) continue;
    if (next.today.count < AT_ONCE) tell(items);
    else late.push(...items);
  }
  const isGathered = late.some(({ firstMs }) => nowMs - firstMs >= GATHERING_MS);
  if (next.today.count === AT_ONCE && isGathered) tell(late);
  return { state: next, tellings };
}

function withTold(
  state: ToldState,
  items: readonly NewsItem[],
  { telling, nowMs, receivers }: {
    readonly telling: Telling;
    readonly nowMs: number;
    readonly receivers: readonly string[];
  },
): ToldState {
  const recent = Object.entries(state.told).filter(([, atMs]) => nowMs - atMs < TOLD_MS);
  const devices = Object.entries(state.devices)
    .filter(([, atMs]) => Math.abs(nowMs - atMs) < DEVICE_PAUSE_MS);
  return {
    ...state,
    told: {
      ...Object.fromEntries(recent),
      ...Object.fromEntries(items.map((item) => [newsKey(item), nowMs])),
    },
    devices: {
      ...Object.fromEntries(devices),
      ...Object.fromEntries(items.map(({ device }) => [device?.id ?? "", nowMs])),
    },
    today: { ...state.today, count: state.today.count + 1 },
    outbox: queued(state.outbox, { telling, to: receivers }),
  };
}

/** With a telling more; the oldest two become one where there are too many. */
export function queued(outbox: readonly Pending[], pending: Pending): readonly Pending[] {
  const all = [...outbox, pending];
  if (all.length <= MAX_OUTBOX) return all;
  const [first, second, ...rest] = all;
  const news = [...first.telling.news, ...second.telling.news];
  const telling: Telling = {
    ...second.telling,
    title: `${news.length} new things, told late`,
    text: `${first.telling.text}\n\n${second.telling.text}`.slice(0, 8000),
    news: news.slice(0, 50),
  };
  return [{ telling, to: [...new Set([...first.to, ...second.to])] }, ...rest];
}

/** A receiver has answered for a telling. */
export function delivered(state: ToldState, id: string, receiver: string): ToldState {
  const outbox = state.outbox.map((pending) =>
    pending.telling.id === id
      ? { ...pending, to: pending.to.filter((name) => name !== receiver) }
      : pending
  ).filter(({ to }) => to.length > 0);
  return { ...state, outbox };
}

/**
 * The span that the letter which is due now is about, milliseconds since 1970; `undefined` as long as none is. A day's
 * letter is due at eight o'clock, a week's on Monday.
 */
export function letterDue(
  { letterMs, sinceMs: beganMs }: ToldState,
  digest: Digest,
  nowMs: number,
): { readonly sinceMs: number; readonly untilMs: number } | undefined {
  if (digest === "off") return undefined;
  const now = new Date(nowMs);
  const days = digest === "daily" ? 1 : 7;
  // In JavaScript a week begins on Sunday, 0.
  const back = digest === "daily" ? 0 : (now.getDay() + 6) % 7;
  const at = (date: number) =>
    new Date(now.getFullYear(), now.getMonth(), date, LETTER_HOUR).getTime();
  const today = now.getDate() - back;
  const dueMs = at(today) <= nowMs ? at(today) : at(today - days);
  // A letter of a time to come was written by a clock that was wrong.
  if (letterMs >= dueMs && letterMs <= nowMs + DAY_MS) return undefined;
  const untilMs = localDayAt(dueMs).startMs;
  // Nobody has asked for a letter about the time before.
  if (untilMs <= beganMs) return undefined;
  const since = new Date(untilMs);
  return { sinceMs: since.setDate(since.getDate() - days), untilMs };
}
