/** `wifilogger report`: sums over the log, beside the period before. */

import { askTogether } from "../../report/question/answer.ts";
import { readQuestion } from "../../report/question/written_question.ts";
import { answerCsv, answerJson } from "../../report/render/answer_json.ts";
import { answerMarkdown } from "../../report/render/answer_markdown.ts";
import { answerParquet } from "../../report/render/answer_parquet.ts";
import { answerTable } from "../../report/render/answer_table.ts";
import { vantageNote } from "../../service/control/vantage_note.ts";
import { VERSION } from "../../service/program/version.ts";
import { answerPaper, chartGrouping } from "../../web/paper.ts";
import { ProgressBar } from "../text/progress_bar.ts";
import { sayError } from "../text/say_error.ts";
import { writeBytesOut, writeOut } from "../text/standard_output.ts";
import { standardTerminal } from "../text/terminal.ts";
import { expectNoPositional, numberOf, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, exitCodeOf, UsageError } from "../usage/exit_error.ts";
import { REPORT_FORMATS } from "../usage/flag_words.ts";
import { FLAG_PREFIX, readWords } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

const DEFAULT_ROWS = 20;
const DEFAULT_WIDTH = 80;

/** Asks and prints. @returns the exit code */
export async function report(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.report, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", REPORT_FORMATS) ?? "table";
  if (format === "parquet" && Deno.stdout.isTerminal()) {
    throw new UsageError("parquet is no text for a terminal. Send it to a file: > report.parquet");
  }
  const maxRows = numberOf(args, "lines", "rows") ?? DEFAULT_ROWS;
  const { ramLogPath, archiveDir, billingDay, controlSocketPath } = logSettingsFrom(args);
  const progress = new ProgressBar("reading the log");
  const written = readWords(() =>
    readQuestion(args, {
      nowMs: Date.now(),
      billingDay,
      prefix: FLAG_PREFIX,
      isCompared: !args.has("no-compare"),
      otherwise: ["device"],
    })
  );
  const question = { ...written, progress: progress.show };
  const groupings = [written.by, ...(format === "html" ? [chartGrouping(written)] : [])];
  const [answer, overTime] = await askTogether({ ramLogPath, archiveDir }, question, groupings)
    .finally(() => progress.clear());
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
    html: async () =>
      await answerPaper(answer, overTime, {
        nowMs: Date.now(),
        version: VERSION,
      }),
  };
  // Another archive is another logger's.
  const asksLogger = format === "table" && args.value("archive-dir") === undefined;
  const note = asksLogger ? await vantageNote(controlSocketPath) : undefined;
  try {
    if (note !== undefined) writeOut(`${note}\n\n`);
    const rendered = await render[format]();
    if (typeof rendered === "string") writeOut(rendered);
    else writeBytesOut(rendered);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  for (const fault of answer.notes.faults) sayError(fault, args.has("debug"));
  return Math.max(EXIT_DONE, ...answer.notes.faults.map(exitCodeOf));
}
