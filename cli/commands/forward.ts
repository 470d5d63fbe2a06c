/** `wifilogger forward`: sends the log on, until it is told to stop. */

import { runForwarder } from "../../forward/forwarder.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { SettingError } from "../../service/settings/setting_error.ts";
import { systemClock } from "../../system/clock.ts";
import { expectNoPositional, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { stopOnSignals } from "../usage/stop_on_signals.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

/** Runs the forwarder. @returns the exit code */
export async function forward(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.forward, argv);
  expectNoPositional(args);
  const settings = settingsFrom(args);
  if (settings.forward.length === 0 && settings.tell.length === 0) {
    throw new SettingError(
      "there is nowhere to send to: neither WIFILOGGER_FORWARD nor WIFILOGGER_TELL is set. " +
        "Set it in ~/.env, for example to mqtt://HOST",
    );
  }
  await runForwarder({ settings, clock: systemClock, say: sayOnStderr() }, stopOnSignals());
  return EXIT_DONE;
}
