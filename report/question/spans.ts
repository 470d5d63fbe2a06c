/** The period before a period. */

import { localDayAt } from "../../storage/day/calendar_day.ts";
import type { Span } from "../facts/line_facts.ts";

/** What a period is compared by. */
export interface ComparisonOptions {
  /** The present, milliseconds since 1970. */
  readonly nowMs: number;
  /** The day of the month on which a month begins. */
  readonly billingDay: number;
}

/**
 * The period of the same kind before: of whole months as many months, of whole days as many days, otherwise as long a
 * time. Of a period that is not over it is the part that is as long as what is over of it.
 */
export function spanBefore(span: Span, { nowMs, billingDay }: ComparisonOptions): Span {
  const { sinceMs, untilMs } = span;
  const elapsedMs = Math.min(untilMs, nowMs) - sinceMs;
  const startMs = startBefore(span, billingDay);
  if (untilMs <= nowMs) return { sinceMs: startMs, untilMs: sinceMs };
  return { sinceMs: startMs, untilMs: Math.min(sinceMs, startMs + Math.max(0, elapsedMs)) };
}

function startBefore({ sinceMs, untilMs }: Span, billingDay: number): number {
  const [since, until] = [new Date(sinceMs), new Date(untilMs)];
  if (!isMidnight(sinceMs) || !isMidnight(untilMs)) return sinceMs - (untilMs - sinceMs);
  const [year, month, day] = [since.getFullYear(), since.getMonth(), since.getDate()];
  if (day === billingDay && until.getDate() === billingDay) {
    const months = (until.getFullYear() - year) * 12 + until.getMonth() - month;
    return new Date(year, month - months, day).getTime();
  }
  const days = Math.round((untilMs - sinceMs) / (24 * 3600e3));
  return new Date(year, month, day - days).getTime();
}

function isMidnight(epochMs: number): boolean {
  return localDayAt(epochMs).startMs === epochMs;
}
