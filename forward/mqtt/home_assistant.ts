/**
 * The logger as a device of Home Assistant, over a connection of its own: what becomes of it is nothing to the records.
 * Devices are announced when it connects and whenever Home Assistant starts; figures follow every half minute.
 */

import { escapeText } from "../../record/escape_text.ts";
import { askStatus, NoLoggerError } from "../../service/control/control_client.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";
import type { Say } from "../../service/program/diagnostics.ts";
import type { OutputUrl } from "../../service/settings/output_url.ts";
import { BackOff } from "../../system/back_off.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import {
  BIRTH_TOPIC,
  configTopic,
  deviceConfig,
  deviceId,
  loggerConfig,
  loggerId,
  type SiteTopics,
  siteTopics,
} from "../home_assistant/discovery.ts";
import { deviceState, gapEvent, loggerState } from "../home_assistant/state_values.ts";
import type { OutputState } from "../progress/progress.ts";
import type { TalliedLog } from "../tally/tallied_log.ts";
import { type BrokerConnection, connectBroker } from "./broker_connection.ts";

/** What Home Assistant is told by. */
export interface HomeAssistantOptions {
  readonly url: OutputUrl;
  readonly site: string;
  readonly controlSocketPath: string;
  readonly states: () => readonly OutputState[];
  readonly log: TalliedLog;
  readonly clock: Clock;
  readonly say: Say;
  /** How often figures are told. @default 30,000 */
  readonly tellMs?: number;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** Whoever it tells that it has started waits up to so long, lest all answer at once. */
const BIRTH_DELAY_MS = 2000;

/** Tells Home Assistant until `stop`; a broker that is away is asked again. Never throws. */
export async function tellHomeAssistant(
  options: HomeAssistantOptions,
  stop: AbortSignal,
): Promise<void> {
  const { url, say } = options;
  const backOff = new BackOff({
    firstMs: FIRST_RETRY_MS,
    maxMs: LONGEST_RETRY_MS,
    random: Math.random,
  });
  let said: string | undefined;
  while (!stop.aborted) {
    try {
      await using told = await Told.open(options, stop);
      backOff.reset();
      said = undefined;
      await told.run(stop);
    } catch (error) {
      if (stop.aborted) return;
      const message = escapeText((error as Error).message);
      if (message !== said) say("warning", "forward", `Home Assistant by ${url.name}: ${message}`);
      said = message;
      await sleep(backOff.next(), stop);
    }
  }
}

/** What was told over one connection. */
class Told implements AsyncDisposable {
  readonly #options: HomeAssistantOptions;
  readonly #connection: BrokerConnection;
  readonly #topics: SiteTopics;
  /** The discovery messages that were sent, by topic. */
  readonly #announced = new Map<string, string>();
  #isBorn = false;
  #isEnded = false;
  #wake = new AbortController();

  private constructor(options: HomeAssistantOptions, connection: BrokerConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#topics = siteTopics(options.site);
  }

  static async open(options: HomeAssistantOptions, stop: AbortSignal): Promise<Told> {
    const { availability } = siteTopics(options.site);
    const connection = await connectBroker(options.url, {
      clientId: `wifilogger-${options.site}-home-assistant`,
      will: { topic: availability, payload: "offline" },
    });
    const told = new Told(options, connection);
    connection.client.on("message", (_topic, payload) => {
      if (payload.toString() !== "online") return;
      told.#isBorn = true;
      told.#wake.abort();
    });
    try {
      await connection.waitFor(connection.client.subscribeAsync(BIRTH_TOPIC, { qos: 1 }), stop);
      return told;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Tells until `stop`. @throws {Error} when the connection ends, or the log cannot be read */
  async run(stop: AbortSignal): Promise<void> {
    const { tellMs = 30_000 } = this.#options;
    this.#connection.client.on("close", () => this.#wake.abort());
    while (!stop.aborted) {
      if (this.#isBorn) await sleep(Math.random() * BIRTH_DELAY_MS, stop);
      if (this.#isBorn) this.#announced.clear();
      this.#isBorn = false;
      this.#wake = new AbortController();
      await this.#connection.waitFor(this.#tell(), stop);
      await sleep(tellMs, AbortSignal.any([stop, this.#wake.signal]));
    }
  }

  async #tell(): Promise<void> {
    const { url, site, log, states, clock } = this.#options;
    await log.refresh();
    const status = await this.#status();
    await this.#announce(loggerId(site), loggerConfig(site));
    const isOutputFailing = states().some(({ failure }) => failure !== undefined);
    const { tally } = log;
    const nowMs = clock.wallMs();
    await this.#publish(
      this.#topics.state,
      loggerState({ status, tally, isOutputFailing, nowMs }),
    );
    for (const gap of log.takeGaps()) {
      await this.#send(this.#topics.gaps, JSON.stringify(gapEvent(gap)), { retain: false });
    }
    if (url.options["home-assistant"] === "devices") await this.#tellDevices();
    await this.#send(this.#topics.availability, "online");
  }

  async #tellDevices(): Promise<void> {
    const { site, log } = this.#options;
    for (const device of log.tally.devices) {
      const { mac } = device;
      if (mac === undefined) continue;
      const id = deviceId(mac);
      await this.#announce(`${loggerId(site)}_${id}`, deviceConfig(site, { ...device, mac }));
      await this.#publish(this.#topics.device(id), deviceState(device));
    }
  }

  /** Once, and again when it has become another, such as one with a name. */
  async #announce(id: string, config: Record<string, unknown>): Promise<void> {
    const text = JSON.stringify(config);
    const topic = configTopic(id);
    if (this.#announced.get(topic) === text) return;
    await this.#send(topic, text);
    this.#announced.set(topic, text);
  }

  async #publish(topic: string, value: Record<string, unknown>): Promise<void> {
    await this.#send(topic, JSON.stringify(value));
  }

  /** What is still being told as it ends must not follow the word that it has ended. */
  async #send(topic: string, text: string, { retain = true } = {}): Promise<void> {
    if (this.#isEnded) throw new Error("stopped");
    await this.#connection.client.publishAsync(topic, text, { qos: 1, retain });
  }

  async #status(): Promise<LoggerStatus | undefined> {
    try {
      return await askStatus(this.#options.controlSocketPath);
    } catch (error) {
      if (error instanceof NoLoggerError) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    await this.#connection.close();
  }
}
