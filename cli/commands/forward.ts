/** `wifilogger forward`: sends the log on and serves metrics, until it is told to stop. */

import { forgetSites, runForwarder } from "../../forward/forwarder.ts";
import { isForwarderRunning } from "../../forward/progress/forwarder_lock.ts";
import { escapeText } from "../../record/escape_text.ts";
import { countText } from "../../service/program/count_text.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import { SettingError } from "../../service/settings/setting_error.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { sleep, systemClock } from "../../system/clock.ts";
import { SpareMemory } from "../../system/spare_memory.ts";
import { expectNoPositional, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE } from "../usage/exit_error.ts";
import { stopOnSignals } from "../usage/stop_on_signals.ts";
import { settingsFrom } from "../usage/setting_flags.ts";

/** How often it is looked whether there is much spare memory, and after how many looks it is let go of anyway. */
const RELEASE_LOOK_MS = 1000;
const RELEASE_LOOKS = 60;

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
    releaseSpareMemory(stop),
  ]);
  return EXIT_DONE;
}

/** As the logger does: most of the program's file was touched by the start alone. */
async function releaseSpareMemory(stop: AbortSignal): Promise<void> {
  const spare = new SpareMemory();
  for (let looks = 0; !stop.aborted; looks++) {
    if (looks % RELEASE_LOOKS === 0) spare.release();
    else spare.releaseIfGrown();
    await sleep(RELEASE_LOOK_MS, stop);
  }
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
