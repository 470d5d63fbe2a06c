/**
 * One output's way through the log: read a portion, send it in batches, note how far it has come; at least once, in
 * order. What cannot be sent stays where it is, in the log.
 */

import { escapeText } from "../record/escape_text.ts";
import type { Say } from "../service/program/diagnostics.ts";
import type { LogFollower, LogPosition } from "../storage/log_follower.ts";
import { type Clock, sleep } from "../system/clock.ts";
import { droppedDay, outgoing, refusedRecords } from "./outgoing.ts";
import { type OutgoingRecord, type Output, SendFailure } from "./outputs/output.ts";
import type { OutputState, Progress } from "./progress/progress.ts";

/** What a pump needs. */
export interface PumpOptions {
  readonly output: Output;
  readonly follower: LogFollower;
  readonly progress: Progress;
  readonly site: string;
  readonly clock: Clock;
  readonly say: Say;
  /** How often it is looked whether something came. @default 2000 */
  readonly lookMs?: number;
}

/** Characters that are read at once: nothing of the log stays open while they are sent. */
const PORTION_CHARS = 6_000_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 3600_000;

/** Records that are sent together, and how far the log is read with them. */
interface Batch {
  readonly records: readonly OutgoingRecord[];
  readonly position: LogPosition;
}

/** Sends what comes until it is stopped. */
export class Pump {
  readonly #options: PumpOptions;
  #sent = 0;
  #refused = 0;
  #foreign = 0;
  #lastSent: string | undefined;
  #oldestUnsent: string | undefined;
  #failure: OutputState["failure"];

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Runs until `stop`, then sends no more than a last portion. Never throws. */
  async run(stop: AbortSignal): Promise<void> {
    const { output, progress, lookMs = 2000 } = this.#options;
    await this.#save();
    while (!stop.aborted) {
      const isMore = await this.#readAndSend(stop);
      if (!isMore) await sleep(lookMs, stop);
    }
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
      return true;
    }
    for (const { records, position } of portion.batches) {
      this.#oldestUnsent = records[0].record["@timestamp"];
      if (!await this.#deliver(records, stop)) return false;
      await this.#save(position);
    }
    this.#oldestUnsent = undefined;
    await this.#save(follower.position());
    return portion.isMore;
  }

  /** The next portion of the log in batches. */
  async #read(): Promise<{ batches: Batch[]; isMore: boolean }> {
    const { follower, output, site } = this.#options;
    const batches: Batch[] = [];
    let records: OutgoingRecord[] = [];
    let [chars, allChars] = [0, 0];
    const endBatch = () => {
      if (records.length > 0) batches.push({ records, position: follower.position() });
      [records, chars] = [[], 0];
    };
    for await (const line of follower.lines()) {
      records.push(...follower.takeMissedDays().map((day) => droppedDay(day, site)));
      const record = outgoing(line, site);
      if (record === undefined) this.#foreign++;
      else records.push(record);
      chars += line.length;
      allChars += line.length;
      if (records.length >= output.batchRecords || chars >= output.batchChars) endBatch();
      if (allChars >= PORTION_CHARS) break;
    }
    records.push(...follower.takeMissedDays().map((day) => droppedDay(day, site)));
    endBatch();
    return { batches, isMore: allChars >= PORTION_CHARS };
  }

  /** Sends until all is taken, or left out for good. @returns false when it was stopped before */
  async #deliver(records: readonly OutgoingRecord[], stop: AbortSignal): Promise<boolean> {
    let waitMs = FIRST_RETRY_MS;
    let left = records;
    while (left.length > 0) {
      if (stop.aborted) return false;
      try {
        left = await this.#tryBatch(left, stop);
      } catch (error) {
        if (stop.aborted) return false;
        const failure = asFailure(error);
        const after = Math.min(failure.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
        const pauseMs = Math.max(after, waitMs * (0.8 + 0.4 * Math.random()));
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
        if (failure instanceof PartlySent) left = left.slice(failure.taken);
        await this.#failed(failure, pauseMs);
        await sleep(pauseMs, stop);
      }
    }
    this.#recovered();
    return true;
  }

  /**
   * Sends a batch, in halves where it is too large or holds what the receiver refuses. A record that is refused by
   * itself is left out when others of its batch are taken; when none is, the receiver is at fault and asked again.
   *
   * @returns what is still to be sent: nothing, or a gap that stands for what was left out
   */
  async #tryBatch(
    records: readonly OutgoingRecord[],
    stop: AbortSignal,
  ): Promise<readonly OutgoingRecord[]> {
    const { output, site, say } = this.#options;
    const leftOut: OutgoingRecord[] = [];
    let [taken, why] = [0, ""];
    let isForGood = false;
    const send = async (part: readonly OutgoingRecord[]): Promise<void> => {
      try {
        await output.send(part, stop);
        taken += part.length;
        this.#sent += part.length;
        this.#lastSent = this.#now();
      } catch (error) {
        const failure = asFailure(error);
        const mayHalve = failure.kind === "too_large" || failure.kind === "refused" ||
          failure.kind === "refused_for_good";
        if (!mayHalve) {
          if (leftOut.length > 0) throw failure;
          throw new PartlySent(failure, taken);
        }
        if (part.length > 1) {
          const middle = part.length >> 1;
          await send(part.slice(0, middle));
          await send(part.slice(middle));
          return;
        }
        leftOut.push(part[0]);
        why = failure.message;
        isForGood ||= failure.kind === "refused_for_good";
      }
    };
    await send(records);
    if (leftOut.length === 0) return [];
    if (taken === 0 && !isForGood) throw new SendFailure("refused", why);
    this.#refused += leftOut.length;
    say(
      "warning",
      "forward",
      escapeText(`${output.name} does not take ${leftOut.length} records: ${why}`),
    );
    const isOwn = leftOut.every(({ record }) =>
      record.wifilogger.flow_id.startsWith("gap-refused-")
    );
    return isOwn ? [] : [refusedRecords(leftOut, site)];
  }

  async #failed(failure: SendFailure, pauseMs: number): Promise<void> {
    const { output, clock, say } = this.#options;
    const message = escapeText(failure.message);
    if (this.#failure?.message !== message) {
      say("warning", "forward", `${output.name}: ${message}. Records wait in the log`);
    }
    this.#failure = {
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
    await this.#options.progress.save({
      output: this.#options.output.name,
      pid: Deno.pid,
      sent: this.#sent,
      refused: this.#refused,
      foreign: this.#foreign,
      lastSent: this.#lastSent,
      oldestUnsent: this.#oldestUnsent,
      failure: this.#failure,
    }, position);
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }
}

/** Of a batch in parts, so many records were taken before one failed. */
class PartlySent extends SendFailure {
  readonly taken: number;

  constructor({ kind, message, retryAfterMs }: SendFailure, taken: number) {
    super(kind, message, { retryAfterMs });
    this.taken = taken;
  }
}

function asFailure(error: unknown): SendFailure {
  if (error instanceof SendFailure) return error;
  return new SendFailure("unreachable", (error as Error).message, { cause: error });
}
