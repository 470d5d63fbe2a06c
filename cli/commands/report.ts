/** `wifilogger report`: sums over the log, beside the period before. */

import { ask, type Question } from "../../report/question/answer.ts";
import { type Dimension, DIMENSIONS } from "../../report/question/dimension.ts";
import { parseMoment } from "../../report/question/moment.ts";
import { spanBefore } from "../../report/question/spans.ts";
import { answerHtml } from "../../report/render/answer_html.ts";
import { answerCsv, answerJson } from "../../report/render/answer_json.ts";
import { answerMarkdown } from "../../report/render/answer_markdown.ts";
import { answerParquet } from "../../report/render/answer_parquet.ts";
import { answerTable } from "../../report/render/answer_table.ts";
import { vantageNote } from "../../service/control/vantage_note.ts";
import { ProgressBar } from "../text/progress_bar.ts";
import { sayError } from "../text/say_error.ts";
import { writeBytesOut, writeOut } from "../text/standard_output.ts";
import { type Arguments, expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, exitCodeOf, UsageError } from "../usage/exit_error.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

const FORMATS = ["table", "json", "csv", "markdown", "html", "parquet"] as const;
const DEFAULT_ROWS = 20;
const DEFAULT_WIDTH = 80;
/** A period is the last days, today among them, where none is given. */
const DEFAULT_DAYS = 7;

/** Asks and prints. @returns the exit code */
export async function report(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.report, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", FORMATS) ?? "table";
  if (format === "parquet" && Deno.stdout.isTerminal()) {
    throw new UsageError("parquet is no text for a terminal. Send it to a file: > report.parquet");
  }
  const maxRows = rowCount(args);
  const { ramLogPath, archiveDir, billingDay, controlSocketPath } = settingsFrom(args);
  const progress = new ProgressBar("reading the log");
  const question = { ...questionFrom(args, billingDay), progress: progress.show };
  const answer = await ask({ ramLogPath, archiveDir }, question).finally(() => progress.clear());
  const isTerminal = Deno.stdout.isTerminal();
  const render = {
    table: () =>
      answerTable(answer, {
        width: isTerminal ? Deno.consoleSize().columns : DEFAULT_WIDTH,
        maxRows,
        isUnicode: isUnicode(),
        isColoured: isTerminal && !Deno.noColor && Deno.env.get("TERM") !== "dumb",
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
  const today = parseMoment("today", { nowMs, isEnd: false });
  const endOfToday = parseMoment("today", { nowMs, isEnd: true });
  const span = {
    sinceMs: sinceMs ?? new Date(today).setDate(new Date(today).getDate() - DEFAULT_DAYS + 1),
    untilMs: untilMs ?? endOfToday,
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

function rowCount(args: Arguments): number {
  const text = args.value("lines");
  if (text === undefined) return DEFAULT_ROWS;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`--lines=${text} is no number of rows. Write one from 1 to 9999999`);
}

/** Whether the locale's characters are Unicode's (setlocale(3): the first one that is set counts). */
function isUnicode(): boolean {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => Deno.env.get(name)).find(Boolean);
  return /utf-?8/i.test(locale ?? "");
}
