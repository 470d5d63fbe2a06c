/** Which interfaces to listen on. */

import { type Clock, sleep } from "../../system/clock.ts";
import { CaptureError } from "../../system/capture_error.ts";
import { FlushError } from "../../storage/flush/flush_report.ts";
import { moveLeftOver } from "../log/counted_wear.ts";
import type { Say } from "../program/diagnostics.ts";
import { defaultInterface } from "../../system/network_interfaces.ts";
import type { ServiceManager } from "../../system/service_manager.ts";
import type { Settings } from "../settings/settings.ts";

/** What the choice depends on. */
export interface InterfaceChoice {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly say: Say;
  /** With one, a default route is waited for. */
  readonly manager?: ServiceManager;
  /** Told once what is waited for, if anything is. */
  readonly onWait?: (what: string) => Promise<void>;
}

const POLL_MS = 1000;

/**
 * The interfaces that are set, or else the one of the default route. A service starts before the network does, and
 * waits for that route; `undefined` when `stop` was aborted meanwhile.
 *
 * @throws {CaptureError} `no_such_interface` when there is none and nobody waits
 */
export async function chooseInterfaces(
  { settings, clock, say, manager, onWait }: InterfaceChoice,
  stop: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (settings.interfaces.length > 0) return settings.interfaces;
  if (manager === undefined) return [defaultInterface()];
  const found = interfaceOfRoute();
  if (found !== undefined) return [found];

  say("info", "capture", "there is no default route; waiting for one");
  await saveLeftOver({ settings, clock, say });
  const what = "a default route";
  await onWait?.(what);
  const state = `waiting for ${what}`;
  manager.ready(state);
  while (!stop.aborted) {
    manager.beat(state, "name an interface with WIFILOGGER_INTERFACE to listen on another");
    await sleep(POLL_MS, stop);
    const name = interfaceOfRoute();
    if (name !== undefined) return [name];
  }
  return undefined;
}

/** What a killed logger left must not lie in RAM for as long as the wait takes. */
async function saveLeftOver(
  { settings, clock, say }: Omit<InterfaceChoice, "manager">,
): Promise<void> {
  const warn = (message: string) => say("warning", "log", message);
  try {
    await moveLeftOver(settings, { clock, warn });
  } catch (error) {
    if (!(error instanceof FlushError)) throw error;
    warn(error.message);
  }
}

/** The interface of the default route; `undefined` when there is none. */
export function interfaceOfRoute(): string | undefined {
  try {
    return defaultInterface();
  } catch (error) {
    if (error instanceof CaptureError && error.kind === "no_such_interface") return undefined;
    throw error;
  }
}
