/** `wifilogger forward`: sends the log on and serves metrics, until it is told to stop. */

import { forgetSites, runForwarder } from "../../forward/forwarder.ts";
import { isForwarderRunning } from "../../forward/progress/forwarder_lock.ts";
import { escapeText } from "../../record/escape_text.ts";
import { countText } from "../../service/program/count_text.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { SettingError } from "../../service/settings/setting_error.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { systemClock } from "../../system/clock.ts";
import { keepReleasing } from "../../system/spare_memory.ts";
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
  if (args.has("forget")) return await forget(settings);
  const { forward: outputs, metricsListen, tell } = settings;
  if (outputs.length === 0 && tell.length === 0 && metricsListen === undefined) {
    throw new SettingError(
      "there is nowhere to send to: WIFILOGGER_FORWARD, WIFILOGGER_TELL and " +
        "WIFILOGGER_METRICS_LISTEN are not set. " +
        "Set one in ~/.env, for example WIFILOGGER_FORWARD=mqtt://HOST",
    );
  }
  const stop = stopOnSignals();
  await Promise.all([
    runForwarder({ settings, clock: systemClock, say: sayOnStderr() }, stop),
    keepReleasing(stop),
  ]);
  return EXIT_DONE;
}

/** Has brokers, and so Home Assistant, forget this site. */
async function forget(settings: Settings): Promise<number> {
  if (await isForwarderRunning(settings.forwardDir)) {
    throw new Error(
      "the forwarder is running, and would tell it all again. " +
        "Stop it first: sudo systemctl disable --now wifilogger-forward",
    );
  }
  const removed = await forgetSites(settings);
  if (removed.size === 0) {
    throw new SettingError(
      "there is no broker to forget anything: WIFILOGGER_FORWARD has no mqtt://",
    );
  }
  for (const [name, topics] of removed) {
    console.log(`${name}: removed ${countText(topics.length, "retained message")}`);
    for (const topic of topics) console.log(`  ${escapeText(topic)}`);
  }
  return EXIT_DONE;
}
