/**
 * When the log is moved from RAM to the archive: at the interval that is set, or a longer one to keep to the wear
 * budget, and when a local day begins. After such a flush the archive is kept in order.
 */

import type { Clock } from "../../system/clock.ts";
import { localDay, msUntilNextLocalMidnight } from "../../storage/day/calendar_day.ts";
import type { FlushReport } from "../../storage/flush/flush_report.ts";
import type { LogStore } from "../../storage/log_store.ts";
import type { WearLedger } from "../../storage/card/wear_ledger.ts";
import { budgetInterval } from "./card_wear.ts";
import { countText } from "../program/count_text.ts";
import type { Say } from "../program/diagnostics.ts";
import type { KeptPlaces } from "../places/kept_places.ts";
import type { LogWriter } from "./log_writer.ts";
import type { Settings } from "../settings/settings.ts";

/** What an archiver works with. */
export interface ArchiverOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly say: Say;
  readonly store: LogStore;
  readonly writer: LogWriter;
  readonly card: WearLedger;
  readonly places: KeptPlaces;
  /** Whether the date may decide what is deleted. */
  readonly clockIsTrusted: () => boolean;
}

/** Flushes when it is time, and when asked. */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #nextFlushAt: number;
  #today: string;
  #archiveBytes: number | undefined;
  /** Days that could not be summed; tried again once a day. */
  readonly #unreadable = new Set<string>();

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#startedAt = this.#clock.monotonicMs();
    this.#today = localDay(this.#clock.wallMs());
    this.#nextFlushAt = this.#startedAt + options.settings.flushIntervalMs;
  }

  /** Milliseconds until the next flush by the interval. */
  get nextFlushInMs(): number {
    return Math.max(0, Math.round(this.#nextFlushAt - this.#clock.monotonicMs()));
  }

  /** The archive's size when it was last put in order; `undefined` before that. */
  get archiveBytes(): number | undefined {
    return this.#archiveBytes;
  }

  /**
   * Flushes when that is due; to be called about once a second. Resolves when that is over; never rejects.
   *
   * @param wallMs what the clock told when it was last looked whether it has leapt: a later leap is no midnight
   */
  async everySecond(wallMs: number): Promise<void> {
    const now = this.#clock.monotonicMs();
    const today = localDay(wallMs);
    if (now < this.#nextFlushAt && today === this.#today) return;
    if (today !== this.#today) this.#unreadable.clear();
    this.#today = today;
    this.#nextFlushAt = now + this.#intervalMs();
    await this.flushAndKeep();
  }

  /** The flush that nobody waits for; after it is the time to keep the archive in order. Never rejects. */
  async flushAndKeep(): Promise<void> {
    const { settings, store, say, clockIsTrusted } = this.#options;
    try {
      await this.flush();
      const { compressed, dropped, archiveBytes } = await store.keepArchive(settings, {
        clockIsTrusted: clockIsTrusted(),
      });
      this.#archiveBytes = archiveBytes ?? this.#archiveBytes;
      if (compressed !== undefined) say("info", "log", `compressed ${compressed}`);
      if (dropped !== undefined) {
        say("info", "log", `dropped ${dropped}, as WIFILOGGER_RETENTION says`);
      }
      await this.#keepSummaries();
    } catch (error) {
      say("error", "log", (error as Error).message);
    }
  }

  /**
   * Moves everything to the archive; with it go the cache of places, when it has changed, and the count of wear. The last
   * one leaves nothing waiting in the process.
   *
   * @throws {FlushError} and the records stay in RAM
   */
  async flush({ isLast = false } = {}): Promise<FlushReport> {
    const { writer, places, card } = this.#options;
    const report = await (isLast ? writer.finish() : writer.flush());
    await places.saveWithFlush(card, { isLast });
    await card.save({ toCard: isLast });
    return report;
  }

  async #keepSummaries(): Promise<void> {
    const { settings, card, say, store, clockIsTrusted } = this.#options;
    // Loaded when there may be something to sum: an idle logger has no memory for it.
    const { keepSummaries } = await import("../../report/summary/summaries.ts");
    const { made, dropped, fault } = await store.withArchive(() =>
      keepSummaries({
        archiveDir: settings.archiveDir,
        compressAfterDays: settings.compressAfterDays,
        retention: settings.summaryRetention,
        today: this.#today,
        clockIsTrusted: clockIsTrusted(),
        unreadable: this.#unreadable,
        card,
      })
    );
    if (fault !== undefined) say("warning", "log", `${fault.message}. It is not summed`);
    if (made !== undefined) say("info", "log", `summed ${made}`);
    if (dropped !== undefined) {
      say("info", "log", `dropped the sums of ${dropped}, as WIFILOGGER_SUMMARY_RETENTION says`);
    }
  }

  /** For whoever has moved the RAM log away, as logrotate does. */
  reopen(): void {
    const { store, settings, say } = this.#options;
    try {
      const moved = store.reopen();
      const what = moved === 0 ? "it is in its place" : `${countText(moved, "record")} moved away`;
      say("info", "log", `reopened ${settings.ramLogPath}: ${what}`);
    } catch (error) {
      say("error", "log", (error as Error).message);
    }
  }

  /** As it is set or, to keep to the wear budget, longer. */
  #intervalMs(): number {
    const { store, card, settings: { flushIntervalMs: intervalMs, wearBudgetBytes } } =
      this.#options;
    if (wearBudgetBytes === undefined) return intervalMs;
    const ranMs = this.#clock.monotonicMs() - this.#startedAt;
    return budgetInterval({
      intervalMs,
      budgetBytes: wearBudgetBytes,
      today: card.today,
      dayLeftMs: msUntilNextLocalMidnight(this.#clock.wallMs()),
      recordBytesPerMs: store.counters.appendedBytes / ranMs,
    });
  }
}
