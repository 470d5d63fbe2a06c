/** `GET /metrics` over TCP, for Prometheus: the logger's families, and the forwarder's own. */

import type { Say } from "../../service/program/diagnostics.ts";
import { escapeText } from "../../record/escape_text.ts";
import { askMetrics } from "../../service/control/asked_metrics.ts";
import { acceptedFormat } from "../../service/metrics/accepted_format.ts";
import type { MetricFamily } from "../../service/metrics/metric_family.ts";
import { METRICS_CONTENT_TYPES, renderMetrics } from "../../service/metrics/metrics_text.ts";
import type { Secret } from "../../service/settings/secret.ts";
import type { ListenAddress } from "../../service/settings/setting_types.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import { osReason } from "../../system/files/os_error.ts";
import { keepServing } from "../../system/gate/kept_server.ts";
import { cpuSeconds } from "../../system/process_cpu.ts";
import type { OutputState } from "../progress/progress.ts";
import type { TalliedLog } from "../tally/tallied_log.ts";
import { deviceMetrics, outputMetrics, processMetrics } from "./forwarder_metrics.ts";

/** What is served, where and to whom. */
export interface MetricsOptions {
  readonly listen: ListenAddress;
  /** What a client must show; `undefined`: nothing. */
  readonly token: Secret | undefined;
  readonly controlSocketPath: string;
  readonly states: () => readonly OutputState[];
  readonly log: TalliedLog;
  readonly clock: Clock;
  readonly say: Say;
}

/** An address that somebody else listens on may be free later. */
const LISTEN_AGAIN_MS = 60_000;

/** Serves until `stop`; an address that cannot be had is said once, and tried again. Never throws. */
export async function serveMetrics(options: MetricsOptions, stop: AbortSignal): Promise<void> {
  const { listen: { hostname, port }, token, say } = options;
  const address = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const families = new Families(options);
  let isSaid = false;
  while (!stop.aborted) {
    try {
      const server = keepServing(() =>
        Deno.serve(
          { hostname, port, onListen: () => {} },
          (request) => answer(request, token, families),
        )
      );
      say("info", "metrics", `serves http://${address}/metrics`);
      if (token === undefined && !/^(127\.|::1$|localhost$)/.test(hostname)) {
        say(
          "warning",
          "metrics",
          `whoever reaches ${address} sees the devices and their bytes. Set WIFILOGGER_METRICS_TOKEN`,
        );
      }
      const stopped = Promise.withResolvers<void>();
      stop.addEventListener("abort", () => stopped.resolve(), { once: true });
      if (!stop.aborted) await stopped.promise;
      await server.shutdown();
    } catch (error) {
      const again = "Set another WIFILOGGER_METRICS_LISTEN";
      if (!isSaid) {
        say("warning", "metrics", `listening on ${address}: ${osReason(error)}. ${again}`);
      }
      isSaid = true;
      await sleep(LISTEN_AGAIN_MS, stop);
    }
  }
}

async function answer(
  request: Request,
  token: Secret | undefined,
  families: Families,
): Promise<Response> {
  if (token !== undefined && !mayAsk(request, token)) {
    return new Response("a bearer token is needed\n", {
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
  }
  if (new URL(request.url).pathname !== "/metrics") {
    return new Response("there is only /metrics here\n", { status: 404 });
  }
  if (request.method !== "GET") {
    return new Response("only GET\n", { status: 405, headers: { allow: "GET" } });
  }
  const format = acceptedFormat(request.headers.get("accept"));
  return new Response(renderMetrics(await families.gather(), format), {
    headers: { "content-type": METRICS_CONTENT_TYPES[format], vary: "accept" },
  });
}

/** Takes as long whatever the first wrong character is. */
function mayAsk(request: Request, token: Secret): boolean {
  const encoder = new TextEncoder();
  const wanted = encoder.encode(`Bearer ${token.reveal()}`);
  const shown = encoder.encode(request.headers.get("authorization") ?? "");
  let difference = wanted.length ^ shown.length;
  for (const [i, byte] of wanted.entries()) difference |= byte ^ (shown[i] ?? 0);
  return difference === 0;
}

/** Gathers what can be had; what cannot be read is said when it begins. */
class Families {
  readonly #options: MetricsOptions;
  readonly #said = new Set<string>();

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  async gather(): Promise<MetricFamily[]> {
    const { controlSocketPath, states, log, clock } = this.#options;
    const logger = await this.#unlessFailed(
      "asking the logger",
      async () => (await askMetrics(controlSocketPath)).families,
    );
    const devices = await this.#unlessFailed("reading the log", async () => {
      await log.refresh();
      return deviceMetrics(log.tally);
    });
    const figures = { residentBytes: Deno.memoryUsage().rss, cpuSeconds: cpuSeconds() };
    return [
      ...logger,
      ...processMetrics(figures),
      ...outputMetrics(states(), clock.wallMs()),
      ...devices,
    ];
  }

  async #unlessFailed(
    what: string,
    gather: () => Promise<readonly MetricFamily[]>,
  ): Promise<readonly MetricFamily[]> {
    try {
      const families = await gather();
      this.#said.delete(what);
      return families;
    } catch (error) {
      const { say } = this.#options;
      if (!this.#said.has(what)) {
        say("warning", "metrics", escapeText(`${what}: ${(error as Error).message}`));
      }
      this.#said.add(what);
      return [];
    }
  }
}
