/** An answer for programs: JSON, and CSV with the same columns. */

import { csvText } from "../../record/csv_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import type { Answer, Row } from "../question/answer.ts";
import type { Sums } from "../question/tally.ts";
import { bytesOf } from "../facts/fact.ts";

/** One object, as docs/report.md describes it. */
export function answerJson(answer: Answer): string {
  return JSON.stringify(answerFields(answer));
}

/** What that object has; of the rows the first `maxRows`. */
export function answerFields(answer: Answer, { maxRows = Infinity } = {}) {
  const { question, total, before, rows, evidence, gaps, foreign, notes } = answer;
  return {
    since: momentText(question.span.sinceMs),
    until: momentText(question.span.untilMs),
    by: question.by,
    ...(question.before && {
      before: {
        since: momentText(question.before.sinceMs),
        until: momentText(question.before.untilMs),
      },
    }),
    total: { ...sumsFields(total), ...(before && { before_bytes: bytesOf(before) }) },
    rows: rows.slice(0, maxRows).map((row) => rowFields(answer, row)),
    evidence: evidence.map(({ groups: [{ value }], sums }) => ({
      evidence: value,
      ...sumsFields(sums),
    })),
    gaps: gaps.map(({ hourMs, reason, records, count }) => ({
      hour: momentText(hourMs),
      reason,
      records,
      count,
    })),
    notes: {
      first_day: notes.firstDay,
      rounded_days: notes.roundedDays,
      silent_days: notes.silentDays,
      other_bytes: notes.foldedBytes,
      foreign_lines: foreign,
      faults: notes.faults.map(({ message }) => message),
    },
  };
}

/** A line of names, then one for each row (RFC 4180). A cell that a spreadsheet would run begins with `'`. */
export function answerCsv(answer: Answer): string {
  const { columns, rows } = rowTable(answer);
  return csvText([columns, ...rows.map((row) => row.map(shown))]);
}

/** Text from the network as nobody's terminal obeys it. */
function shown(value: unknown): unknown {
  return typeof value === "string" ? escapeText(value) : value;
}

/** The rows with their columns' names; without `--by` one row, the total. */
export function rowTable(answer: Answer): { columns: string[]; rows: unknown[][] } {
  const { question: { by, before }, total, before: totalBefore, rows } = answer;
  const columns = [
    ...by,
    ...Object.keys(sumsFields(total)),
    ...(before === undefined ? [] : ["before_bytes"]),
    ...(rows.some(({ isNew }) => isNew !== undefined) ? ["is_new"] : []),
  ];
  const fields: Record<string, unknown>[] = by.length > 0
    ? rows.map((row) => rowFields(answer, row))
    : [rowFields(answer, { groups: [], sums: total, before: totalBefore })];
  return { columns, rows: fields.map((row) => columns.map((name) => row[name])) };
}

/** A field for each dimension, then the sums. */
export function rowFields({ question: { by } }: Answer, { groups, sums, before, isNew }: Row) {
  return {
    ...Object.fromEntries(by.map((dimension, i) => [dimension, groups[i].value])),
    ...sumsFields(sums),
    ...(before && { before_bytes: bytesOf(before) }),
    ...(isNew !== undefined && { is_new: isNew }),
  };
}

export function sumsFields(sums: Sums) {
  return {
    bytes: bytesOf(sums),
    up_bytes: sums.upBytes,
    down_bytes: sums.downBytes,
    packets: sums.packets,
    flows: sums.flows,
  };
}

/** RFC 3339. */
function momentText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
