/** Limits that an owner has set, and what goes beyond them. */

import { localDay } from "../../storage/day/calendar_day.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import type { Sight } from "../ledger/entry_table.ts";
import { HOUSEHOLD, type Ledger } from "../ledger/ledger.ts";
import { QUARTER_MS } from "../ledger/quarter.ts";
import { type Device, householdDevices, isCalled, type OwnNames } from "./household_devices.ts";
import { countryName, type NewsItem, sightFields } from "./news_item.ts";

/** One limit: of data in a period, or of countries. */
export interface Limit {
  readonly text: string;
  readonly device?: string;
  readonly data?: { readonly period: "day" | "week" | "month"; readonly bytes: number };
  readonly countries?: readonly string[];
}

/** What is asked of a ledger. */
export interface LimitQuestion {
  readonly limits: readonly Limit[];
  /** Periods that ended later, and what was seen later, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly billingDay: number;
  readonly ownNames?: OwnNames;
}

/** Shares of a limit that are news. */
const STEPS = [1, 0.8] as const;

/** What is at 80 or 100 per cent of a limit, or outside of it. */
export function findBeyondLimits(ledger: Ledger, question: LimitQuestion): NewsItem[] {
  const { limits, ownNames } = question;
  if (limits.length === 0) return [];
  const devices = householdDevices(ledger, ownNames);
  return limits.flatMap((limit) => {
    const wanted = devices.filter((one) =>
      limit.device === undefined ? limit.countries !== undefined : isCalled(one, limit.device)
    );
    if (limit.countries !== undefined) {
      return wanted.flatMap((device) => outside(ledger, limit, device, question));
    }
    const subjects = limit.device === undefined ? [undefined] : wanted;
    return subjects.flatMap((device) => overspent(ledger, limit, device, question));
  });
}

/** Of each period the highest step that it has reached. */
function overspent(
  ledger: Ledger,
  { text, data }: Limit,
  device: Device | undefined,
  { sinceMs, nowMs, billingDay }: LimitQuestion,
): NewsItem[] {
  const { period, bytes: allowed } = data!;
  const spent = new Map<number, Sight>();
  for (const { day, sight } of daysOf(ledger, device?.numbers ?? [HOUSEHOLD])) {
    const [startMs, endMs] = periodOf(day, period, billingDay);
    if (endMs <= sinceMs || startMs > nowMs) continue;
    const sum = spent.get(startMs);
    if (sum === undefined) spent.set(startMs, sight);
    else {
      sum.first = Math.min(sum.first, sight.first);
      sum.last = Math.max(sum.last, sight.last);
      sum.upBytes += sight.upBytes;
      sum.downBytes += sight.downBytes;
    }
  }
  return [...spent].flatMap(([startMs, sight]): NewsItem[] => {
    const used = sight.upBytes + sight.downBytes;
    const step = STEPS.find((share) => used >= share * allowed);
    if (step === undefined) return [];
    return [{
      kind: "limit",
      device,
      what: text,
      weight: "weighty",
      ...sightFields(sight),
      note: `${Math.floor(used / allowed * 100)} % used, ${formatBytes(used)} in the ${period} ` +
        `from ${localDay(startMs)}`,
      id: `${text} ${localDay(startMs)} ${step * 100}`,
    }];
  });
}

function* daysOf(
  { entries, words }: Ledger,
  numbers: readonly number[],
): Generator<{ day: string; sight: Sight }> {
  for (let word = 0; word < words.length; word++) {
    if (words.kindOf(word) !== "day") continue;
    for (const number of numbers) {
      const index = entries.find(number, word);
      if (index >= 0) yield { day: words.textOf(word), sight: entries.sightAt(index) };
    }
  }
}

/** The period that a day lies in: its first instant, and that of the next one. */
function periodOf(day: string, period: "day" | "week" | "month", billingDay: number) {
  const [year, month, date] = day.split("-").map(Number);
  const at = (m: number, d: number) => new Date(year, m - 1, d).getTime();
  if (period === "day") return [at(month, date), at(month, date + 1)];
  if (period === "month") {
    const first = date < billingDay ? month - 1 : month;
    return [at(first, billingDay), at(first + 1, billingDay)];
  }
  // In JavaScript a week begins on Sunday, 0.
  const monday = date - (new Date(year, month - 1, date).getDay() + 6) % 7;
  return [at(month, monday), at(month, monday + 7)];
}

function outside(
  { entries, words }: Ledger,
  { text, countries }: Limit,
  device: Device,
  { sinceMs }: LimitQuestion,
): NewsItem[] {
  const items: NewsItem[] = [];
  for (let word = 0; word < words.length; word++) {
    const country = words.textOf(word);
    if (words.kindOf(word) !== "country" || countries!.includes(country)) continue;
    for (const number of device.numbers) {
      const index = entries.find(number, word);
      if (index < 0 || (entries.lastAt(index) + 4) * QUARTER_MS <= sinceMs) continue;
      items.push({
        kind: "limit",
        device,
        what: text,
        weight: "weighty",
        ...sightFields(entries.sightAt(index)),
        note: `it speaks to ${countryName(country)}`,
        id: `${text} ${country}`,
      });
    }
  }
  return items;
}
