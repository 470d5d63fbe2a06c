/**
 * Watching the log for what is to be told: the ledger, added to by each record as it comes, and what was told already.
 * Each day the ledger is opened anew, from its file and the days since: so it is at any time the one that the log alone
 * would give, and forgets in the same order. What was told is on the card before anything is sent.
 */

import { recordIdentity } from "../../record/record_identity.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import type { Clock } from "../../system/clock.ts";
import { LedgerLines, type LedgerPlace, openSettled, readSections } from "../ledger/kept_ledger.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isMarked, readOwner } from "../owner/owner_file.ts";
import { findNews } from "../rules/find_news.ts";
import { findBeyondLimits, type Limit } from "../rules/limits.ts";
import { type NewsItem, newsKey } from "../rules/news_item.ts";
import { letterOf } from "./letter.ts";
import { delivered, type Digest, letterDue, planTellings, queued } from "./tell_plan.ts";
import type { Telling } from "./telling.ts";
import { type Pending, readTold, toldMark, type ToldState, writeTold } from "./told_file.ts";

/** What a watch needs. */
export interface WatchOptions {
  readonly place: LedgerPlace;
  readonly clock: Clock;
  readonly learningMs: number;
  readonly limits: readonly Limit[];
  readonly billingDay: number;
  readonly digest: Digest;
  /** Names of who is told. */
  readonly receivers: readonly string[];
  /** Sentences about the logger, for letters. */
  readonly stateLines: () => Promise<readonly string[]>;
  readonly warn: (message: string) => void;
}

const HOUR_MS = 3600e3;
const DAY_MS = 24 * HOUR_MS;
/** What was not told for so long is not told any more, but stands in `news`. */
const LATE_MS = 14 * DAY_MS;
/** Records come an hour late at most, unless the clock was wrong. */
const LOOK_BACK_MS = 2 * HOUR_MS;
/** Characters of lines that are taken together. */
const CHUNK_CHARS = 500_000;

/** Watches one log. */
export class NewsWatch {
  readonly #options: WatchOptions;
  #state: ToldState;
  #follower!: LogFollower;
  #ledger!: Ledger;
  #lines!: LedgerLines;
  #day = "";
  #lookedMs = 0;
  #toldMark: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Weighty news that was found and is not told yet, by what tells it. */
  readonly #waiting = new Map<string, NewsItem>();

  private constructor(options: WatchOptions, state: ToldState) {
    this.#options = options;
    this.#state = state;
  }

  /** @throws {Error} what could not be read or written, and what to do */
  static async open(options: WatchOptions): Promise<NewsWatch> {
    const { place: { archiveDir }, clock } = options;
    let state = await readTold(archiveDir);
    const nowMs = clock.wallMs();
    // Telling that begins in time to come was begun by a clock that was wrong.
    if (state.sinceMs === 0 || state.sinceMs > nowMs + DAY_MS) {
      state = { ...state, sinceMs: nowMs, letterMs: nowMs };
      await writeTold(archiveDir, state);
    }
    const watch = new NewsWatch(options, forReceivers(state, options.receivers));
    watch.#toldMark = await toldMark(archiveDir);
    return watch;
  }

  /** What is still to be sent, and to whom. */
  get outbox(): readonly Pending[] {
    return this.#state.outbox;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /**
   * Reads what came since the last look. @returns what is to be told from now on, noted as told
   *
   * @throws {Error} when the log cannot be read, or what is told not be noted
   */
  look(): Promise<readonly Telling[]> {
    return this.#inTurn(() => this.#look());
  }

  async #look(): Promise<readonly Telling[]> {
    const { clock, limits, receivers } = this.#options;
    const nowMs = clock.wallMs();
    if (await this.#hasBeenForgotten()) await this.#readToldAnew();
    const isAnew = localDay(nowMs) !== this.#day;
    if (isAnew) await this.#openLedger();
    const isMore = await this.#readLines();
    const isNew = this.#ledger.takeAdded() > 0 || isAnew;
    if (isNew || isMore && limits.length > 0) {
      const sinceMs = isAnew ? nowMs - LATE_MS : this.#lookedMs - LOOK_BACK_MS;
      await this.#find(Math.max(sinceMs, this.#state.sinceMs), nowMs);
    }
    if (isAnew) this.#day = localDay(nowMs);
    this.#lookedMs = nowMs;
    const { state, tellings } = planTellings(this.#state, [...this.#waiting.values()], {
      nowMs,
      receivers,
    });
    const letter = await this.#letter(state, nowMs);
    if (tellings.length === 0 && letter === undefined) return [];
    const next = letter === undefined ? state : {
      ...state,
      letterMs: nowMs,
      outbox: queued(state.outbox, { telling: letter, to: receivers }),
    };
    await this.#note(next);
    for (const key of this.#waiting.keys()) {
      if (next.told[key] !== undefined) this.#waiting.delete(key);
    }
    return letter === undefined ? tellings : [...tellings, letter];
  }

  /** Notes that a receiver has a telling. @throws {Error} when it cannot be noted */
  delivered(id: string, receiver: string): Promise<void> {
    return this.#inTurn(async () => {
      if (await this.#hasBeenForgotten()) await this.#readToldAnew();
      await this.#note(delivered(this.#state, id, receiver));
    });
  }

  async #note(state: ToldState): Promise<void> {
    const { place: { archiveDir } } = this.#options;
    await writeTold(archiveDir, state);
    this.#state = state;
    this.#toldMark = await toldMark(archiveDir);
  }

  /** Whether `wifilogger forget` has written another file in the place of the one that was written here. */
  async #hasBeenForgotten(): Promise<boolean> {
    return await toldMark(this.#options.place.archiveDir) !== this.#toldMark;
  }

  /** What was forgotten is neither in the file nor in the log any more. */
  async #readToldAnew(): Promise<void> {
    const { place: { archiveDir }, receivers } = this.#options;
    this.#toldMark = await toldMark(archiveDir);
    this.#state = forReceivers(await readTold(archiveDir), receivers);
    this.#waiting.clear();
    this.#day = "";
  }

  /** One change of the state at a time. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #openLedger(): Promise<void> {
    const { place, warn } = this.#options;
    const { ramLogPath, archiveDir } = place;
    const { ledger, faults, firstOpenDay } = await openSettled(place);
    const follower = new LogFollower({
      ramLogPath,
      archiveDir,
      from: firstOpenDay,
      identityOf: recordIdentity,
    });
    using snapshot = await follower.start();
    for (const fault of [...faults, ...await readSections(snapshot.sections, ledger)]) {
      warn(fault.message);
    }
    [this.#ledger, this.#follower] = [ledger, follower];
    this.#lines = new LedgerLines(ledger);
  }

  /** @returns whether there was anything */
  async #readLines(): Promise<boolean> {
    const encoder = new TextEncoder();
    let [text, isMore] = ["", false];
    for await (const line of this.#follower.lines()) {
      text += line + "\n";
      isMore = true;
      if (text.length < CHUNK_CHARS) continue;
      this.#lines.read(encoder.encode(text));
      text = "";
    }
    if (text !== "") this.#lines.read(encoder.encode(text));
    return isMore;
  }

  async #find(sinceMs: number, nowMs: number): Promise<void> {
    const { place: { archiveDir }, learningMs, limits, billingDay } = this.#options;
    const { names: ownNames, known } = await readOwner(archiveDir);
    const isKnown = isMarked(known);
    const found = [
      ...findNews(this.#ledger, { sinceMs, untilMs: Infinity, learningMs, ownNames, isKnown }),
      ...findBeyondLimits(this.#ledger, { limits, sinceMs, nowMs, billingDay, ownNames })
        .filter((item) => !isKnown(item)),
    ];
    for (const item of found) {
      const key = newsKey(item);
      if (item.weight === "weighty" && this.#state.told[key] === undefined) {
        this.#waiting.set(key, item);
      }
    }
  }

  async #letter(state: ToldState, nowMs: number): Promise<Telling | undefined> {
    const { place, digest, learningMs, billingDay, stateLines } = this.#options;
    const span = letterDue(state, digest, nowMs);
    if (span === undefined) return undefined;
    const { names: ownNames, known } = await readOwner(place.archiveDir);
    const isKnown = isMarked(known);
    return await letterOf({
      place,
      ledger: this.#ledger,
      span,
      nowMs,
      learningMs,
      billingDay,
      ownNames,
      isKnown,
      stateLines,
    });
  }
}

/** Who is no longer told keeps nothing waiting. */
function forReceivers(state: ToldState, receivers: readonly string[]): ToldState {
  const outbox = state.outbox
    .map(({ telling, to }) => ({ telling, to: to.filter((name) => receivers.includes(name)) }))
    .filter(({ to }) => to.length > 0);
  return { ...state, outbox };
}
