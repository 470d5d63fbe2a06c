/**
 * One output's way through the log: read a portion, send it in batches, note how far it has come; at least once, in
 * order. What cannot be sent stays where it is, in the log.
 */

import { escapeText } from "../record/escape_text.ts";
import { countText } from "../service/program/count_text.ts";
import type { Say } from "../service/program/diagnostics.ts";
import type { LogFollower, LogPosition } from "../storage/log_follower.ts";
import { BackOff } from "../system/back_off.ts";
import { type Clock, sleep } from "../system/clock.ts";
import { Delivery, type Step } from "./delivery.ts";
import { droppedDay, outgoing } from "./outgoing.ts";
import type { OutgoingRecord, Output, SendFailure } from "./outputs/output.ts";
import type { OutputState, Progress } from "./progress/progress.ts";

/** What a pump needs. */
export interface PumpOptions {
  readonly output: Output;
  readonly follower: LogFollower;
  readonly progress: Progress;
  /** Days that the archive dropped before this start, unread. */
  readonly missedDays: readonly string[];
  readonly site: string;
  readonly clock: Clock;
  readonly say: Say;
  /** How often it is looked whether something came. @default 2000 */
  readonly lookMs?: number;
}

/** Characters that are read at once: nothing of the log stays open while they are sent. */
const PORTION_CHARS = 3_000_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 3600_000;
/** How long the last look may take. */
const LAST_LOOK_MS = 3000;

/**
 * What is sent together, and how far the log is read with it. Lines become records when it is their turn: as records, a
 * portion would hold ten times the memory.
 */
interface Batch {
  /** Days that the archive dropped before they were sent, then lines of the log. */
  readonly missedDays: readonly string[];
  readonly lines: readonly string[];
  readonly position: LogPosition;
}

/** Sends what comes until it is stopped. */
export class Pump {
  readonly #options: PumpOptions;
  #sent = 0;
  #refused = 0;
  #failures = 0;
  #foreign = 0;
  #lastSent: string | undefined;
  #oldestUnsent: string | undefined;
  #failure: OutputState["failure"];
  /** Told with the first portion. */
  #missedDays: readonly string[];

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#missedDays = options.missedDays;
  }

  /** How it goes. */
  get state(): OutputState {
    return {
      output: this.#options.output.name,
      pid: Deno.pid,
      sent: this.#sent,
      refused: this.#refused,
      failures: this.#failures,
      foreign: this.#foreign,
      lastSent: this.#lastSent,
      oldestUnsent: this.#oldestUnsent,
      failure: this.#failure,
    };
  }

  /** Runs until `stop`, then looks once more: the logger, which stops first, has written its last lines. Never throws. */
  async run(stop: AbortSignal): Promise<void> {
    const { output, progress, lookMs = 2000 } = this.#options;
    await this.#save();
    while (!stop.aborted) {
      const isMore = await this.#readAndSend(stop);
      if (!isMore) await sleep(lookMs, stop);
    }
    const isHealthy = this.#failure === undefined && this.#oldestUnsent === undefined;
    if (isHealthy) await this.#readAndSend(AbortSignal.timeout(LAST_LOOK_MS));
    await progress.saveOnCard();
    await output.close();
  }

  /** @returns whether there may be more at once */
  async #readAndSend(stop: AbortSignal): Promise<boolean> {
    const { follower, output, say } = this.#options;
    let portion: { batches: Batch[]; isMore: boolean };
    try {
      portion = await this.#read();
    } catch (error) {
      say("warning", "forward", escapeText(`${output.name}: ${(error as Error).message}`));
      await sleep(LONGEST_RETRY_MS, stop);
      return false;
    }
    for (const batch of portion.batches) {
      const records = this.#recordsOf(batch);
      this.#oldestUnsent = records[0]?.record["@timestamp"];
      if (!await this.#deliver(records, stop)) return false;
      const { position } = batch;
      await this.#save(position);
    }
    this.#oldestUnsent = undefined;
    await this.#save(follower.position());
    return portion.isMore;
  }

  /** The next portion of the log in batches. */
  async #read(): Promise<{ batches: Batch[]; isMore: boolean }> {
    const { follower, output } = this.#options;
    const batches: Batch[] = [];
    let missedDays = [...this.#missedDays];
    let lines: string[] = [];
    let [chars, allChars] = [0, 0];
    const endBatch = () => {
      if (missedDays.length + lines.length > 0) {
        batches.push({ missedDays, lines, position: follower.position() });
      }
      [missedDays, lines, chars] = [[], [], 0];
    };
    for await (const line of follower.lines()) {
      missedDays.push(...follower.takeMissedDays());
      lines.push(line);
      chars += line.length;
      allChars += line.length;
      if (lines.length >= output.batchRecords || chars >= output.batchChars) endBatch();
      if (allChars >= PORTION_CHARS) break;
    }
    missedDays.push(...follower.takeMissedDays());
    endBatch();
    this.#missedDays = [];
    return { batches, isMore: allChars >= PORTION_CHARS };
  }

  #recordsOf({ missedDays, lines }: Batch): OutgoingRecord[] {
    const { site } = this.#options;
    const records = missedDays.map((day) => droppedDay(day, site));
    for (const line of lines) {
      const record = outgoing(line, site);
      if (record === undefined) this.#foreign++;
      else records.push(record);
    }
    return records;
  }

  /** Sends until all is taken, or left out for good. @returns false when it was stopped before */
  async #deliver(records: readonly OutgoingRecord[], stop: AbortSignal): Promise<boolean> {
    const { output, site } = this.#options;
    const delivery = new Delivery(records, site);
    const backOff = new BackOff({
      firstMs: FIRST_RETRY_MS,
      maxMs: LONGEST_RETRY_MS,
      random: Math.random,
    });
    while (!delivery.isDone) {
      if (stop.aborted) return false;
      try {
        this.#note(await delivery.step(output, stop));
      } catch (error) {
        if (stop.aborted) return false;
        const { retryAfterMs = 0 } = error as SendFailure;
        const after = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
        const pauseMs = Math.max(after, backOff.next());
        await this.#failed(error as SendFailure, pauseMs);
        await sleep(pauseMs, stop);
      }
    }
    this.#recovered();
    return true;
  }

  #note({ taken, leftOut }: Step): void {
    const { output, say } = this.#options;
    this.#sent += taken;
    if (taken > 0) this.#lastSent = this.#now();
    if (leftOut === undefined) return;
    this.#refused += leftOut.count;
    say(
      "warning",
      "forward",
      escapeText(
        `${output.name} does not take ${countText(leftOut.count, "record")}: ${leftOut.why}`,
      ),
    );
  }

  async #failed(failure: SendFailure, pauseMs: number): Promise<void> {
    const { output, clock, say } = this.#options;
    const message = escapeText(failure.message);
    if (this.#failure?.message !== message) {
      say("warning", "forward", `${output.name}: ${message}. Records wait in the log`);
    }
    this.#failures++;
    this.#failure = {
      kind: failure.kind,
      message,
      since: this.#failure?.since ?? this.#now(),
      next: new Date(clock.wallMs() + pauseMs).toISOString(),
    };
    await this.#save();
  }

  #recovered(): void {
    const { output, say } = this.#options;
    if (this.#failure !== undefined) say("info", "forward", `${output.name}: goes on`);
    this.#failure = undefined;
  }

  async #save(position?: LogPosition): Promise<void> {
    await this.#options.progress.save(this.state, position);
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }
}
