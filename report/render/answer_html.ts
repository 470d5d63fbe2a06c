/** An answer as a page of its own: no script, nothing fetched, light and dark, and it prints. */

import { escapeText } from "../../record/escape_text.ts";
import { bytesOf } from "../facts/fact.ts";
import type { Answer } from "../question/answer.ts";
import { formatBytes } from "./bytes_text.ts";
import {
  changeText,
  evidenceText,
  noteTexts,
  numberText,
  percentText,
  shareOf,
  spanText,
} from "./figures.ts";

const DAY_MS = 24 * 3600e3;
/** Rows of the table; what is beyond is summed in one. */
const MAX_ROWS = 200;
/** Beyond so many hours the chart shows days. */
const MAX_HOURS = 4 * 24;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --line: #d9dee5; --down: #2f6fb3; --up: #c9772b;
  --page: #fff; --bar: #cfe0f2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --dim: #9aa6b5; --line: #333c48; --down: #6ba6e3;
  --up: #e5a15f; --page: #14181e; --bar: #2b4664; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 3rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.sub, .notes, figcaption, footer { color: var(--dim); font-size: .9rem; }
.total { font-size: 2rem; font-weight: 650; margin: 1rem 0 0; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
.down { fill: var(--down); } .up { fill: var(--up); } .axis { stroke: var(--line); }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin: 0 .3em 0 .8em; }
.key.down { background: var(--down); margin-left: 0; } .key.up { background: var(--up); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-size: .8rem; font-weight: 600; color: var(--dim); }
.text { text-align: left; min-width: 6.5rem; overflow-wrap: anywhere; white-space: normal; }
.share { min-width: 8rem; background: linear-gradient(var(--bar), var(--bar)) left / var(--s) 70% no-repeat; }
.new { color: var(--up); font-size: .8rem; margin-left: .4em; }
footer { margin-top: 2.5rem; }
@media (max-width: 40rem) { .less { display: none; } th, td { padding: .35rem .3rem; } .share { min-width: 4.5rem; }
  svg text { font-size: 20px; } }
@media print { body { padding: 0; max-width: none; font-size: 11px; } tr, figure { break-inside: avoid; } }
`;

/** The page. Text from the network stands in it only as text. */
export function answerHtml(answer: Answer, { nowMs }: { readonly nowMs: number }): string {
  const { question: { by, span, before }, total } = answer;
  const title = `Traffic of ${spanText(span.sinceMs, span.untilMs)}`;
  const change = answer.before && before
    ? ` · ${changeText(total, answer.before)} beside ${spanText(before.sinceMs, before.untilMs)} (${
      formatBytes(bytesOf(answer.before))
    })`
    : "";
  const notes = noteTexts(answer).map((note) => `<li>${text(note)}</li>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<p class="total">${text(formatBytes(bytesOf(total)))}</p>
<p class="sub">down ${text(formatBytes(total.downBytes))} · up ${
    text(formatBytes(total.upBytes))
  } · ${numberText(total.flows)} flows${text(change)}</p>
${chart(answer)}
${by.length > 0 ? table(answer) : ""}
<h2>How names were known</h2>
<p class="sub">In shares of bytes: ${text(evidenceText(answer))}.</p>
${notes === "" ? "" : `<h2>What to know</h2>\n<ul class="notes">${notes}</ul>`}
</main>
<footer>Made by wifilogger on ${
    text(new Date(nowMs).toISOString().slice(0, 16).replace("T", " "))
  } UTC.</footer>
</body>
</html>
`;
}

function table(answer: Answer): string {
  const { question: { by, before }, total, rows } = answer;
  const heads = ["total", "share", "down", "up", "flows", ...(before ? ["change"] : [])];
  const most = rows.reduce((most, { sums }) => Math.max(most, bytesOf(sums)), 1);
  const shown = rows.slice(0, MAX_ROWS).map(({ groups, sums, before, isNew }) => {
    const share = shareOf(bytesOf(sums), bytesOf(total));
    const mark = isNew ? ` <span class="new">new</span>` : "";
    const names = groups.map(({ label }, i) =>
      `<td class="text">${text(label)}${i === 0 ? mark : ""}</td>`
    );
    const cells = [
      formatBytes(bytesOf(sums)),
      undefined,
      formatBytes(sums.downBytes),
      formatBytes(sums.upBytes),
      numberText(sums.flows),
      ...(before ? [changeText(sums, before)] : []),
    ].map((cell, i) =>
      cell === undefined
        ? `<td class="share" style="--s:${(shareOf(bytesOf(sums), most) * 100).toFixed(1)}%">${
          text(percentText(share))
        }</td>`
        : `<td${lessOf(heads[i])}>${text(cell)}</td>`
    );
    return `<tr>${names.join("")}${cells.join("")}</tr>`;
  });
  const rest = rows.slice(MAX_ROWS);
  const restBytes = rest.reduce((sum, { sums }) => sum + bytesOf(sums), 0);
  const more = rest.length === 0
    ? ""
    : `<p class="sub">and ${numberText(rest.length)} more: ${text(formatBytes(restBytes))}</p>`;
  return `<h2>By ${text(by.join(" and "))}</h2>
<div class="scroll"><table>
<thead><tr>${by.map((word) => `<th class="text" scope="col">${text(word)}</th>`).join("")}${
    heads.map((head) => `<th scope="col"${lessOf(head)}>${head}</th>`).join("")
  }</tr></thead>
<tbody>
${shown.join("\n")}
</tbody>
</table></div>
${more}`;
}

/** Columns that a phone has no room for. */
function lessOf(head: string): string {
  return ["down", "up", "flows"].includes(head) ? ` class="less"` : "";
}

/** A bar of the chart is at most so wide. */
const MAX_BAR = 56;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const [CHART_WIDTH, CHART_HEIGHT, LEFT, BOTTOM, TOP] = [960, 220, 88, 26, 12];

/** Bytes down and up over time, by the hour or by the day. */
function chart(answer: Answer): string {
  const bars = barsOf(answer);
  if (bars.length === 0) return "";
  const most = Math.max(...bars.map(({ down, up }) => down + up), 1);
  const height = CHART_HEIGHT - BOTTOM - TOP;
  const step = (CHART_WIDTH - LEFT) / bars.length;
  const width = Math.min(MAX_BAR, Math.max(1, step * 0.8));
  const y = (bytes: number) => TOP + height - height * bytes / most;
  const columns = bars.map(({ label, down, up }, i) => {
    const x = (LEFT + i * step + (step - width) / 2).toFixed(1);
    const bar = (kind: string, from: number, to: number) =>
      `<rect class="${kind}" x="${x}" y="${y(to).toFixed(1)}" width="${width.toFixed(1)}" height="${
        (y(from) - y(to)).toFixed(1)
      }"/>`;
    const title = `${label}: down ${formatBytes(down)}, up ${formatBytes(up)}`;
    return `<g><title>${text(title)}</title>${bar("down", 0, down)}${
      bar("up", down, down + up)
    }</g>`;
  });
  const every = Math.ceil(bars.length / 12);
  const labels = bars.flatMap(({ label }, i) =>
    i % every > 0 ? [] : [
      `<text x="${(LEFT + (i + 0.5) * step).toFixed(1)}" y="${
        CHART_HEIGHT - 6
      }" text-anchor="middle">${text(label)}</text>`,
    ]
  );
  const lines = [0, 0.5, 1].map((share) => {
    const at = y(most * share).toFixed(1);
    return `<line class="axis" x1="${LEFT}" x2="${CHART_WIDTH}" y1="${at}" y2="${at}"/>` +
      `<text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${
        text(formatBytes(most * share))
      }</text>`;
  });
  return `<figure>
<svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" role="img" aria-label="Traffic over time">
${lines.join("")}
${columns.join("\n")}
${labels.join("")}
</svg>
<figcaption><span class="key down"></span>down <span class="key up"></span>up</figcaption>
</figure>`;
}

interface Bar {
  readonly label: string;
  down: number;
  up: number;
}

/** Every hour or day of the span has a bar, also one in which nothing passed. */
function barsOf({ hours, question: { span } }: Answer): Bar[] {
  if (hours.length === 0) return [];
  const sinceMs = Math.max(span.sinceMs, hours[0].hourMs);
  const untilMs = Math.min(span.untilMs, hours.at(-1)!.hourMs + 1);
  const isByHour = untilMs - sinceMs <= MAX_HOURS * 3600e3;
  const bars = new Map<number, Bar>();
  const startOf = (ms: number) => isByHour ? ms : new Date(ms).setHours(0, 0, 0, 0);
  const labelOf = (ms: number) => {
    const date = new Date(ms);
    const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
    if (!isByHour) return day;
    return date.getHours() === 0 ? day : `${date.getHours()}:00`;
  };
  for (let ms = startOf(hours[0].hourMs); ms < untilMs; ms = nextStart(ms, isByHour)) {
    bars.set(ms, { label: labelOf(ms), down: 0, up: 0 });
  }
  for (const { hourMs, sums } of hours) {
    const start = startOf(hourMs);
    const bar = bars.get(start) ?? { label: labelOf(start), down: 0, up: 0 };
    bar.down += sums.downBytes;
    bar.up += sums.upBytes;
    bars.set(start, bar);
  }
  return [...bars].sort(([a], [b]) => a - b).map(([, bar]) => bar);
}

function nextStart(ms: number, isByHour: boolean): number {
  // Noon of the next day is the next day, however long this one is.
  return isByHour ? ms + 3600e3 : new Date(ms + DAY_MS * 1.5).setHours(0, 0, 0, 0);
}

function text(raw: string): string {
  return escapeText(raw).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
