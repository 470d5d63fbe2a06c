/** Traffic over time as a drawing that needs no script, for a page that is read on its own. */

import { useTimes } from "../reach/times.ts";
import { axisBytesText, bytesText } from "../text/figures.ts";
import { type ChartData, stacked, stepText, ticksOf } from "./chart_data.ts";

/** Words beneath the axis; a narrow window shows every second one. */
const TICKS = 10;
const LINES = 4;

export function StillChart({ data, label }: { readonly data: ChartData; readonly label: string }) {
  const times = useTimes();
  const { sums, groups } = data;
  if (sums.length === 0) return null;
  const most = roundedUp(Math.max(...sums, 1));
  const width = 100 / sums.length;
  const height = (bytes: number) => round(100 * bytes / most);
  const colours = [...groups].reverse().map(({ colour }) => colour === 0 ? "rest" : `s${colour}`);
  // The drawing is as wide as there is room, and its words are as large as others.
  return (
    <div class="still-chart" role="img" aria-label={label}>
      {Array.from(
        { length: LINES + 1 },
        (_, i) => (
          <span key={i} class="level" style={{ bottom: `${100 * i / LINES}%` }}>
            {axisBytesText(most * i / LINES)}
          </span>
        ),
      )}
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        {stacked(data).map((layer, i) => (
          <g key={i} style={{ fill: `var(--${colours[i]})` }}>
            {layer.map((bytes, index) =>
              bytes > 0 && (
                <rect
                  key={index}
                  x={round((index + 0.1) * width)}
                  y={round(100 - height(bytes))}
                  width={round(0.8 * width)}
                  height={height(bytes)}
                >
                  <title>{`${stepText(data, index, times)}: ${bytesText(sums[index])}`}</title>
                </rect>
              )
            )}
          </g>
        ))}
      </svg>
      {ticksOf(data, times, TICKS).map(({ index, label }, i) => (
        <span
          key={index}
          class={i % 2 === 1 ? "tick second" : "tick"}
          style={{ left: `${round((index + 0.5) * width)}%` }}
        >
          {label}
        </span>
      ))}
    </div>
  );
}

/** The next figure of which quarters are short to write. */
function roundedUp(bytes: number): number {
  const unit = 10 ** Math.floor(Math.log10(bytes));
  return unit * [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((times) => bytes <= times * unit)!;
}

/** Finer than anybody sees. */
function round(percent: number): number {
  return Math.round(percent * 1000) / 1000;
}
