/** Traffic over time: an answer by a dimension of time, or by one and another one, as a line for each group. */

import { localDayAt } from "../../storage/day/calendar_day.ts";
import type { Answer } from "../question/answer.ts";
import { hourStart } from "../facts/hour_start.ts";
import { WrongWord } from "../question/written_question.ts";

/** The steps that time can go by. */
export const TIME_STEPS = ["hour", "day", "month"] as const;
export type TimeStep = (typeof TIME_STEPS)[number];

const DAY_MS = 24 * 3600e3;
/** Up to so long a period is shown by the hour, and up to so long by the day. */
const MAX_BY_HOUR_MS = 8 * DAY_MS;
const MAX_BY_DAY_MS = 200 * DAY_MS;
/** More steps than this nobody can look at. */
const MAX_STEPS = 10_000;

/** The step that suits a period. */
export function timeStepFor({ sinceMs, untilMs }: Answer["question"]["span"]): TimeStep {
  const lengthMs = untilMs - sinceMs;
  return lengthMs <= MAX_BY_HOUR_MS ? "hour" : lengthMs <= MAX_BY_DAY_MS ? "day" : "month";
}

/** Bytes of each step. */
interface SeriesFields {
  readonly up_bytes: number[];
  readonly down_bytes: number[];
}

/** What a chart shows; `times` and each list of bytes are equally long. */
export interface TimelineFields {
  readonly step: TimeStep;
  readonly by: string | null;
  readonly times: string[];
  readonly series: (SeriesFields & {
    readonly value: string | number | null;
    readonly label: string;
  })[];
  readonly rest?: SeriesFields & { readonly series: number };
}

/**
 * Lines of bytes over the answer's period up to now, those with the most bytes first, `top` at most, the others summed.
 * Its question must be by a dimension of time, and perhaps one more.
 *
 * @throws {WrongWord} when there are too many steps
 */
export function timelineFields(
  answer: Answer,
  { nowMs, top }: { readonly nowMs: number; readonly top: number },
): TimelineFields {
  const { question: { by: [step, by], billingDay } } = answer;
  const starts = stepStarts(answer, step as TimeStep, nowMs);
  const indices = new Map(
    starts.map((ms, i) => [stepLabel(ms, step as TimeStep, billingDay), i]),
  );
  const lines = new Map<unknown, TimelineFields["series"][number]>();
  const empty = (): SeriesFields => ({
    up_bytes: new Array(starts.length).fill(0),
    down_bytes: new Array(starts.length).fill(0),
  });
  for (const { groups: [time, group = { value: null, label: "all" }], sums } of answer.rows) {
    const index = indices.get(time.label);
    if (index === undefined) continue;
    let line = lines.get(group.value);
    if (line === undefined) {
      line = { ...group, ...empty() };
      lines.set(group.value, line);
    }
    line.up_bytes[index] += sums.upBytes;
    line.down_bytes[index] += sums.downBytes;
  }
  const sorted = [...lines.values()].sort((a, b) => bytesIn(b) - bytesIn(a));
  const others = sorted.slice(top);
  const rest = empty();
  for (const { up_bytes, down_bytes } of others) {
    for (const i of starts.keys()) {
      rest.up_bytes[i] += up_bytes[i];
      rest.down_bytes[i] += down_bytes[i];
    }
  }
  return {
    step: step as TimeStep,
    by: by ?? null,
    times: starts.map((ms) => new Date(ms).toISOString()),
    series: sorted.slice(0, top),
    ...(others.length > 0 && { rest: { series: others.length, ...rest } }),
  };
}

function bytesIn({ up_bytes, down_bytes }: SeriesFields): number {
  return [...up_bytes, ...down_bytes].reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes by weekday, from Monday on, and hour of the day, in local time. */
export function weekFields({ hours }: Answer): SeriesOfWeek {
  const week = () => Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  const fields = { up_bytes: week(), down_bytes: week() };
  for (const { hourMs, sums } of hours) {
    const date = new Date(hourMs);
    // In JavaScript a week begins on Sunday, 0.
    const weekday = (date.getDay() + 6) % 7;
    fields.up_bytes[weekday][date.getHours()] += sums.upBytes;
    fields.down_bytes[weekday][date.getHours()] += sums.downBytes;
  }
  return fields;
}

/** `[weekday][hour]` */
export interface SeriesOfWeek {
  readonly up_bytes: number[][];
  readonly down_bytes: number[][];
}

/** The beginning of every step of the period of which the log may know something, up to now. */
function stepStarts(answer: Answer, step: TimeStep, nowMs: number): number[] {
  const { question: { span, billingDay }, notes: { firstDay }, rows } = answer;
  const knownMs = firstDay === undefined ? nowMs : Date.parse(`${firstDay}T00:00:00`);
  const sinceMs = Math.max(span.sinceMs, Math.min(knownMs, nowMs));
  // A clock that was wrong may have dated records later than now.
  const lastMs = answer.hours.at(-1)?.hourMs ?? -Infinity;
  const untilMs = Math.min(span.untilMs, Math.max(nowMs, lastMs + 1));
  const starts: number[] = [];
  if (rows.length === 0 && sinceMs >= untilMs) return starts;
  for (let ms = stepStart(sinceMs, step, billingDay); ms < untilMs;) {
    if (starts.push(ms) > MAX_STEPS) {
      throw new WrongWord(`step=${step} makes more than ${MAX_STEPS} steps. Take a longer step`);
    }
    ms = nextStart(ms, step, billingDay);
  }
  return starts;
}

function stepStart(ms: number, step: TimeStep, billingDay: number): number {
  if (step === "hour") return hourStart(ms);
  if (step === "day") return localDayAt(ms).startMs;
  const date = new Date(ms);
  const month = date.getMonth() - (date.getDate() < billingDay ? 1 : 0);
  return new Date(date.getFullYear(), month, billingDay).getTime();
}

function nextStart(ms: number, step: TimeStep, billingDay: number): number {
  if (step === "hour") return hourStart(ms + 3600e3);
  if (step === "day") return localDayAt(ms).endMs;
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth() + 1, billingDay).getTime();
}

/** As the groups of an answer are labelled. */
function stepLabel(startMs: number, step: TimeStep, billingDay: number): string {
  const day = localDayAt(startMs).name;
  if (step === "hour") return `${day}T${new Date(startMs).toTimeString().slice(0, 5)}`;
  if (step === "day") return day;
  return localDayAt(new Date(startMs).setDate(billingDay)).name.slice(0, 7);
}
