/** An answer for a terminal: a head, a table with bars, and what there is to know. */

import { escapeText } from "../../record/escape_text.ts";
import { bytesOf } from "../facts/fact.ts";
import type { Answer, Row } from "../question/answer.ts";
import { formatBytes } from "./bytes_text.ts";
import { cellWidth, type CharacterSet, inCells } from "./cells.ts";
import {
  changeText,
  evidenceText,
  noteTexts,
  numberText,
  percentText,
  shareOf,
  spanText,
} from "./figures.ts";

/** How it is shown. */
export interface TableLook extends CharacterSet {
  /** Columns of the terminal. */
  readonly width: number;
  /** Rows at most; what is beyond is summed in one line. */
  readonly maxRows: number;
  readonly isColoured: boolean;
}

const MIN_NAME = 8;
const MAX_BAR = 24;
const GAP = "  ";

export function answerTable(answer: Answer, look: TableLook): string {
  const { question: { by } } = answer;
  const parts = [head(answer, look)];
  if (by.length > 0) {
    parts.push(
      answer.rows.length > 0 ? table(answer, look) : "nothing of that kind in this period",
    );
  }
  if (answer.evidence.length > 0) {
    parts.push(wrapped(`names known by: ${evidenceText(answer)}`, look));
  }
  parts.push(...noteTexts(answer).map((note) => wrapped(note, look)));
  return parts.join("\n\n") + "\n";
}

function head({ question: { span, before }, total, before: totalBefore }: Answer, look: TableLook) {
  const sums = [
    bold(formatBytes(bytesOf(total)), look),
    `down ${formatBytes(total.downBytes)}`,
    `up ${formatBytes(total.upBytes)}`,
    `${numberText(total.flows)} flows`,
  ].join(GAP);
  const lines = [bold(spanText(span.sinceMs, span.untilMs), look), sums];
  if (
    before !== undefined && totalBefore !== undefined && bytesOf(total) + bytesOf(totalBefore) > 0
  ) {
    lines.push(
      dim(
        `${changeText(total, totalBefore)} beside ${formatBytes(bytesOf(totalBefore))} in ${
          spanText(before.sinceMs, before.untilMs)
        }`,
        look,
      ),
    );
  }
  return lines.join("\n");
}

function table({ question: { by, before }, rows, total }: Answer, look: TableLook): string {
  const shown = rows.slice(0, look.maxRows);
  const figures = ["total", "share", "down", "up", ...(before ? ["change"] : [])];
  const cells = shown.map(({ sums, before, isNew }: Row) => [
    formatBytes(bytesOf(sums)),
    percentText(shareOf(bytesOf(sums), bytesOf(total))),
    formatBytes(sums.downBytes),
    formatBytes(sums.upBytes),
    ...(before ? [isNew ? "NEW" : changeText(sums, before)] : []),
  ]);
  const widths = figures.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row[i].length))
  );
  const figuresWidth = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const names = shown.map(({ groups }) => groups.map(({ label }) => label));
  const left = look.width - figuresWidth - GAP.length;
  const nameWidths = fitted(
    by.map((head, i) =>
      Math.max(head.length, ...names.map((row) => cellWidth(escapeText(row[i]))))
    ),
    Math.max(MIN_NAME * by.length, left) - GAP.length * (by.length - 1),
  );
  const namesWidth = nameWidths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  const barWidth = Math.min(MAX_BAR, look.width - figuresWidth - namesWidth - GAP.length);
  const most = Math.max(...shown.map(({ sums }) => bytesOf(sums)), 1);
  const nameText = (row: readonly string[]) =>
    row.map((name, i) => inCells(name, { width: nameWidths[i], cut: "middle" }, look)).join(GAP);
  const figureText = (row: readonly string[]) =>
    row.map((cell, i) => GAP + cell.padStart(widths[i])).join("");
  const lines = shown.map(({ sums }, i) => {
    const bar = barWidth < 4 ? "" : GAP + blue(barText(bytesOf(sums) / most, barWidth, look), look);
    return (nameText(names[i]) + figureText(cells[i]) + bar).trimEnd();
  });
  const rest = rows.slice(shown.length);
  const restBytes = rest.reduce((sum, { sums }) => sum + bytesOf(sums), 0);
  return [
    dim(nameText(by) + figureText(figures), look),
    ...lines,
    ...(rest.length === 0
      ? []
      : [dim(`and ${numberText(rest.length)} more: ${formatBytes(restBytes)}`, look)]),
  ].join("\n");
}

/** Widths that are together at most `space`: the widest are cut first. */
function fitted(widths: readonly number[], space: number): number[] {
  const fit = [...widths];
  while (fit.reduce((sum, width) => sum + width, 0) > space) {
    const widest = fit.indexOf(Math.max(...fit));
    if (fit[widest] <= MIN_NAME) break;
    fit[widest]--;
  }
  return fit;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function barText(share: number, width: number, { isUtf8 }: TableLook): string {
  if (!isUtf8) return "#".repeat(Math.round(share * width));
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * width * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function wrapped(text: string, { width }: TableLook): string {
  const lines: string[] = [];
  // A figure and its % stay together.
  for (const word of escapeText(text).split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.join("\n");
}

function bold(text: string, { isColoured }: TableLook): string {
  return isColoured ? `\x1b[1m${text}\x1b[22m` : text;
}

function blue(text: string, { isColoured }: TableLook): string {
  return isColoured ? `\x1b[34m${text}\x1b[39m` : text;
}

function dim(text: string, { isColoured }: TableLook): string {
  return isColoured ? `\x1b[2m${text}\x1b[22m` : text;
}
