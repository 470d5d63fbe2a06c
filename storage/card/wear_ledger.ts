/**
 * Counting what is written to the card: the figure behind "how long will it live".
 *
 * The count lies in RAM, beside the RAM log, where it outlives the logger; and on the card, in `wear.json`
 * in the archive's folder, where it is written once a day and when the logger stops. After a power loss
 * that day's count is short by what was written since.
 */

import type { Clock } from "../../system/clock.ts";
import { localDay } from "../day/calendar_day.ts";
import { writeFileAtomic } from "./atomic_file.ts";
import type { CardWrites, Written } from "./card_writes.ts";
import { readOwnText } from "../../system/files/own_file.ts";

/** Where a ledger lies and what it reads the time from. */
export interface WearLedgerOptions {
  /** Its place in RAM. */
  ramPath: string;
  /** Its place on the card. */
  cardPath: string;
  /** Its wall clock names the day. */
  clock: Clock;
}

/** The count, as it is kept. */
interface Count {
  /** The local calendar day that `today` is counted for. */
  day: string;
  today: Written;
  /** Since counting began. */
  total: Written;
  /** How long a logger has been counting, milliseconds. */
  countedMs: number;
}

/** What is written less often than this says nothing about a day. */
const LEAST_COUNTED_MS = 3600e3;
const DAY_MS = 24 * 3600e3;

/**
 * Counts by the day, and on average. The average is by the time that loggers have been running, on the
 * monotonic clock: a wall clock that leaps does not change it.
 */
export class WearLedger implements CardWrites {
  readonly #options: WearLedgerOptions;
  readonly #count: Count;
  /** The monotonic time up to which `countedMs` goes. */
  #countedUntilMs: number;
  /** The day that the card's copy was last written on. */
  #savedDay: string;

  /** Goes on with the count in RAM, else with the one on the card, else begins one. */
  static async open(options: WearLedgerOptions): Promise<WearLedger> {
    const count = await readCount(options.ramPath) ?? await readCount(options.cardPath);
    return new WearLedger(options, count);
  }

  private constructor(options: WearLedgerOptions, count: Count | undefined) {
    this.#options = options;
    this.#count = count ??
      { day: this.#day(), today: nothing(), total: nothing(), countedMs: 0 };
    this.#countedUntilMs = options.clock.monotonicMs();
    this.#savedDay = this.#count.day;
  }

  note({ bytes, syncs }: Written): void {
    for (const sum of [this.today, this.#count.total]) {
      sum.bytes += bytes;
      sum.syncs += syncs;
    }
  }

  /** What was written today, by the local calendar day. */
  get today(): Written {
    const day = this.#day();
    if (day !== this.#count.day) Object.assign(this.#count, { day, today: nothing() });
    return this.#count.today;
  }

  /** What was written since counting began, by earlier loggers too. */
  get total(): Written {
    return this.#count.total;
  }

  /** What is written in 24 hours on average; undefined before a first hour has been counted. */
  get perDay(): Written | undefined {
    this.#countTime();
    const { total, countedMs } = this.#count;
    if (countedMs < LEAST_COUNTED_MS) return undefined;
    const days = countedMs / DAY_MS;
    return { bytes: Math.round(total.bytes / days), syncs: Math.round(total.syncs / days) };
  }

  /** Saves the count to RAM and, when a day has passed or the logger stops, to the card. Failures are left. */
  async save({ toCard = false }: { toCard?: boolean } = {}): Promise<void> {
    const { ramPath, cardPath } = this.#options;
    this.#countTime();
    const isDue = toCard || this.#day() !== this.#savedDay;
    // Counted first, so that the copy counts itself: its file and its folder.
    const written = { bytes: this.#text().length, syncs: 2 };
    if (isDue) {
      this.note(written);
      this.#savedDay = this.#day();
      // A card that cannot be written is told of by the flush.
      await writeFileAtomic(cardPath, this.#text(), { mode: 0o640 }).catch(() => {});
    }
    await writeFileAtomic(ramPath, this.#text(), { mode: 0o640, isTransient: true }).catch(
      () => {},
    );
  }

  #day(): string {
    return localDay(this.#options.clock.wallMs());
  }

  #countTime(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#count.countedMs += nowMs - this.#countedUntilMs;
    this.#countedUntilMs = nowMs;
  }

  #text(): string {
    return JSON.stringify(this.#count) + "\n";
  }
}

function nothing(): Written {
  return { bytes: 0, syncs: 0 };
}

/** Undefined when there is none, or what is there is none (a copy in RAM is not written at one instant). */
async function readCount(path: string): Promise<Count | undefined> {
  try {
    const count = JSON.parse(await readOwnText(path));
    const numbers = [count.today.bytes, count.today.syncs, count.total.bytes, count.total.syncs];
    const isCount = typeof count.day === "string" &&
      [...numbers, count.countedMs].every((number) => Number.isFinite(number) && number >= 0);
    return isCount ? count : undefined;
  } catch {
    return undefined;
  }
}
