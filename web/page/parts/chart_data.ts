/** A timeline as a chart draws it: groups on top of one another, and where its axis has words. */

import type { Timeline } from "../../api/answers.ts";
import type { TimeTexts } from "../text/time.ts";

/** By what traffic over time can be split. */
export const CHART_SPLITS = [
  "device",
  "site",
  "country",
  "owner",
  "protocol",
  "direction",
] as const;

/** What has one colour. */
export interface ChartGroup {
  readonly label: string;
  /** Of the dimension that the chart is split by; `undefined` for all the others together. */
  readonly value?: string;
  /** The colour's number from 1 on; 0: the others'. */
  readonly colour: number;
  /** Up and down, for each step. */
  readonly bytes: readonly number[];
  readonly totalBytes: number;
}

export interface ChartData {
  /** The beginning of each step, milliseconds since 1970; one more ends the last. */
  readonly bounds: readonly number[];
  readonly step: Timeline["step"];
  /** The most bytes first. */
  readonly groups: readonly ChartGroup[];
  /** Of all groups, for each step. */
  readonly sums: readonly number[];
}

/** Colours that are told apart. */
export const COLOURS = 7;

/** @param untilMs where the last step ends at the latest */
export function chartData(timeline: Timeline, untilMs: number): ChartData {
  const { step, times, series, rest } = timeline;
  const starts = times.map((time) => Date.parse(time));
  const lastMs = starts.at(-1) ?? untilMs;
  const groups: ChartGroup[] = series.map(({ label, value, up_bytes, down_bytes }, i) =>
    group({ label, value: value === null ? undefined : String(value), colour: i + 1 }, {
      up_bytes,
      down_bytes,
    })
  );
  if (rest !== undefined) {
    const label = `${rest.series} others`;
    groups.push(group({ label, colour: 0 }, rest));
  }
  const sums = starts.map((_, i) => groups.reduce((sum, { bytes }) => sum + bytes[i], 0));
  return {
    bounds: [...starts, Math.max(lastMs + 1, stepEnd(lastMs, step, untilMs))],
    step,
    groups,
    sums,
  };
}

function group(
  name: Pick<ChartGroup, "label" | "value" | "colour">,
  { up_bytes, down_bytes }: { up_bytes: readonly number[]; down_bytes: readonly number[] },
): ChartGroup {
  const bytes = up_bytes.map((up, i) => up + down_bytes[i]);
  return { ...name, bytes, totalBytes: bytes.reduce((sum, one) => sum + one, 0) };
}

const HOUR_MS = 3600e3;
/** As long as a step can be: a day of 25 hours, a month of 31 such days. */
const LONGEST_MS = { hour: HOUR_MS, day: 25 * HOUR_MS, month: 31 * 25 * HOUR_MS };

function stepEnd(startMs: number, step: Timeline["step"], untilMs: number): number {
  return Math.min(untilMs, startMs + LONGEST_MS[step]);
}

/** The sums as they are drawn: first all together, then without the last group, and so on; the first group last. */
export function stacked({ groups, sums }: ChartData): number[][] {
  const layers: number[][] = [];
  let layer = [...sums];
  for (const { bytes } of [...groups].reverse()) {
    layers.push(layer);
    layer = layer.map((sum, i) => sum - bytes[i]);
  }
  return layers;
}

/** A word beneath the axis. */
export interface Tick {
  readonly index: number;
  readonly label: string;
}

/** Words beneath the axis, at hours, days and months that people count by. @param most so many have room */
export function ticksOf({ bounds, step }: ChartData, times: TimeTexts, most: number): Tick[] {
  const starts = bounds.slice(0, -1);
  const all = starts.map((ms, index) => ({ ms, index }));
  const choices = {
    hour: [1, 2, 3, 6, 12, 24].map((hours) => all.filter(({ ms }) => times.hour(ms) % hours === 0)),
    day: [
      all,
      ...[2, 3].map((days) => all.length > 31 ? all : all.filter((_, i) => i % days === 0)),
      all.filter(({ ms }) => times.weekday(ms).startsWith("Mon")),
      all.filter(({ ms }) => times.calendarDay(ms).endsWith("-01")),
    ],
    month: [1, 3, 12].map((months) =>
      all.filter(({ ms }) => (Number(times.calendarDay(ms).slice(5, 7)) - 1) % months === 0)
    ),
  }[step];
  // One word alone says no distance: rather some of the next finer choice.
  const fits = choices.findIndex(({ length }) => length <= most);
  const chosen = fits < 0
    ? choices.at(-1)!
    : choices[fits].length < 2 && most >= 2 && fits > 0
    ? choices[fits - 1]
    : choices[fits];
  const every = Math.ceil(chosen.length / Math.max(1, most));
  return chosen.filter((_, i) => i % every === 0).map(({ ms, index }) => ({
    index,
    label: step === "month"
      ? times.month(ms)
      : step === "day" || times.hour(ms) === 0
      ? times.day(ms)
      : times.time(ms),
  }));
}

/** What a step is called. */
export function stepText({ bounds, step }: ChartData, index: number, times: TimeTexts): string {
  const startMs = bounds[index];
  if (step === "month") return times.month(startMs);
  if (step === "day") return times.weekday(startMs);
  return `${times.weekday(startMs)}, ${times.time(startMs)}`;
}
