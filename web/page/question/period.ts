/** Periods by name, and as the address has them. */

import type { Period } from "../../api/answers.ts";
import type { Question } from "./address.ts";

export interface Preset {
  readonly label: string;
  /** Absent for the period that is taken where none is named. */
  readonly since?: string;
  readonly until?: string;
}

const SHORT: readonly Preset[] = [
  { label: "Today", since: "today" },
  { label: "Yesterday", since: "yesterday", until: "yesterday" },
  { label: "Last 24 hours", since: "24h" },
];
const LONG: readonly Preset[] = [
  { label: "Last 30 days", since: "30d" },
  { label: "This month", since: "this-month" },
  { label: "Last month", since: "last-month", until: "last-month" },
  { label: "Last 12 months", since: "365d" },
];

/** Where figures are: an address without a period means the last seven days, today among them. */
export const PRESETS: readonly Preset[] = [...SHORT, { label: "Last 7 days" }, ...LONG];

/** Where records are: an address without a period means the whole log. */
export const LOG_PRESETS: readonly Preset[] = [
  ...SHORT,
  { label: "Last 7 days", since: "7d" },
  ...LONG,
  { label: "All of the log" },
];

/** The preset that the question's period is. */
export function presetOf(
  { since, until }: Question,
  presets: readonly Preset[] = PRESETS,
): Preset | undefined {
  return presets.find((preset) => preset.since === since && preset.until === until);
}

/** The question that the lines behind a figure answer: the same filters, and exactly the period of the answer. */
export function linesQuestion(asked: Question, answer: Period | undefined): Question {
  if (answer === undefined) return asked;
  return { ...asked, ...exactPeriod(Date.parse(answer.since), Date.parse(answer.until)) };
}

/** How a period between two instants is written in an address: exact, and the same for everybody. */
export function exactPeriod(sinceMs: number, untilMs: number): Question {
  return { since: minuteText(sinceMs), until: minuteText(untilMs) };
}

function minuteText(epochMs: number): string {
  const text = new Date(epochMs).toISOString();
  return text.endsWith(":00.000Z") ? `${text.slice(0, 16)}Z` : text;
}

/** Whole days of the logger's calendar, both among them: `2026-11-22`. */
export function daysPeriod(first: string, last: string): Question {
  return first <= last ? { since: first, until: last } : { since: last, until: first };
}

/** The period of equal length right before (-1) or after (1). */
export function shifted(sinceMs: number, untilMs: number, direction: -1 | 1): Question {
  const lengthMs = untilMs - sinceMs;
  return exactPeriod(sinceMs + direction * lengthMs, untilMs + direction * lengthMs);
}
