/**
 * The log store: records go in as lines, lie in RAM, and are moved to the daily archive by a flush.
 * The one face of `storage/` that the running logger uses.
 */

import { archivePath, cutTornLine } from "./archive/archive.ts";
import { listDays } from "./archive/archive_days.ts";
import { shareArchive } from "./archive/archive_lock.ts";
import { finishExchange } from "./forget/exchange.ts";
import { keepUp, type UpkeepOptions, type UpkeepReport } from "./archive/archive_upkeep.ts";
import { localDay } from "./day/calendar_day.ts";
import type { Clock } from "../system/clock.ts";
import type { CardWrites, Written } from "./card/card_writes.ts";
import { dropFile, type Dropped, isReportedBy, reportedBy, reserveSpare } from "./ram/dropping.ts";
import { settleSegment } from "./flush/flush.ts";
import { reserveJournal } from "./flush/flush_journal.ts";
import { FlushError, type FlushReport, flushStep } from "./flush/flush_report.ts";
import { pathExists } from "../system/files/path_exists.ts";
import { listParts, type RamFiles, ramFiles } from "./ram/ram_files.ts";
import type { LostRecords } from "./ram/lost_records.ts";
import {
  countRecords,
  notePartDropped,
  RamLog,
  RamLogWriteError,
  type RamPart,
} from "./ram/ram_log.ts";
import { fileSystemRoom } from "../system/files/tmpfs.ts";
import { writeThrough } from "./flush/write_through.ts";
import { dirname } from "node:path";

/** Where a `LogStore` keeps its records and whom it tells. */
export interface LogStoreOptions {
  /** The RAM log, absolute, such as `/mnt/ramlogs/today.log`; its folder is made when missing. */
  ramLogPath: string;
  /** The folder of the daily archive files, absolute; made when missing, by the first flush. */
  archiveDir: string;
  /** Called with a line for a person, each time there is something to know: what was recovered, cut or changed. */
  warn(message: string): void;
  clock: Clock;
  /** Called with what is written to the archive. @default nobody listens */
  card?: CardWrites;
  /**
   * Bytes of records that may lie in RAM, and never more than the file system there has.
   *
   * @default what it has
   */
  ramLimitBytes?: number;
}

/** The RAM log is rolled off in parts of this share of its limit: what is dropped at once when all is full. */
const PART_SHARE = 1 / 8;
/** One flush goes to a day or two; the clock of a machine is set within a few. */
const MAX_RECENT = 8;
/** How long the look at the file system's free room is good for. */
const ROOM_KNOWN_MS = 1000;

/** What the store has done since it was opened. */
export interface LogStoreCounters {
  /** Records taken by `append()`. */
  appendedRecords: number;
  /** Bytes taken by `append()`. */
  appendedBytes: number;
  /** `append()` calls that failed. */
  failedAppends: number;
  /** Records moved to the archive, those recovered at open included. */
  flushedRecords: number;
  /** Bytes moved to the archive, those recovered at open included. */
  flushedBytes: number;
  /** Flushes that succeeded. */
  flushes: number;
  /** Flushes that failed. */
  failedFlushes: number;
  /** Torn last lines that were cut at open, in the RAM log and in the archive. */
  tornLinesCut: number;
  /** Days of the archive that were compressed. */
  compressedDays: number;
  /** Days of the archive that were dropped because of their age or the archive's size. */
  droppedDays: number;
}

/** When the last flush that succeeded ended, and what it did. */
export interface LastFlush {
  /** Epoch milliseconds. */
  atMs: number;
  report: FlushReport;
}

/** An open RAM log and its way to the archive. One process may have it open. */
export class LogStore implements AsyncDisposable {
  readonly #options: Required<LogStoreOptions>;
  readonly #files: RamFiles;
  readonly #ramLog: RamLog;
  readonly #counters: LogStoreCounters = {
    appendedRecords: 0,
    appendedBytes: 0,
    failedAppends: 0,
    flushedRecords: 0,
    flushedBytes: 0,
    flushes: 0,
    failedFlushes: 0,
    tornLinesCut: 0,
    compressedDays: 0,
    droppedDays: 0,
  };
  /** What the sealed segment holds; it counts as held in RAM until it is in the archive. */
  #sealed: RamPart;
  #lastFlush: LastFlush | undefined;
  /** The newest files that were flushed to since the clock was last corrected; at most `MAX_RECENT`. */
  #recentFiles: string[] = [];
  #isFlushing = false;
  readonly #ramLimitBytes: number;
  #room = { bytes: 0, knownUntilMs: 0 };
  /** Settles when the flushes and upkeep steps asked for so far are over; never rejects. */
  #flushesOver: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * Opens the store and mends what an earlier process left: cuts a torn line, finishes a flush that was
   * cut short. Records in the RAM log stay there and are counted. An archive that cannot be written now
   * is only warned of, so that capturing can begin.
   *
   * @throws {RamLogInUseError} when another process has the RAM log open.
   * @throws {Error} when the RAM log cannot be opened.
   */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const store = new LogStore(options);
    try {
      await store.#recover();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor(options: LogStoreOptions) {
    const card = options.card ?? { note: (_: Written) => {} };
    const ramLimitBytes = options.ramLimitBytes ?? Infinity;
    this.#options = { ...options, card, ramLimitBytes };
    this.#files = ramFiles(options.ramLogPath);
    this.#sealed = this.#nothingSealed();
    const { totalBytes } = fileSystemRoom(dirname(options.ramLogPath));
    this.#ramLimitBytes = Math.min(ramLimitBytes, totalBytes);
    this.#ramLog = RamLog.open(options.ramLogPath, {
      partBytes: Math.floor(this.#ramLimitBytes * PART_SHARE),
    });
  }

  /** Bytes of records that may lie in RAM. */
  get ramLimitBytes(): number {
    return this.#ramLimitBytes;
  }

  /** How full the RAM is for records, 0 to 1: of its limit, or of what others have left on its file system. */
  get ramFilled(): number {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs >= this.#room.knownUntilMs) {
      const { freeBytes } = fileSystemRoom(dirname(this.#options.ramLogPath));
      const bytes = Math.min(this.#ramLimitBytes, this.ramBytes + freeBytes);
      this.#room = { bytes, knownUntilMs: nowMs + ROOM_KNOWN_MS };
    }
    return Math.min(1, this.ramBytes / Math.max(1, this.#room.bytes));
  }

  /** Bytes held in RAM: in the RAM log, and in a segment that is not in the archive yet. */
  get ramBytes(): number {
    return this.#ramLog.bytes + this.#sealed.held.bytes;
  }

  /** Records held in RAM: in the RAM log, and in a segment that is not in the archive yet. */
  get ramRecords(): number {
    return this.#ramLog.records + this.#sealed.held.records;
  }

  /** The last `flush()` that succeeded; undefined before the first. */
  get lastFlush(): LastFlush | undefined {
    return this.#lastFlush;
  }

  /** What the store has done since it was opened; a copy. */
  get counters(): LogStoreCounters {
    return { ...this.#counters };
  }

  /**
   * Appends `lines` whole lines, each ending in `\n`, to the RAM log; never waits for the disk.
   *
   * @throws {RamLogWriteError} when the tmpfs is full, or the RAM that records may take (then its code is
   *   `"EDQUOT"`): none of the lines is in the log then.
   */
  append(text: string, lines: number): void {
    const bytesBefore = this.#ramLog.bytes;
    try {
      this.#checkLimit(text.length);
      this.#ramLog.append(text, lines);
    } catch (error) {
      this.#counters.failedAppends++;
      throw error;
    }
    this.#counters.appendedRecords += lines;
    this.#counters.appendedBytes += this.#ramLog.bytes - bytesBefore;
  }

  /**
   * Drops the oldest records there are in RAM, about an eighth of its limit at once, so that newer ones have
   * room, and leaves in their place the gap record that `gapLine` makes; see `dropping.ts`. Undefined when
   * there are none that can be dropped now: while a flush is under way, those it has begun to move cannot.
   */
  dropOldest(gapLine: (lost: LostRecords) => string): Dropped | undefined {
    const { segment, spareGap: sparePath } = this.#files;
    const drop = { earlierGap: undefined, sparePath, gapLine, nowMs: this.#options.clock.wallMs() };
    if (!this.#segmentIsFree()) return this.#ramLog.dropOldest(drop);
    if (reportedBy(segment) !== undefined) {
      const dropped = this.#ramLog.dropOldest({ ...drop, earlierGap: segment });
      if (dropped !== undefined) this.#sealed = this.#nothingSealed();
      return dropped;
    }
    const dropped = dropFile({ ...drop, path: segment });
    notePartDropped(this.#sealed, dropped.gapBytes);
    return dropped;
  }

  /**
   * Appends whole lines to the archive directly, for want of room in RAM, and resolves when the disk has
   * them. Waits for running flushes.
   *
   * @throws {FlushError} none of the lines is in the archive then.
   */
  writeThrough(text: string): Promise<FlushReport> {
    const { archiveDir, clock, card } = this.#options;
    const write = this.#flushesOver.then(() =>
      this.#reported((report) =>
        this.#inArchive(async () => {
          // A journal that is still there would cut off what is appended now.
          await this.#settle(report);
          const undatedDay = localDay(clock.wallMs());
          await writeThrough(text, { archiveDir, undatedDay, card }, report);
        })
      )
    );
    this.#flushesOver = write.catch(() => {});
    return write;
  }

  /**
   * Moves everything that was appended before the call to the archive, and resolves when the disk has
   * it. Flushes run one after the other, in the order they were asked for.
   *
   * @throws {FlushError} when it could not; the records stay in RAM.
   * @throws {Error} when another program has removed the RAM log; see `RamLog.seal()`.
   */
  flush(): Promise<FlushReport> {
    if (this.#closed) return Promise.reject(new TypeError("flushing a log store that was closed"));
    const flush = this.#flushesOver.then(() => this.#flushNow());
    this.#flushesOver = flush.catch(() => {});
    return flush;
  }

  /**
   * One step of keeping the archive in order: compresses and drops a day at most; see `keepUp()`. Waits
   * for running flushes, and does nothing while one is unfinished because the card cannot be written.
   *
   * @throws {Error} what failed; the next step tries again.
   */
  keepArchive(
    options: Omit<UpkeepOptions, "archiveDir">,
    { clockIsTrusted }: { clockIsTrusted: boolean },
  ): Promise<UpkeepReport> {
    const { archiveDir, clock, card } = this.#options;
    const step = this.#flushesOver.then(async () => {
      if (this.#closed || this.#sealed.held.bytes > 0) return {};
      const moment = { nowMs: clock.wallMs(), clockIsTrusted, card };
      const report = await this.#inArchive(() => keepUp({ ...options, archiveDir }, moment));
      if (report.compressed !== undefined) this.#counters.compressedDays++;
      if (report.dropped !== undefined) this.#counters.droppedDays++;
      return report;
    });
    this.#flushesOver = step.catch(() => {});
    return step;
  }

  /**
   * Does something with what the archive holds while nobody takes anything out of it. Waits for running flushes.
   *
   * @throws what `step` throws
   */
  withArchive<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#flushesOver.then(() => this.#inArchive(step));
    this.#flushesOver = done.catch(() => {});
    return done;
  }

  /**
   * Corrects the records that this process has appended and that are still in RAM, once it is known what
   * time they were made at: `change` is given each line and gives the one to put in its place, or
   * undefined. The archive files that were flushed to meanwhile get the present time, since it is by their
   * own time that retention knows how old they are.
   *
   * @returns how many records were changed.
   */
  correctClock(change: (line: string) => string | undefined): number {
    const now = new Date(this.#options.clock.wallMs());
    for (const path of this.#recentFiles) void Deno.utime(path, now, now).catch(() => {});
    this.#recentFiles = [];
    return this.#ramLog.rewrite(change, this.#segmentIsFree() ? this.#sealed : undefined);
  }

  /**
   * Opens the RAM log at its path anew, for whoever has moved it away; what the moved file holds is theirs.
   *
   * @returns how many records that is.
   */
  reopen(): number {
    return this.#ramLog.reopen();
  }

  /** Waits for running flushes and lets the RAM log go. Does not flush. Twice is harmless. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushesOver;
    this.#ramLog.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkLimit(bytes: number): void {
    if (this.ramBytes + bytes <= this.#ramLimitBytes) return;
    const full = Object.assign(new Error("the records take all the RAM that they may"), {
      code: "EDQUOT",
    });
    throw new RamLogWriteError(this.#options.ramLogPath, full);
  }

  /** Whether there is a segment that no flush is at work on. */
  #segmentIsFree(): boolean {
    // With a journal some of it may be in the archive, which cannot be undone now.
    return this.#sealed.held.bytes > 0 && !this.#isFlushing && !isThere(this.#files.journal);
  }

  async #flushNow(): Promise<FlushReport> {
    this.#isFlushing = true;
    try {
      const report = await this.#reported((report) =>
        this.#inArchive(async () => {
          await this.#settle(report);
          for (let left = this.#ramLog.unsealed; left > 0 && this.#ramLog.bytes > 0; left--) {
            this.#sealed = this.#ramLog.seal(this.#files.segment);
            await this.#settle(report);
          }
        })
      );
      this.#counters.flushes++;
      this.#lastFlush = { atMs: this.#options.clock.wallMs(), report };
      return report;
    } catch (error) {
      this.#counters.failedFlushes++;
      throw error;
    } finally {
      this.#isFlushing = false;
    }
  }

  async #recover(): Promise<void> {
    const { ramLogPath, warn } = this.#options;
    const { tornBytesCut } = this.#ramLog;
    if (tornBytesCut > 0) {
      this.#counters.tornLinesCut++;
      warn(
        `opening the RAM log ${ramLogPath}: its last line was torn, by a logger killed in ` +
          `mid-write. Its ${tornBytesCut} bytes were cut off`,
      );
    }
    await reserveJournal(this.#files);
    reserveSpare(this.#files.spareGap);
    await this.#removeReportedSegment();
    if (await pathExists(this.#files.segment)) {
      using segment = Deno.openSync(this.#files.segment);
      this.#sealed.held = countRecords(segment);
    }
    try {
      const report = await this.#reported((report) => this.#inArchive(() => this.#settle(report)));
      if (report.records > 0) {
        warn(`finished a flush that was cut short: ${report.records} records moved to the archive`);
      }
    } catch (error) {
      if (!(error instanceof FlushError)) throw error;
      warn(error.message);
      return;
    }
    await this.#inArchive(() => this.#cutTornArchives());
  }

  /** Holds the archive together with others, and finishes first what somebody has begun to take out of it. */
  async #inArchive<T>(step: () => Promise<T>): Promise<T> {
    const { archiveDir, warn } = this.#options;
    using _shared = await flushStep(archiveDir, () => shareArchive(archiveDir));
    if (await flushStep(archiveDir, () => finishExchange(archiveDir))) {
      warn("finished what `wifilogger forget` had begun");
    }
    return await step();
  }

  /** What a drop that was cut short left. */
  async #removeReportedSegment(): Promise<void> {
    const { segment, journal } = this.#files;
    const [oldest] = listParts(this.#files);
    if (oldest === undefined || !await pathExists(segment) || await pathExists(journal)) return;
    if (isReportedBy(segment, oldest)) await Deno.remove(segment);
  }

  /** What a power loss left. Only plain files can be torn: a compressed one is there whole or not at all. */
  async #cutTornArchives(): Promise<void> {
    const { archiveDir, warn } = this.#options;
    for (const { day, plainBytes } of await listDays(archiveDir).catch(() => [])) {
      if (!plainBytes) continue;
      const path = archivePath(archiveDir, day);
      // One that cannot be cut now is by the next flush or compression of that day, which tells why not.
      const { cutBytes } = await cutTornLine(path).catch(() => ({ cutBytes: 0 }));
      if (cutBytes === 0) continue;
      this.#counters.tornLinesCut++;
      warn(
        `opening the archive file ${path}: its last line was torn, as a power loss leaves it. ` +
          `Its ${cutBytes} bytes were cut off`,
      );
    }
  }

  async #settle(report: FlushReport): Promise<void> {
    const { archiveDir, clock, card } = this.#options;
    await settleSegment(
      { files: this.#files, archiveDir, undatedDay: localDay(clock.wallMs()), card },
      report,
    );
    this.#sealed = this.#nothingSealed();
  }

  #nothingSealed(): RamPart {
    return { path: this.#files.segment, held: { records: 0, bytes: 0 }, ownFrom: Infinity };
  }

  /** Runs a flush that fills in a report; counts and tells what it did, also when it fails half-way. */
  async #reported(flush: (report: FlushReport) => Promise<void>): Promise<FlushReport> {
    const { clock, warn } = this.#options;
    const startedMs = clock.monotonicMs();
    const report: FlushReport = { records: 0, bytes: 0, files: [], warnings: [], durationMs: 0 };
    try {
      await flush(report);
    } finally {
      report.durationMs = clock.monotonicMs() - startedMs;
      const paths = report.files.map(({ path }) => path);
      this.#recentFiles = [...new Set([...this.#recentFiles, ...paths])].slice(-MAX_RECENT);
      this.#counters.flushedRecords += report.records;
      this.#counters.flushedBytes += report.bytes;
      for (const warning of report.warnings) warn(warning);
    }
    return report;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
