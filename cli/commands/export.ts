/** `wifilogger export`: the records of the log in a format that other programs read. */

import { parseLine } from "../../record/logged_line.ts";
import { isWanted, type RecordFilter } from "../../record/record_filter.ts";
import type { Exporter } from "../../report/export/exporter.ts";
import { EXPORT_FORMATS, openExport } from "../../report/export/open_export.ts";
import { daysOf } from "../../report/question/written_question.ts";
import { countText } from "../../service/program/count_text.ts";
import { type LogSection, openSnapshot } from "../../storage/log_snapshot.ts";
import { openOutputFile, type Output } from "../text/output_file.ts";
import { sayError, sayForeign } from "../text/say_error.ts";
import { writeBytesOut } from "../text/standard_output.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, exitCodeOf, UsageError } from "../usage/exit_error.ts";
import { filterFrom } from "../usage/question_flags.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/**
 * Writes them, oldest first. Memory: a block of lines, a portion of what is written, and what the format holds (see
 * `report/export/`). What cannot be read is said, and the rest is written.
 *
 * @returns the exit code
 */
export async function exportLog(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.export, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", EXPORT_FORMATS) ?? "jsonl";
  const path = args.value("output");
  if (format === "parquet" && path === undefined && Deno.stdout.isTerminal()) {
    throw new UsageError("parquet is not for a terminal. Write --output FILE, or pipe it");
  }
  const { ramLogPath, archiveDir, billingDay } = logSettingsFrom(args);
  const filter = filterFrom(args, { nowMs: Date.now(), billingDay });
  using log = await openSnapshot({ ramLogPath, archiveDir, ...daysOf(filter) });
  using output = path === undefined ? STANDARD_OUTPUT : openOutputFile(path);
  try {
    const exporter = await openExport(format, output.write);
    const { exitCode, foreign, written } = await addAll(
      log.sections,
      filter,
      exporter,
      args.has("debug"),
    );
    exporter.finish();
    output.keep();
    if (written === 0) console.error("wifilogger: there is no such record in the log");
    sayLeftOut(exporter, foreign);
    return exitCode;
  } catch (error) {
    // The reader of the output has gone, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT_DONE;
    throw error;
  }
}

const STANDARD_OUTPUT: Output = {
  write: writeBytesOut,
  keep: () => {},
  [Symbol.dispose]: () => {},
};

/** What became of the lines. */
interface Added {
  exitCode: number;
  /** Lines that this logger did not write. */
  foreign: number;
  written: number;
}

async function addAll(
  sections: readonly LogSection[],
  filter: RecordFilter,
  exporter: Exporter,
  isDebug: boolean,
): Promise<Added> {
  const added: Added = { exitCode: EXIT_DONE, foreign: 0, written: 0 };
  const decoder = new TextDecoder();
  for (const section of sections) {
    const lines = section.lines();
    while (true) {
      const next = await lines.next().catch((error: unknown) => {
        sayError(error, isDebug);
        added.exitCode = Math.max(added.exitCode, exitCodeOf(error), EXIT_FAILED);
        return { done: true, value: undefined } as const;
      });
      if (next.done) break;
      const line = decoder.decode(next.value);
      const record = parseLine(line);
      if (record === undefined) added.foreign++;
      else if (isWanted(record, filter)) {
        added.written++;
        exporter.add(record, line);
      }
    }
  }
  return added;
}

/** Nobody should take the file for more than it is. */
function sayLeftOut({ gapsLeftOut, mergeCounts }: Exporter, foreign: number): void {
  const say = (text: string) => console.error(`wifilogger: ${text}`);
  sayForeign(foreign);
  if (gapsLeftOut > 0) {
    const what = countText(gapsLeftOut, "gap record");
    say(`this format has no place for gaps: ${what} left out. See: wifilogger tail`);
  }
  if (mergeCounts === undefined) return;
  const { begunBefore, goingOn, pushedOut } = mergeCounts;
  if (begunBefore > 0) {
    say(`${countText(begunBefore, "flow")} began before these records, and count from there on`);
  }
  if (goingOn > 0) {
    say(`${countText(goingOn, "flow")} did not end within these records, and count up to there`);
  }
  if (pushedOut > 0) {
    say(
      `${
        countText(pushedOut, "line")
      } written before the flow's end, to save memory; sums are right`,
    );
  }
}
