/** An answer as a table in Markdown. */

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

export function answerMarkdown(answer: Answer): string {
  const { question: { by, span, before }, total, rows } = answer;
  const heads = [...by, "total", "share", "down", "up", "flows", ...(before ? ["before"] : [])];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, i) => i < by.length ? "---" : "---:");
  const body = rows.map(({ groups, sums, before, isNew }) =>
    line([
      ...groups.map(({ label }, i) => cell(label) + (i === 0 && isNew ? " (new)" : "")),
      formatBytes(bytesOf(sums)),
      percentText(shareOf(bytesOf(sums), bytesOf(total))),
      formatBytes(sums.downBytes),
      formatBytes(sums.upBytes),
      numberText(sums.flows),
      ...(before ? [changeText(sums, before)] : []),
    ])
  );
  const change = answer.before === undefined
    ? ""
    : `; before: ${formatBytes(bytesOf(answer.before))}`;
  return [
    `# Traffic of ${spanText(span.sinceMs, span.untilMs)}`,
    `${formatBytes(bytesOf(total))} in ${numberText(total.flows)} flows: ` +
    `down ${formatBytes(total.downBytes)}, up ${formatBytes(total.upBytes)}${change}`,
    ...(by.length > 0 ? [[line(heads), line(rule), ...body].join("\n")] : []),
    `Names were known by: ${cell(evidenceText(answer))}`,
    ...noteTexts(answer).map((note) => `- ${cell(note)}`),
  ].join("\n\n") + "\n";
}

/** Text that may come from the network, with nothing in it that Markdown or HTML obeys. */
function cell(text: string): string {
  return escapeText(text).replaceAll(/[\\`*_{}[\]<>#|!&]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
