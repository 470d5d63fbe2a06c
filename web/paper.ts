/** An answer as a document of its own, drawn by the views of the pages: `wifilogger report --format html`. */

import { escapeText } from "../record/escape_text.ts";
import { bytesOf } from "../report/facts/fact.ts";
import type { Answer } from "../report/question/answer.ts";
import type { Dimension } from "../report/question/dimension_words.ts";
import { answerFields, rowFields } from "../report/render/answer_json.ts";
import { timelineFields, timeStepFor } from "../report/render/timeline.ts";
import type { LabelledRow, ReportAnswer } from "./api/answers.ts";
import { CHART_SPLITS } from "./page/parts/chart_data.ts";
import { readPaperFiles } from "./page/page_files.ts";
import type { Report } from "./page/documents.ts";

/** Rows of the table; what is beyond is summed. */
const MAX_ROWS = 200;
/** Lines of the chart; the others are summed. */
const MAX_SERIES = 7;

/** What the chart above an answer is by: time, and the first dimension of the question that a chart can be split by. */
export function chartGrouping({ by, span }: Pick<Answer["question"], "by" | "span">): Dimension[] {
  const split = by.find((dimension) => CHART_SPLITS.some((one) => one === dimension));
  return [timeStepFor(span), ...(split === undefined ? [] : [split])];
}

/**
 * The document.
 *
 * @param overTime the same question's answer by `chartGrouping()`
 * @throws {Error} when the pages are not built
 */
export async function answerPaper(
  answer: Answer,
  overTime: Answer,
  { nowMs, version }: { readonly nowMs: number; readonly version: string },
): Promise<string> {
  const { reportPaper, style, map } = await readPaperFiles();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return reportPaper(reportOf(answer, overTime, nowMs), {
    madeMs: nowMs,
    zone,
    version,
    style,
    map,
  });
}

function reportOf(answer: Answer, overTime: Answer, nowMs: number): Report {
  const left = answer.rows.slice(MAX_ROWS);
  const rows = answer.rows.slice(0, MAX_ROWS).map((row) => ({
    ...rowFields(answer, row),
    label: row.groups.map(({ label }) => escapeText(label)).join(" · "),
  })) as LabelledRow[];
  const { notes, ...fields } = answerFields(answer, { maxRows: 0 }) as Omit<ReportAnswer, "more">;
  const timeline = timelineFields(overTime, { nowMs, top: MAX_SERIES });
  return {
    answer: {
      ...fields,
      notes: { ...notes, faults: notes.faults.map(escapeText) },
      rows,
      more: {
        rows: left.length,
        bytes: left.reduce((sum, { sums }) => sum + bytesOf(sums), 0),
      },
    },
    timeline: {
      ...timeline,
      series: timeline.series.map((line) => ({ ...line, label: escapeText(line.label) })),
    },
  };
}
