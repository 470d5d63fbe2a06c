/** The forwarder: a pump for each output, at its own pace, and who shows sums of the log, until it is stopped. */

import { recordIdentity } from "../record/record_identity.ts";
import type { Say } from "../service/program/diagnostics.ts";
import type { OutputUrl } from "../service/settings/output_url.ts";
import type { Settings } from "../service/settings/settings.ts";
import { LogFollower, type LogPosition } from "../storage/log_follower.ts";
import type { Clock } from "../system/clock.ts";
import { osReason } from "../system/files/os_error.ts";
import type { Output } from "./outputs/output.ts";
import { ForwarderRunsError, takeForwarderLock } from "./progress/forwarder_lock.ts";
import {
  forgetOtherOutputs,
  type OutputState,
  Progress,
  progressDir,
  type ProgressPlace,
} from "./progress/progress.ts";
import { unseenDays } from "./progress/unseen_days.ts";
import { Pump } from "./pump.ts";

/** What a forwarder needs. */
export interface ForwarderOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly say: Say;
}

/** Sends what the log has, and what comes, to every output, and serves the metrics that are set, until `stop`. @throws {Error} when another one does */
export async function runForwarder(options: ForwarderOptions, stop: AbortSignal): Promise<void> {
  const { settings, clock, say } = options;
  const place: ProgressPlace = {
    ramDir: settings.forwardDir,
    cardDir: progressDir(settings.archiveDir),
    cardIntervalMs: settings.flushIntervalMs,
    clock,
    warn: (message) => say("warning", "forward", message),
  };
  const site = siteOf(settings);
  using _lock = await lockIfPossible(place);
  await forgetOtherOutputs(settings.forwardDir, settings.forward);
  const pumps = await Promise.all(settings.forward.map(async (url) => {
    const progress = await Progress.open(place, url);
    const follower = await followerOf(settings, progress.position);
    const output = await openOutput(url, site);
    say("info", "forward", `sends to ${output.name} as ${site}`);
    const { position } = progress;
    const missedDays = position === undefined
      ? []
      : await unseenDays(settings.archiveDir, position);
    return new Pump({ output, follower, progress, missedDays, site, clock, say });
  }));
  const states = () => pumps.map(({ state }) => state);
  await Promise.all([
    ...pumps.map((pump) => pump.run(stop)),
    ...await startReaders(options, states, stop),
    ...await startTelling(options, site, stop),
  ]);
}

/** A folder that cannot be written to is said, and costs only what is noted there. @throws {ForwarderRunsError} */
async function lockIfPossible({ ramDir, warn }: ProgressPlace): Promise<Disposable | undefined> {
  try {
    return await takeForwarderLock(ramDir);
  } catch (error) {
    if (error instanceof ForwarderRunsError) throw error;
    warn(`writing to ${ramDir}: ${osReason(error)}. Set WIFILOGGER_FORWARD_DIR to a folder in RAM`);
    return undefined;
  }
}

/** What shows sums of the log: the metrics and Home Assistant, where they are set. */
async function startReaders(
  { settings, clock, say }: ForwarderOptions,
  states: () => OutputState[],
  stop: AbortSignal,
): Promise<Promise<void>[]> {
  const { metricsListen: listen, metricsToken: token, controlSocketPath } = settings;
  const homes = settings.forward.filter(({ options }) =>
    (options["home-assistant"] ?? "off") !== "off"
  );
  if (listen === undefined && homes.length === 0) return [];
  const { TalliedLog } = await import("./tally/tallied_log.ts");
  const common = { controlSocketPath, states, clock, say };
  const readers: Promise<void>[] = [];
  if (listen !== undefined) {
    const { serveMetrics } = await import("./metrics/metrics_server.ts");
    const log = new TalliedLog(settings, clock);
    readers.push(serveMetrics({ ...common, listen, token, log }, stop));
  }
  for (const url of homes) {
    const { tellHomeAssistant } = await import("./mqtt/home_assistant.ts");
    const log = new TalliedLog(settings, clock);
    readers.push(tellHomeAssistant({ ...common, url, site: siteOf(settings), log }, stop));
  }
  return readers;
}

/** What tells what is new, where it is set. */
async function startTelling(
  { settings, clock, say }: ForwarderOptions,
  site: string,
  stop: AbortSignal,
): Promise<Promise<void>[]> {
  if (settings.tell.length === 0) return [];
  const { tellNews } = await import("./telling/tell_news.ts");
  return [tellNews({ settings, site, clock, say }, stop)];
}

/**
 * Takes back from every broker that is set what it keeps of this site.
 *
 * @returns the topics that were removed, by the broker's name
 * @throws {SendFailure} why one cannot be asked
 */
export async function forgetSites(settings: Settings): Promise<Map<string, string[]>> {
  const { forgetSite } = await import("./mqtt/forget.ts");
  const removed = new Map<string, string[]>();
  for (const url of settings.forward.filter(({ kind }) => kind === "mqtt")) {
    try {
      removed.set(url.name, await forgetSite(url, siteOf(settings)));
    } catch (cause) {
      throw new Error(`asking ${url.name} to forget: ${(cause as Error).message}`, { cause });
    }
  }
  return removed;
}

/** What this logger is called in what is sent. */
export function siteOf({ site }: Settings): string {
  return site ?? Deno.hostname();
}

async function followerOf(
  { ramLogPath, archiveDir, forwardSince }: Settings,
  position: LogPosition | undefined,
): Promise<LogFollower> {
  const follower = new LogFollower({
    ramLogPath,
    archiveDir,
    identityOf: recordIdentity,
    position,
  });
  if (position !== undefined || forwardSince === "all") return follower;
  if (forwardSince === "now") (await follower.start())[Symbol.dispose]();
  else await follower.passOverDaysBefore(forwardSince);
  return follower;
}

/** Each loads its part of the program on demand. */
async function openOutput(url: OutputUrl, site: string): Promise<Output> {
  switch (url.kind) {
    case "http":
      return (await import("./http/http_output.ts")).httpOutput(url);
    case "loki":
      return (await import("./http/loki_output.ts")).lokiOutput(url, Deno.hostname());
    case "mqtt":
      return (await import("./mqtt/mqtt_output.ts")).mqttOutput(url, site);
  }
}
