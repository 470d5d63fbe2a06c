/**
 * Traffic over time: bars on top of one another on uPlot's canvas, with all that a canvas lacks. The pointer or the arrow
 * keys read a step; drawing over steps, or Shift with the arrow keys and Enter, chooses them as the period.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { useTimes } from "../reach/times.ts";
import { axisBytesText, bytesText, percentText } from "../text/figures.ts";
import { type ChartData, stacked, stepText, ticksOf } from "./chart_data.ts";

export interface TimeChartProps {
  readonly data: ChartData;
  readonly label: string;
  /** Called with the period that was chosen, milliseconds since 1970. */
  readonly onChoose: (sinceMs: number, untilMs: number) => void;
}

const HEIGHT = 240;
/** Pixels that a word beneath the axis takes. */
const TICK_WIDTH = 68;
/** Pixels for a bar: with fewer there is no gap beside it. */
const DENSE = 4;
/** A pointer that moves by less has not drawn. */
const MIN_DRAW = 6;
/** Groups that the box beside the pointer names. */
const NAMED = 6;

export function TimeChart({ data, label, onChoose }: TimeChartProps) {
  const times = useTimes();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [at, setAt] = useState<number>();
  const [anchor, setAnchor] = useState<number>();
  const last = data.sums.length - 1;
  const choose = (a: number, b: number) =>
    onChoose(data.bounds[Math.min(a, b)], data.bounds[Math.max(a, b) + 1]);
  const chosen = useRef(choose);
  chosen.current = choose;

  useEffect(() => {
    const element = place.current!;
    const draw = () => {
      chart.current?.destroy();
      chart.current = makeChart(element, data, {
        ticksOf: (width) => ticksOf(data, times, Math.max(2, Math.floor(width / TICK_WIDTH))),
        onCursor: setAt,
        onDrawn: (a, b) => chosen.current(a, b),
      });
    };
    draw();
    const observer = new ResizeObserver(([{ contentRect: { width } }]) => {
      if (Math.abs(width - (chart.current?.width ?? 0)) > 1) draw();
    });
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", draw);
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [data, times.zone]);

  const pointAt = (index: number, from?: number) => {
    const plot = chart.current;
    setAt(index);
    setAnchor(from);
    if (plot === undefined) return;
    const place = (value: number) => plot.valToPos(value, "x");
    plot.setCursor({ left: place(index), top: 0 }, false);
    const [low, high] = [Math.min(index, from ?? index), Math.max(index, from ?? index)];
    const width = from === undefined ? 0 : place(high + 0.5) - place(low - 0.5);
    plot.setSelect(
      { left: place(low - 0.5), width, top: 0, height: plot.over.clientHeight },
      false,
    );
  };
  const press = (event: KeyboardEvent) => {
    const index = at ?? last;
    const to = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageUp: index + 7,
      PageDown: index - 7,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      pointAt(
        Math.max(0, Math.min(last, to)),
        event.shiftKey ? anchor ?? index : undefined,
      );
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(anchor ?? index, index);
    }
  };
  return (
    <div class="time-chart">
      <div
        class="plot"
        ref={place}
        role="slider"
        tabIndex={0}
        aria-label={`${label}. Arrow keys read it; Shift and arrow keys, then Enter, choose a period`}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={at ?? last}
        aria-valuetext={last < 0 ? "nothing" : readOut(data, at ?? last, times)}
        onKeyDown={press}
        onFocus={() => at === undefined && last >= 0 && pointAt(last)}
        onBlur={() => {
          setAt(undefined);
          setAnchor(undefined);
          chart.current?.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          chart.current?.setCursor({ left: -10, top: -10 }, false);
        }}
      />
      {at !== undefined && chart.current !== undefined && (
        <ReadOut data={data} at={at} from={anchor} plot={chart.current} />
      )}
    </div>
  );
}

/** What a step says to somebody who listens. */
function readOut(data: ChartData, at: number, times: ReturnType<typeof useTimes>): string {
  const parts = data.groups.filter(({ bytes }) => bytes[at] > 0).slice(0, NAMED)
    .map(({ label, bytes }) => `${label} ${bytesText(bytes[at])}`);
  return [`${stepText(data, at, times)}: ${bytesText(data.sums[at])}`, ...parts].join("; ");
}

/** The box beside the pointer. */
function ReadOut(
  { data, at, from, plot }: { data: ChartData; at: number; from?: number; plot: uPlot },
) {
  const times = useTimes();
  const groups = useMemo(
    () =>
      data.groups.filter(({ bytes }) => bytes[at] > 0)
        .sort((a, b) => b.bytes[at] - a.bytes[at]),
    [data, at],
  );
  const left = plot.valToPos(at, "x") + plot.over.offsetLeft;
  const isRight = left > plot.width / 2;
  const sum = data.sums[at];
  return (
    <div
      class="read-out"
      aria-hidden="true"
      style={isRight ? { right: `${plot.width - left + 12}px` } : { left: `${left + 12}px` }}
    >
      <p>
        <strong>{stepText(data, at, times)}</strong>
        <span>{bytesText(sum)}</span>
      </p>
      {from !== undefined && from !== at && (
        <p class="hint">
          {stepText(data, Math.min(from, at), times)} to {stepText(data, Math.max(from, at), times)}
          {" "}
          are chosen: Enter shows them
        </p>
      )}
      <ul>
        {groups.slice(0, NAMED).map(({ label, colour, bytes }) => (
          <li key={label}>
            <span class={`key k${colour}`} />
            <span class="read-label">{label}</span>
            <span>{bytesText(bytes[at])}</span>
            <span class="read-share">{percentText(sum === 0 ? 0 : bytes[at] / sum)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ChartOptions {
  readonly ticksOf: (width: number) => { readonly index: number; readonly label: string }[];
  readonly onCursor: (index: number | undefined) => void;
  readonly onDrawn: (first: number, last: number) => void;
}

function makeChart(place: HTMLElement, data: ChartData, options: ChartOptions): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const width = place.clientWidth;
  const count = data.sums.length;
  const ticks = options.ticksOf(width - 64);
  const font = `12px ${style.fontFamily}`;
  // Where there is no room for gaps, bars stand side by side.
  const share = width / count < DENSE ? 1 : 0.82;
  const bars = uPlot.paths.bars!({ size: [share, 56, 1] });
  const layers = stacked(data);
  const colours = [...data.groups].reverse().map(({ colour }) =>
    colour === 0 ? "rest" : `s${colour}`
  );
  const plot = new uPlot(
    {
      width,
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(0.5, count - 0.5)] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.04 : 1] },
      },
      axes: [
        {
          stroke: colour("dim"),
          font,
          size: 30,
          gap: 6,
          grid: { show: false },
          ticks: { stroke: colour("line"), width: 1, size: 4 },
          splits: () => ticks.map(({ index }) => index),
          values: () => ticks.map(({ label }) => label),
        },
        {
          stroke: colour("dim"),
          font,
          size: 62,
          gap: 8,
          space: 44,
          grid: { stroke: colour("line"), width: 1 },
          ticks: { show: false },
          values: (_, values) => values.map(axisBytesText),
        },
      ],
      series: [
        {},
        ...layers.map((_, i) => ({
          fill: colour(colours[i]),
          width: 0,
          paths: bars,
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [({ cursor: { idx, left } }) => {
          options.onCursor(left === undefined || left < 0 || idx === null ? undefined : idx);
        }],
      },
    },
    [data.sums.map((_, i) => i), ...layers],
    place,
  );
  drawable(plot, count, options.onDrawn);
  return plot;
}

/** Lets a pointer draw over steps; one of a finger, too, as long as it goes sideways. */
function drawable(
  plot: uPlot,
  count: number,
  onDrawn: (first: number, last: number) => void,
): void {
  const { over } = plot;
  let beganAt: number | undefined;
  const indexAt = (left: number) =>
    Math.max(0, Math.min(count - 1, Math.round(plot.posToVal(left, "x"))));
  const leftOf = ({ clientX }: PointerEvent) => clientX - over.getBoundingClientRect().left;
  over.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    beganAt = leftOf(event);
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener("pointermove", (event) => {
    const left = leftOf(event);
    plot.setCursor({ left: Math.max(0, Math.min(over.clientWidth, left)), top: 0 });
    if (beganAt === undefined || Math.abs(left - beganAt) < MIN_DRAW) return;
    const [low, high] = [indexAt(Math.min(beganAt, left)), indexAt(Math.max(beganAt, left))];
    const from = plot.valToPos(low - 0.5, "x");
    plot.setSelect({
      left: from,
      width: plot.valToPos(high + 0.5, "x") - from,
      top: 0,
      height: over.clientHeight,
    }, false);
  });
  const end = (isDone: boolean) => (event: PointerEvent) => {
    const began = beganAt;
    beganAt = undefined;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    const left = leftOf(event);
    if (!isDone || began === undefined || Math.abs(left - began) < MIN_DRAW) return;
    onDrawn(indexAt(Math.min(began, left)), indexAt(Math.max(began, left)));
  };
  over.addEventListener("pointerup", end(true));
  over.addEventListener("pointercancel", end(false));
}
