/** `wifilogger metrics`: the running logger's figures as Prometheus reads them. */

import { askMetrics } from "../../service/control/asked_metrics.ts";
import { METRICS_FORMATS, renderMetrics } from "../../service/metrics/metrics_text.ts";
import { openOutputFile } from "../text/output_file.ts";
import { sayError } from "../text/say_error.ts";
import { writeBytesOut } from "../text/standard_output.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED } from "../usage/exit_error.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/** A collector runs as another user. */
const FILE_MODE = 0o644;

/**
 * Prints or writes them. Without a logger that logs they say so, and the text is there all the same: a collector that
 * found the text of a minute ago would show a logger that is no longer there.
 *
 * @returns the exit code: 1 without a logger that logs
 */
export async function metrics(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.metrics, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", METRICS_FORMATS) ?? "prometheus";
  const { families, absence } = await askMetrics(logSettingsFrom(args).controlSocketPath);
  writeText(renderMetrics(families, format), args.value("output"));
  if (absence === undefined) return EXIT_DONE;
  sayError(absence, args.has("debug"));
  return EXIT_FAILED;
}

function writeText(text: string, path: string | undefined): void {
  const bytes = new TextEncoder().encode(text);
  if (path === undefined) {
    writeBytesOut(bytes);
    return;
  }
  using output = openOutputFile(path, { mode: FILE_MODE, isTransient: true });
  output.write(bytes);
  output.keep();
}
