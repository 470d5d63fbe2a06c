/** `wifilogger --flush-now`: moves the RAM log to the archive, by the running logger or, with none, itself. */

import { systemClock } from "../../system/clock.ts";
import { countText } from "../../service/program/count_text.ts";
import { askFlush, NoLoggerError } from "../../service/control/control_client.ts";
import { moveLeftOver } from "../../service/log/counted_wear.ts";
import type { Settings } from "../../service/settings/settings.ts";
import type { FlushReport } from "../../storage/flush/flush_report.ts";
import { expectNoPositional, readArguments } from "../usage/arguments.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { escapeText } from "../../record/escape_text.ts";
import { logSettingsFrom } from "../usage/setting_flags.ts";

/** Flushes and prints what was moved. @returns the exit code */
export async function flushNow(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.flushNow, argv);
  expectNoPositional(args);
  printReport(await flush(logSettingsFrom(args)));
  return EXIT_DONE;
}

async function flush(settings: Settings): Promise<FlushReport | undefined> {
  try {
    return await askFlush(settings.controlSocketPath);
  } catch (error) {
    if (error instanceof NoLoggerError) {
      return await moveLeftOver(settings, { clock: systemClock, warn });
    }
    throw new Error(
      `cannot ask the running logger to flush: ${(error as Error).message}. ` +
        `Ask it as root or as a member of its group`,
      { cause: error },
    );
  }
}

function warn(message: string): void {
  console.error(`wifilogger: warning: ${escapeText(message)}`);
}

function printReport(report: FlushReport | undefined): void {
  if (report === undefined || report.records === 0) {
    console.log("nothing to flush");
    return;
  }
  for (const { path, records, bytes } of report.files) {
    console.log(`flushed ${countText(records, "record")} (${formatBytes(bytes)}) to ${path}`);
  }
}
