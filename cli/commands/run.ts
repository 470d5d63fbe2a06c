/** `wifilogger run`: captures until it is told to stop. */

import { systemClock } from "../../system/clock.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { runLogger } from "../../service/logger.ts";
import { ServiceManager } from "../../system/service_manager.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED } from "../usage/exit_error.ts";
import { LinePrinter } from "../text/line_printer.ts";
import { recordText } from "../text/record_text.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

const FORMATTERS = {
  text: (line: string) => recordText(JSON.parse(line)),
  json: (line: string) => line.trimEnd(),
  none: undefined,
};

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
  await runLogger({
    settings,
    say: sayOnStderr(),
    onLine: formatLine && ((line) => printer.print(formatLine(line))),
    manager: ServiceManager.of(Deno.env.toObject(), systemClock),
    quietAdvice: Deno.build.standalone ? undefined : DEMO_ADVICE,
  }, stop);
  await printer.finish();
  return EXIT_DONE;
}

/** SIGTERM or SIGINT asks it to stop in order. A second one ends it at once: what is in the RAM log stays there. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (stop.signal.aborted) Deno.exit(EXIT_FAILED);
      stop.abort();
    });
  }
  return stop.signal;
}
