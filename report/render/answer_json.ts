/** An answer for programs: JSON, and CSV with the same columns. */

import { stringify } from "csv-stringify/sync";
import type { Answer, Row } from "../question/answer.ts";
import type { Sums } from "../question/tally.ts";
import { bytesOf } from "./figures.ts";

/** One object, as docs/report.md describes it. */
export function answerJson(answer: Answer): string {
  const { question, total, before, rows, evidence, gaps, foreign, notes } = answer;
  return JSON.stringify({
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
    rows: rows.map((row) => rowFields(answer, row)),
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
  });
}

/** A line of names, then one for each row. What a spreadsheet would run is made harmless by a quote before it. */
export function answerCsv(answer: Answer): string {
  const { by, before } = answer.question;
  const columns = [
    ...by,
    "bytes",
    "up_bytes",
    "down_bytes",
    "packets",
    "flows",
    ...(before === undefined ? [] : ["before_bytes"]),
    ...(answer.rows.some(({ isNew }) => isNew !== undefined) ? ["is_new"] : []),
  ];
  const rows = by.length === 0
    ? [{
      ...sumsFields(answer.total),
      ...(answer.before && { before_bytes: bytesOf(answer.before) }),
    }]
    : answer.rows.map((row) => rowFields(answer, row));
  return stringify(rows, {
    header: true,
    columns,
    escape_formulas: true,
    cast: { boolean: String },
  });
}

function rowFields({ question: { by } }: Answer, { groups, sums, before, isNew }: Row) {
  return {
    ...Object.fromEntries(by.map((dimension, i) => [dimension, groups[i].value])),
    ...sumsFields(sums),
    ...(before && { before_bytes: bytesOf(before) }),
    ...(isNew !== undefined && { is_new: isNew }),
  };
}

function sumsFields(sums: Sums) {
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
