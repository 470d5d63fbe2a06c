/** Telling what is new: the log is watched, and each telling goes to every receiver, later where one is away. */

import { NewsWatch } from "../../news/telling/news_watch.ts";
import { escapeText } from "../../record/escape_text.ts";
import type { Say } from "../../service/program/diagnostics.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { BackOff } from "../../system/back_off.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import { loggerLines } from "./logger_lines.ts";
import { openReceiver } from "./open_receiver.ts";
import type { Receiver } from "./receiver.ts";
import { type ReceiverState, writeTellStates } from "./tell_state.ts";

/** What telling needs. */
export interface TellOptions {
  readonly settings: Settings;
  readonly site: string;
  readonly clock: Clock;
  readonly say: Say;
}

/** How often it is looked whether something came. */
const LOOK_MS = 5000;
const FIRST_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** The same of a log that cannot be read, or a card that cannot be written to. */
const LONGEST_FAULT_MS = 60_000;

function newBackOff(maxMs: number): BackOff {
  return new BackOff({ firstMs: FIRST_RETRY_MS, maxMs, random: Math.random });
}

/** Tells until `stop`. Never throws. */
export async function tellNews(options: TellOptions, stop: AbortSignal): Promise<void> {
  const { settings, say } = options;
  const receivers = await Promise.all(
    settings.tell.map((url) => openReceiver(url, { ...options, secret: settings.tellSecret })),
  );
  say("info", "tell", `tells ${receivers.map(({ name }) => name).join(", ")} what is new`);
  let said = "";
  const backOff = newBackOff(LONGEST_FAULT_MS);
  const failed = (error: unknown) => {
    const message = escapeText((error as Error).message);
    if (message !== said) say("warning", "tell", message);
    said = message;
  };
  let watch: NewsWatch | undefined;
  let deliveries: Delivery[] = [];
  let [noted, noting] = ["", Promise.resolve()];
  const note = () => {
    noting = noting.then(async () => {
      const states = deliveries.map(({ state }) => state);
      const text = JSON.stringify(states);
      if (text === noted) return;
      noted = text;
      // Without it, telling goes on: `status` says less.
      await writeTellStates(settings.forwardDir, states).catch(failed);
    });
  };
  while (!stop.aborted) {
    try {
      if (watch === undefined) {
        const opened = await openWatch(options, receivers);
        const mayHave = new Set(opened.outbox.map(({ telling }) => telling.id));
        deliveries = receivers.map((receiver) =>
          new Delivery(options, { receiver, watch: opened, mayHave, changed: note })
        );
        watch = opened;
      }
      await watch.look();
      said = "";
      backOff.reset();
      for (const delivery of deliveries) delivery.goOn(stop);
      note();
      await sleep(LOOK_MS, stop);
    } catch (error) {
      failed(error);
      // Whatever it has read of the log by then: it reads it anew.
      watch = undefined;
      await Promise.all(deliveries.map(({ done }) => done));
      await sleep(backOff.next(), stop);
    }
  }
  await Promise.all(deliveries.map(({ done }) => done));
  await noting;
  for (const receiver of receivers) receiver.close();
}

async function openWatch(
  { settings, clock, say }: TellOptions,
  receivers: readonly Receiver[],
): Promise<NewsWatch> {
  const { ramLogPath, archiveDir, learningMs, limits, billingDay, tellDigest } = settings;
  return await NewsWatch.open({
    place: { ramLogPath, archiveDir },
    clock,
    learningMs,
    limits,
    billingDay,
    digest: tellDigest,
    receivers: receivers.map(({ name }) => name),
    stateLines: () => loggerLines(settings.controlSocketPath),
    warn: (message) => say("warning", "tell", escapeText(message)),
  });
}

/** What a delivery needs. */
interface DeliveryOptions {
  readonly receiver: Receiver;
  readonly watch: NewsWatch;
  /** Tellings that an earlier process may have sent. */
  readonly mayHave: ReadonlySet<string>;
  /** Called when its state may have changed. */
  readonly changed: () => void;
}

/** What goes to one receiver: one telling at a time, in order. */
class Delivery {
  readonly #options: TellOptions;
  readonly #receiver: Receiver;
  readonly #watch: NewsWatch;
  readonly #mayHave: ReadonlySet<string>;
  readonly #changed: () => void;
  readonly #tried = new Set<string>();
  readonly #backOff = newBackOff(LONGEST_RETRY_MS);
  #nextMs = -Infinity;
  #failure: ReceiverState["failure"];
  #told = 0;
  #lastTold: string | undefined;
  #isUnderWay = false;
  /** Resolves when nothing is under way. */
  done: Promise<void> = Promise.resolve();

  constructor(options: TellOptions, { receiver, watch, mayHave, changed }: DeliveryOptions) {
    this.#options = options;
    this.#receiver = receiver;
    this.#watch = watch;
    this.#mayHave = mayHave;
    this.#changed = changed;
  }

  get state(): ReceiverState {
    const { name } = this.#receiver;
    return {
      receiver: name,
      told: this.#told,
      waiting: this.#watch.outbox.filter(({ to }) => to.includes(name)).length,
      lastTold: this.#lastTold,
      failure: this.#failure,
    };
  }

  /** Begins to send what waits, where nothing is under way and it is time. */
  goOn(stop: AbortSignal): void {
    if (this.#isUnderWay || this.#options.clock.monotonicMs() < this.#nextMs) return;
    this.#isUnderWay = true;
    this.done = this.#send(stop).finally(() => {
      this.#isUnderWay = false;
      this.#changed();
    });
  }

  async #send(stop: AbortSignal): Promise<void> {
    const { clock, say } = this.#options;
    const { name } = this.#receiver;
    try {
      for (const { telling, to } of this.#watch.outbox) {
        if (!to.includes(name)) continue;
        const mayHaveIt = this.#mayHave.has(telling.id) || this.#tried.has(telling.id);
        this.#tried.add(telling.id);
        await this.#receiver.tell(telling, { mayHaveIt, stop });
        this.#tried.delete(telling.id);
        this.#told++;
        this.#lastTold = this.#now();
        await this.#watch.delivered(telling.id, name);
      }
      if (this.#failure !== undefined) say("info", "tell", `${name}: goes on`);
      [this.#failure, this.#nextMs] = [undefined, -Infinity];
      this.#backOff.reset();
    } catch (error) {
      if (stop.aborted) return;
      const message = escapeText((error as Error).message);
      if (message !== this.#failure?.message) {
        say("warning", "tell", `${name}: ${message}. What is new is told later`);
      }
      this.#failure = { message, since: this.#failure?.since ?? this.#now() };
      this.#nextMs = clock.monotonicMs() + this.#backOff.next();
    }
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }
}
