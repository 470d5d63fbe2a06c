/** `wifilogger run`: captures until it is told to stop. */

import { systemClock } from "../../system/clock.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { isLoggerThere } from "../../service/control/control_client.ts";
import { type LoggerOptions, runLogger } from "../../service/logger.ts";
import { RamLogInUseError } from "../../storage/ram/ram_log_lock.ts";
import { CaptureError } from "../../system/capture_error.ts";
import { ServiceManager } from "../../system/service_manager.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { LinePrinter } from "../text/line_printer.ts";
import { LiveLines } from "../text/live_lines.ts";
import { recordLine } from "../text/record_row.ts";
import { standardTerminal } from "../text/terminal.ts";
import { stopOnSignals } from "../usage/stop_on_signals.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

const FORMATTERS = {
  text: textOf,
  json: (line: string) => line.trimEnd(),
  none: undefined,
};

/** Flows under way that are looked at each second: those that have moved most. */
const LIVE_FLOWS = 50;

/** What helps somebody who tries the program from its sources on a machine where nothing passes. */
const DEMO_ADVICE = "To see it at work without any network: scripts/dev.sh demo";

/** Runs the logger. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.run, argv);
  expectNoPositional(args);
  const settings = settingsFrom(args);
  const format = oneOf(args, "format", ["text", "json", "none"]) ??
    (Deno.stdout.isTerminal() ? "text" : "none");
  const formatLine = FORMATTERS[format];
  const printer = new LinePrinter();
  const stop = stopOnSignals();
  try {
    await runLogger({
      settings,
      say: sayOnStderr(),
      onLine: formatLine && ((line) => printer.print(formatLine(line))),
      onSecond: format === "text" ? liveLinesTo(printer) : undefined,
      manager: ServiceManager.of(Deno.env.toObject(), systemClock),
      quietAdvice: Deno.build.standalone ? undefined : DEMO_ADVICE,
    }, stop);
  } catch (error) {
    throw await besideAnother(error, settings.controlSocketPath);
  }
  await printer.finish();
  return EXIT_DONE;
}

function textOf(line: string): string {
  return recordLine(JSON.parse(line), standardTerminal());
}

/** Prints a line for a flow when it begins to matter, long before its first record comes. */
function liveLinesTo(printer: LinePrinter): LoggerOptions["onSecond"] {
  const live = new LiveLines();
  let isLooking = false;
  return async (flows) => {
    if (isLooking) return;
    isLooking = true;
    try {
      const text = (await Array.fromAsync(flows(LIVE_FLOWS))).join("");
      const terminal = standardTerminal();
      for (const flow of live.take(JSON.parse(text))) {
        printer.print(recordLine(flow, terminal, { isLive: true }));
      }
    } finally {
      isLooking = false;
    }
  };
}

/** Where a logger runs already, whoever was refused may look at that one instead. */
async function besideAnother(error: unknown, socketPath: string): Promise<unknown> {
  const isRefused = error instanceof RamLogInUseError ||
    error instanceof CaptureError && error.kind === "no_permission";
  if (!isRefused || !await isLoggerThere(socketPath)) return error;
  const message = `${(error as Error).message}. A logger is running already: ` +
    "see it with wifilogger tail -f, wifilogger top or wifilogger status";
  return error instanceof CaptureError
    ? new CaptureError(error.kind, message, { cause: error })
    : new Error(message, { cause: error });
}
