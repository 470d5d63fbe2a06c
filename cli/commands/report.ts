/** `wifilogger report`: sums over the log, beside the period before. */

import { ask, type Question } from "../../report/question/answer.ts";
import { type Dimension, DIMENSIONS } from "../../report/question/dimension_words.ts";
import { spanBefore } from "../../report/question/spans.ts";
import { answerHtml } from "../../report/render/answer_html.ts";
import { answerCsv, answerJson } from "../../report/render/answer_json.ts";
import { answerMarkdown } from "../../report/render/answer_markdown.ts";
import { answerParquet } from "../../report/render/answer_parquet.ts";
import { answerTable } from "../../report/render/answer_table.ts";
import { localDayAt } from "../../storage/day/calendar_day.ts";
import { vantageNote } from "../../service/control/vantage_note.ts";
import { ProgressBar } from "../text/progress_bar.ts";
import { sayError } from "../text/say_error.ts";
import { writeBytesOut, writeOut } from "../text/standard_output.ts";
import { standardTerminal } from "../text/terminal.ts";
import {
  type Arguments,
  expectNoPositional,
  numberOf,
  oneOf,
  readArguments,
} from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, exitCodeOf, UsageError } from "../usage/exit_error.ts";
import { REPORT_FORMATS } from "../usage/flag_words.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

const DEFAULT_ROWS = 20;
const DEFAULT_WIDTH = 80;
/** A period is the last days, today among them, where none is given. */
const DEFAULT_DAYS = 7;

/** Asks and prints. @returns the exit code */
export async function report(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.report, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", REPORT_FORMATS) ?? "table";
  if (format === "parquet" && Deno.stdout.isTerminal()) {
    throw new UsageError("parquet is no text for a terminal. Send it to a file: > report.parquet");
  }
  const maxRows = numberOf(args, "lines", "rows") ?? DEFAULT_ROWS;
  const { ramLogPath, archiveDir, billingDay, controlSocketPath } = settingsFrom(args);
  const progress = new ProgressBar("reading the log");
  const question = { ...questionFrom(args, billingDay), progress: progress.show };
  const answer = await ask({ ramLogPath, archiveDir }, question).finally(() => progress.clear());
  const { size, hasColour, isUtf8 } = standardTerminal();
  const render = {
    table: () =>
      answerTable(answer, {
        width: size?.columns ?? DEFAULT_WIDTH,
        maxRows,
        isUtf8,
        isColoured: hasColour,
      }),
    json: () => answerJson(answer) + "\n",
    csv: () => answerCsv(answer),
    markdown: () => answerMarkdown(answer),
    parquet: () => answerParquet(answer),
    html: () => answerHtml(answer, { nowMs: Date.now() }),
  };
  // Another archive is another logger's.
  const asksLogger = format === "table" && args.value("archive-dir") === undefined;
  const note = asksLogger ? await vantageNote(controlSocketPath) : undefined;
  try {
    if (note !== undefined) writeOut(`${note}\n\n`);
    const rendered = render[format]();
    if (typeof rendered === "string") writeOut(rendered);
    else writeBytesOut(rendered);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  for (const fault of answer.notes.faults) sayError(fault, args.has("debug"));
  return Math.max(EXIT_DONE, ...answer.notes.faults.map(exitCodeOf));
}

function questionFrom(args: Arguments, billingDay: number): Question {
  const nowMs = Date.now();
  const { sinceMs, untilMs, ...filter } = filterFrom(args, { nowMs, billingDay });
  const today = localDayAt(nowMs);
  const span = {
    sinceMs: sinceMs ??
      new Date(today.startMs).setDate(new Date(today.startMs).getDate() + 1 - DEFAULT_DAYS),
    untilMs: untilMs ?? today.endMs,
  };
  if (span.sinceMs >= span.untilMs) {
    throw new UsageError(`--until=${args.value("until")} is before the period. Give --since, too`);
  }
  return {
    span,
    by: dimensionsFrom(args),
    filter,
    billingDay,
    before: args.has("no-compare") ? undefined : spanBefore(span, { nowMs, billingDay }),
  };
}

/** Those of `--by`; without it by device. */
function dimensionsFrom(args: Arguments): Dimension[] {
  const words = args.values("by").flatMap((text) => text.split(","));
  if (words.length === 0) return ["device"];
  return words.map((word) => {
    const dimension = DIMENSIONS.find((one) => one === word);
    if (dimension !== undefined) return dimension;
    throw new UsageError(`--by=${word} is not possible. Write one of: ${DIMENSIONS.join(", ")}`);
  });
}
