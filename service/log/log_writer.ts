/**
 * Records on their way to the log: written to RAM as they come, moved to the archive now and then.
 *
 * When the RAM fills up:
 *
 * - at 70 % of what it may take, it is flushed early; while the card cannot be written, again every 10 seconds;
 * - when the RAM log takes no more, records wait here, up to 4 MiB of them;
 * - when its file system is full although everything was flushed (others fill it), they go straight to the card;
 * - when that fails as well and no more can wait, the oldest in RAM give way to a gap record that tells of them.
 */

import type { Clock } from "../../system/clock.ts";
import type { Dropped } from "../../storage/ram/dropping.ts";
import { addLost, countLost, type LostRecords } from "../../storage/ram/lost_records.ts";
import { RamLogWriteError } from "../../storage/ram/ram_log.ts";
import { addReport, type FlushReport } from "../../storage/flush/flush_report.ts";
import type { LogStore } from "../../storage/log_store.ts";
import { countText } from "../program/count_text.ts";
import type { Say } from "../program/diagnostics.ts";
import { gapRecord, recordLine } from "../../record/record_builder.ts";

/** What a log writer needs. */
export interface LogWriterOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly say: Say;
  /** Whether the time of what is written is right; not said without it. */
  readonly clockIsSynced?: () => boolean;
}

const EARLY_FLUSH_SHARE = 0.7;
/** Between two flushes that nobody asked for, while the archive cannot be written. */
const RETRY_MS = 10_000;
/** Why they fail is said again after so long, or when it is another reason: a card may be full for days. */
const SAY_AGAIN_MS = 3600e3;
/** Lines that are written at once: of many that waited for room, some may fit where all do not. */
const PORTION_LINES = 64;
/** Characters that may wait for room in RAM. */
const MAX_WAITING = 4 << 20;

/** Writes records. */
export class LogWriter {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #say: Say;
  readonly #sources: Pick<LogWriterOptions, "clockIsSynced">;
  #waiting: string[] = [];
  #waitingLength = 0;
  #addedLines = 0;
  /** What no gap record tells of yet. */
  #lost: LostRecords | undefined;
  #droppedRecords = 0;
  #timesFull = 0;
  #nextTryMs = 0;
  #saidFailure: { readonly message: string; readonly atMs: number } | undefined;
  #isFailing = false;
  /** Since the last flush that succeeded. */
  #isDropping = false;
  /** Settles when the flushes asked for so far are over; never rejects. */
  #flushesOver: Promise<unknown> = Promise.resolve();
  /** While what is waiting goes to the card past the RAM log: nothing may overtake it. */
  #isPassingBy = false;

  constructor({ store, clock, say, clockIsSynced }: LogWriterOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#say = say;
    this.#sources = { clockIsSynced };
  }

  /** Records that were dropped because neither RAM nor card had room. */
  get droppedRecords(): number {
    return this.#droppedRecords;
  }

  /** How often dropping them began. */
  get timesFull(): number {
    return this.#timesFull;
  }

  /**
   * Takes a record as its line, the line's end included; it is written by the next `drain()` at the latest. When 65,536
   * flows are due together, they do not wait for each other: pieces of text that are lines only once they are written
   * would take 60 MB of memory.
   */
  add(line: string): void {
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (++this.#addedLines % PORTION_LINES === 0) this.drain();
  }

  /** Corrects what waits and what is in RAM, as `LogStore.correctClock()` does. @returns how many records were changed */
  correctClock(change: (line: string) => string | undefined): number {
    let changed = this.#store.correctClock(change);
    this.#waiting = this.#waiting.map((line) => {
      const other = change(line.slice(0, -1));
      if (other === undefined) return line;
      changed++;
      this.#waitingLength += other.length + 1 - line.length;
      return other + "\n";
    });
    return changed;
  }

  /** Writes what is waiting to the RAM log. */
  drain(): void {
    if (this.#waiting.length === 0 || this.#isPassingBy) return;
    if (!this.#appendWaiting()) {
      this.#flushEarly();
      while (this.#waitingLength > MAX_WAITING) this.#dropOldest();
    }
    if (this.#store.ramFilled > EARLY_FLUSH_SHARE) this.#flushEarly();
  }

  /**
   * Moves everything that was added before the call to the archive. Asked for again meanwhile, it does so again: one
   * flush after the other.
   *
   * @throws {FlushError} and the records stay in RAM
   */
  flush(): Promise<FlushReport> {
    const flush = this.#flushesOver.then(() => this.#flushNow());
    this.#flushesOver = flush.catch(() => {});
    return flush;
  }

  /**
   * The flush before the process ends: nothing waits any longer afterwards. What the archive did not take goes to the
   * RAM log, where the next logger finds it; the oldest records there make room for it where there is none.
   *
   * @throws {FlushError} and the records stay in RAM
   */
  async finish(): Promise<FlushReport> {
    try {
      const report = await this.flush();
      // What waited for room came into the RAM log behind that flush.
      if (this.#store.ramRecords > 0) addReport(report, await this.flush());
      return report;
    } finally {
      this.#waitNoLonger();
    }
  }

  #waitNoLonger(): void {
    const droppedBefore = this.#droppedRecords;
    while (this.#waiting.length > 0 && !this.#appendWaiting()) this.#dropOldest();
    const dropped = this.#droppedRecords - droppedBefore;
    const unreported = this.#lost?.count ?? 0;
    if (dropped === 0 && unreported === 0) return;
    const where = unreported === 0
      ? "a gap record tells of them"
      : "no gap record could be written";
    this.#say(
      "error",
      "log",
      `${
        countText(Math.max(dropped, unreported), "record")
      } lost for want of room in RAM: ${where}`,
    );
  }

  async #flushNow(): Promise<FlushReport> {
    this.drain();
    const report = await this.#store.flush();
    this.#isDropping = false;
    this.#saidFailure = undefined;
    this.drain();
    if (this.#isFailing) await this.#passBy(report);
    for (const { path, records } of report.files) {
      this.#say("info", "log", `flushed ${countText(records, "record")} to ${path}`);
    }
    return report;
  }

  /** Flushes without being asked, and says when that fails: the next try comes by itself. */
  async flushOrSay(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#sayFailure((error as Error).message);
    }
  }

  #sayFailure(message: string): void {
    const nowMs = this.#clock.monotonicMs();
    const said = this.#saidFailure;
    if (said?.message === message && nowMs < said.atMs + SAY_AGAIN_MS) return;
    this.#saidFailure = { message, atMs: nowMs };
    this.#say("error", "log", message);
  }

  #flushEarly(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#nextTryMs) return;
    this.#nextTryMs = nowMs + RETRY_MS;
    void this.flushOrSay();
  }

  /** Whether all that was waiting is in the RAM log. */
  #appendWaiting(): boolean {
    try {
      this.#reportLost();
      while (this.#waiting.length > 0) {
        const lines = this.#waiting.slice(0, PORTION_LINES);
        const text = lines.join("");
        this.#store.append(text, lines.length);
        this.#waiting.splice(0, lines.length);
        this.#waitingLength -= text.length;
      }
      if (this.#isFailing) this.#say("info", "log", "the RAM log takes records again");
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!(error instanceof RamLogWriteError)) throw error;
      if (!this.#isFailing) this.#say("error", "log", error.message);
      this.#isFailing = true;
      return false;
    }
  }

  /** More is waiting than the flushed RAM log takes: it goes to the card behind what the RAM log took. */
  async #passBy(report: FlushReport): Promise<void> {
    this.#isPassingBy = true;
    try {
      addReport(report, await this.#store.flush());
      if (this.#waiting.length > 0) await this.#writeThrough(report);
    } finally {
      this.#isPassingBy = false;
    }
  }

  async #writeThrough(report: FlushReport): Promise<void> {
    const text = this.#waiting.join("");
    const [waiting, length] = [this.#waiting, this.#waitingLength];
    [this.#waiting, this.#waitingLength] = [[], 0];
    try {
      addReport(report, await this.#store.writeThrough(text));
    } catch (error) {
      this.#waiting = [...waiting, ...this.#waiting];
      this.#waitingLength += length;
      throw error;
    }
  }

  #dropOldest(): void {
    if (!this.#isDropping) {
      this.#timesFull++;
      this.#say("error", "log", "neither RAM nor card has room: dropping the oldest records");
    }
    this.#isDropping = true;
    const dropped = this.#store.dropOldest((lost) => this.#gapLine(lost)) ?? this.#dropWaiting();
    const { lost, gapBytes } = dropped;
    this.#droppedRecords += lost.count - lost.alreadyReported;
    if (gapBytes === 0) this.#lost = addLost(this.#lost, lost);
    this.#appendWaiting();
  }

  #dropWaiting(): Dropped {
    const lines = this.#waiting.splice(0, Math.ceil(this.#waiting.length / 8));
    const text = lines.join("");
    this.#waitingLength -= text.length;
    const lost = countLost(new TextEncoder().encode(text), this.#clock.wallMs());
    return { lost, gapBytes: 0 };
  }

  /** Writes the gap of what was lost. @throws {RamLogWriteError} and a later call writes it, with what is lost by then */
  #reportLost(): void {
    if (this.#lost === undefined) return;
    this.#store.append(this.#gapLine(this.#lost), 1);
    this.#lost = undefined;
  }

  #gapLine({ count, startMs, endMs }: LostRecords): string {
    const [startUs, endUs] = [startMs * 1e3, endMs * 1e3];
    return recordLine(gapRecord({ reason: "ram_full", startUs, endUs, count }, this.#sources));
  }
}
