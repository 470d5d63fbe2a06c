/**
 * Records on their way to the log: written to RAM as they come, moved to the archive now and then.
 *
 * When the RAM log cannot take them they wait here, a flush is tried at once, and only when too many are waiting are
 * the oldest dropped, which a gap record tells as soon as there is room again.
 */

import { RamLogWriteError } from "../storage/ram_log.ts";
import type { FlushReport } from "../storage/flush_report.ts";
import type { LogStore } from "../storage/log_store.ts";
import { countText } from "./count_text.ts";
import type { Say } from "./diagnostics.ts";
import type { LogRecord } from "./log_record.ts";
import { gapRecord, recordLine } from "./record_builder.ts";

/** What a log writer needs. */
export interface LogWriterOptions {
  readonly store: LogStore;
  readonly say: Say;
  /** Bytes that the RAM log may take; at 70 % of them it is flushed early. */
  readonly ramLimitBytes: number;
}

const EARLY_FLUSH_SHARE = 0.7;
/** Between two flushes that nobody asked for, while the archive cannot be written. */
const RETRY_MS = 10_000;
/** Lines that are written at once. */
const PORTION_LINES = 64;
/** Characters that may wait for room in RAM. */
const MAX_WAITING = 4 << 20;

/** Writes records. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #waiting: string[] = [];
  #waitingLength = 0;
  #dropped = 0;
  #droppedSinceUs = 0;
  #nextTryMs = 0;
  #isFailing = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Takes a record; it is written by the next `drain()`. */
  add(record: LogRecord): void {
    const line = recordLine(record);
    this.#waiting.push(line);
    this.#waitingLength += line.length;
  }

  /** Writes what is waiting to the RAM log. */
  drain(): void {
    if (this.#waiting.length === 0) return;
    if (this.#dropped > 0) this.#tellDropped();
    const { store, say } = this.#options;
    try {
      // In portions: of many that waited for room, some may fit where all do not.
      while (this.#waiting.length > 0) this.#appendPortion();
      if (this.#isFailing) say("info", "log", "the RAM log takes records again");
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof RamLogWriteError)) throw error;
      if (!this.#isFailing) say("error", "log", error.message);
      this.#isFailing = true;
      this.#dropOldest();
      this.#flushEarly();
    }
    if (store.ramBytes > this.#options.ramLimitBytes * EARLY_FLUSH_SHARE) this.#flushEarly();
  }

  #appendPortion(): void {
    const lines = this.#waiting.slice(0, PORTION_LINES);
    const text = lines.join("");
    this.#options.store.append(text, lines.length);
    this.#waiting.splice(0, lines.length);
    this.#waitingLength -= text.length;
  }

  /**
   * Moves everything to the archive.
   *
   * @throws {FlushError} and the records stay in RAM
   */
  async flush(): Promise<FlushReport> {
    this.drain();
    const report = await this.#options.store.flush();
    this.drain();
    for (const { path, records } of report.files) {
      this.#options.say("info", "log", `flushed ${countText(records, "record")} to ${path}`);
    }
    return report;
  }

  /** Flushes without being asked, and says when that fails: the next try comes by itself. */
  async flushOrSay(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#options.say("error", "log", (error as Error).message);
    }
  }

  #flushEarly(): void {
    if (performance.now() < this.#nextTryMs) return;
    this.#nextTryMs = performance.now() + RETRY_MS;
    void this.flushOrSay();
  }

  #dropOldest(): void {
    let first = 0;
    while (this.#waitingLength > MAX_WAITING) this.#waitingLength -= this.#waiting[first++].length;
    if (first === 0) return;
    if (this.#dropped === 0) this.#droppedSinceUs = Date.now() * 1e3;
    this.#dropped += first;
    this.#waiting.splice(0, first);
  }

  #tellDropped(): void {
    const nowUs = Math.max(Date.now() * 1e3, this.#droppedSinceUs);
    const line = recordLine(gapRecord({
      reason: "ram_full",
      startUs: this.#droppedSinceUs,
      endUs: nowUs,
      count: this.#dropped,
    }, {}));
    // Counted again if this try fails too.
    try {
      this.#options.store.append(line, 1);
      this.#dropped = 0;
    } catch (error) {
      if (!(error instanceof RamLogWriteError)) throw error;
    }
  }
}
