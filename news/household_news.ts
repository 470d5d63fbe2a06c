/** What is new in the household, limits among it, as its owner has marked it. */

import type { Ledger } from "./ledger/ledger.ts";
import { isMarked, type OwnerWords } from "./owner/owner_file.ts";
import { findNews } from "./rules/find_news.ts";
import { isCalled } from "./rules/household_devices.ts";
import { findBeyondLimits, type Limit } from "./rules/limits.ts";
import { byWeight, type NewsItem } from "./rules/news_item.ts";

/** What counts as new. */
export interface NewsRules {
  readonly billingDay: number;
  readonly learningMs: number;
  readonly limits: readonly Limit[];
}

/** Of when, milliseconds since 1970, and of which device. */
export interface NewsSpan {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
  /** @default all of them */
  readonly device?: string;
}

/** The weightiest first; without what the owner knows. */
export function householdNews(
  ledger: Ledger,
  { names, known }: OwnerWords,
  { billingDay, learningMs, limits }: NewsRules,
  { sinceMs, untilMs, nowMs, device }: NewsSpan,
): NewsItem[] {
  const isKnown = isMarked(known);
  const ownNames = names;
  return [
    ...findBeyondLimits(ledger, { limits, sinceMs, nowMs, billingDay, ownNames })
      .filter((item) => !isKnown(item) && item.firstMs < untilMs),
    ...findNews(ledger, { sinceMs, untilMs, learningMs, ownNames, isKnown }),
  ].filter((item) =>
    device === undefined || item.device !== undefined && isCalled(item.device, device)
  ).sort(byWeight);
}
