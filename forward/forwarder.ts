/** The forwarder: a pump for each output, at its own pace, until it is stopped. */

import { recordIdentity } from "../record/record_identity.ts";
import type { Say } from "../service/program/diagnostics.ts";
import type { OutputUrl } from "../service/settings/output_url.ts";
import type { Settings } from "../service/settings/settings.ts";
import { LogFollower, type LogPosition } from "../storage/log_follower.ts";
import type { Clock } from "../system/clock.ts";
import type { Output } from "./outputs/output.ts";
import { Progress, progressDir, type ProgressPlace } from "./progress/progress.ts";
import { Pump } from "./pump.ts";

/** What a forwarder needs. */
export interface ForwarderOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly say: Say;
}

/** Sends what the log has, and what comes, to every output, until `stop`. */
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
  const pumps = settings.forward.map(async (url) => {
    const progress = await Progress.open(place, url);
    const follower = await followerOf(settings, progress.position);
    const output = await openOutput(url, site);
    say("info", "forward", `sends to ${output.name} as ${site}`);
    await new Pump({ output, follower, progress, site, clock, say }).run(stop);
  });
  const tells = settings.tell.length === 0
    ? undefined
    : (await import("./telling/tell_news.ts")).tellNews({ settings, site, clock, say }, stop);
  await Promise.all([...pumps, tells]);
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
