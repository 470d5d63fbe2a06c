/**
 * Records page by page, the newest first, over all of the log, while a logger writes to it.
 *
 * A page begins where the one before ended, and its cursor says where: in a day of the archive before the line of a
 * number, since a day's lines only ever get more, whatever becomes of its files; in RAM before a record, which may be in
 * the archive by then, at the end of its day. Days are read from the newest on, each from its beginning: within
 * a gzip member there is no other way. What is rare is searched for over many days: a day whose summary tells that
 * it has nothing of the kind is passed over, and after a while the page ends with what was found, be it nothing.
 */

import { isIP } from "node:net";
import { crc32 } from "node:zlib";
import { isGap, type LogRecord } from "../../record/log_record.ts";
import { parseLine } from "../../record/logged_line.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { isWanted, type RecordFilter } from "../../record/record_filter.ts";
import { type ArchiveDay, listDays } from "../../storage/archive/archive_days.ts";
import { localDay, localDayAt } from "../../storage/day/calendar_day.ts";
import { type LogSection, openLog, sectionsOf } from "../../storage/log_snapshot.ts";
import { factFilter } from "../facts/fact_filter.ts";
import { Vocabulary } from "../facts/vocabulary.ts";
import { isWhole, listSummaries, openSummary, summaryDir } from "../summary/summaries.ts";
import type { LogPlace } from "./log_facts.ts";
import { daysOf, WrongWord } from "./written_question.ts";

/** Which page. */
export interface PageQuestion {
  readonly filter: RecordFilter;
  /** Whether gaps are records, too. */
  readonly hasGaps: boolean;
  /** Records of a page, at most. */
  readonly limit: number;
  /** What the page before said; undefined: the newest. */
  readonly cursor: string | undefined;
  /** Asked between two days: whether the search has taken long enough. */
  readonly isEnough: () => boolean;
}

/** A record, and what it can be asked for by. */
export interface FoundRecord {
  readonly id: string;
  readonly record: LogRecord;
  /** As it stands in the log. */
  readonly line: string;
}

/** A page. */
export interface RecordPage {
  /** The newest first. */
  readonly records: readonly FoundRecord[];
  /** Where the next page begins; undefined: there is nothing older. */
  readonly next: string | undefined;
  /** Everything newer has been looked at, milliseconds since 1970. */
  readonly searchedToMs: number | undefined;
  /** Lines that the logger did not write. */
  readonly foreign: number;
  /** What could not be read. */
  readonly faults: readonly Error[];
}

/** Where a page begins: before a line of a day, or before a record that was in RAM. */
type Cursor =
  | { readonly day: string; readonly line: number }
  | RecordPlace;

/** Which record, by its id: what tells it from others, and its time, which tells gaps apart that are alike otherwise. */
interface RecordPlace {
  readonly record: string;
  readonly timeMs: number;
  readonly day: string;
}

/** Milliseconds since 1970, and what tells the record from others. */
const RECORD_ID = /^(\d{1,15})\.([\w.-]{1,100})$/;
/** Days that the RAM log may be moved to: their files are opened together with it. */
const NEWEST_DAYS = 2;

/** Reads a page. @throws {WrongWord} when the cursor is none @throws {Error} when the log cannot be opened */
export async function readRecordPage(log: LogPlace, question: PageQuestion): Promise<RecordPage> {
  const cursor = readCursor(question.cursor);
  const { from = "", to = "9999-99-99" } = daysOf(question.filter);
  const lastDay = cursor !== undefined && cursor.day < to ? cursor.day : to;
  const days = (await listDays(log.archiveDir)).filter(({ day }) => day >= from && day <= lastDay);
  const page = new Page(log, question, cursor);
  await page.readNewest(days);
  for (const day of days.toReversed().slice(NEWEST_DAYS)) {
    if (page.isOver) break;
    await page.readOlder(day);
  }
  return page.result();
}

/** The id of a record: its time, its flow and its part. */
export function recordId(line: string, record: LogRecord): string {
  return `${Date.parse(record["@timestamp"])}.${identityText(line, record)}`;
}

function identityText(line: string, record: LogRecord): string {
  const identity = recordIdentity(line);
  return isGap(record) ? `gap.${crc32(identity).toString(16)}` : identity.replace(" ", ".");
}

/** A flow's record is known wherever its time is corrected; of gaps there may be many of one reason and count. */
function isAt({ record: identity, timeMs }: RecordPlace, line: string, record: LogRecord): boolean {
  if (isGap(record) && Date.parse(record["@timestamp"]) !== timeMs) return false;
  return identityText(line, record) === identity;
}

class Page {
  readonly #log: LogPlace;
  readonly #question: PageQuestion;
  /** Undefined when everything that was read from now on is older. */
  #cursor: Cursor | undefined;
  readonly #records: FoundRecord[] = [];
  #next: string | undefined;
  #searchedToMs: number | undefined;
  #foreign = 0;
  readonly #faults: Error[] = [];

  constructor(log: LogPlace, question: PageQuestion, cursor: Cursor | undefined) {
    this.#log = log;
    this.#question = question;
    this.#cursor = cursor;
  }

  /** Whether nothing more is to be read. */
  get isOver(): boolean {
    return this.#next !== undefined;
  }

  result(): RecordPage {
    return {
      records: this.#records,
      next: this.#next,
      searchedToMs: this.#searchedToMs,
      foreign: this.#foreign,
      faults: this.#faults,
    };
  }

  /** Reads RAM and the newest of the days as they are at one instant. */
  async readNewest(days: readonly ArchiveDay[]): Promise<void> {
    const newest = new Set(days.slice(-NEWEST_DAYS).map(({ day }) => day));
    using opened = await openLog(this.#log, ({ day }) => newest.has(day));
    if (this.#cursor === undefined || "record" in this.#cursor) await this.#readRam(opened);
    for (const day of opened.days.toReversed()) {
      if (this.isOver) return;
      await this.#readDay(day.day, sectionsOf({ days: [day], ram: [] })[0]);
    }
  }

  /** Reads a day that nothing is moved to any more. */
  async readOlder(day: ArchiveDay): Promise<void> {
    if (this.#records.length > 0 || this.#searchedToMs !== undefined) {
      if (this.#question.isEnough()) return this.#endBefore(day.day);
    }
    if (await this.#isWithout(day)) {
      this.#searchedToMs = startOfDay(day.day);
      return;
    }
    using opened = await openLog(this.#log, (one) => one.day === day.day);
    for (const one of opened.days) {
      await this.#readDay(day.day, sectionsOf({ days: [one], ram: [] })[0]);
    }
  }

  /** Reads RAM back from the cursor, or from its end. */
  async #readRam({ ram }: { readonly ram: Parameters<typeof sectionsOf>[0]["ram"] }) {
    const wanted = this.#wantedCount();
    const before = this.#cursor !== undefined && "record" in this.#cursor
      ? this.#cursor
      : undefined;
    const found = new Last<FoundRecord>(wanted);
    let isReached = before === undefined;
    for (const section of sectionsOf({ days: [], ram })) {
      const isStopped = await this.#readLines(section, ({ line, record }) => {
        if (before !== undefined && isAt(before, line, record)) return "stop";
        if (this.#isWanted(record)) found.add({ id: recordId(line, record), line, record });
      });
      if (!isStopped) continue;
      isReached = true;
      break;
    }
    // It has been moved to its day since.
    if (!isReached) return;
    this.#cursor = undefined;
    this.#give(found.newestFirst());
    if (found.isFull) this.#next = cursorOfRam(this.#records.at(-1)!);
  }

  /** Reads a day back from the cursor, or from its end. */
  async #readDay(day: string, section: LogSection): Promise<void> {
    const cursor = this.#cursor?.day === day ? this.#cursor : undefined;
    const found = new Last<FoundRecord & { readonly index: number }>(this.#wantedCount());
    let lines = 0;
    const isAtCursor = () => cursor !== undefined && "line" in cursor && lines >= cursor.line;
    const begin = () => isAtCursor() ? "stop" : void lines++;
    await this.#readLines(section, ({ line, record }) => {
      if (cursor !== undefined && "record" in cursor && isAt(cursor, line, record)) return "stop";
      if (!this.#isWanted(record)) return;
      found.add({ id: recordId(line, record), line, record, index: lines - 1 });
    }, begin);
    this.#cursor = undefined;
    const newest = found.newestFirst();
    this.#give(newest.map(({ id, line, record }) => ({ id, line, record })));
    if (found.isFull) this.#next = `${day}~${newest.at(-1)!.index}`;
    else this.#searchedToMs = startOfDay(day);
  }

  /** How many records are still wanted. */
  #wantedCount(): number {
    return this.#question.limit - this.#records.length;
  }

  #isWanted(record: LogRecord): boolean {
    const { filter, hasGaps } = this.#question;
    return (hasGaps || !isGap(record)) && isWanted(record, filter);
  }

  #give(records: readonly FoundRecord[]): void {
    this.#records.push(...records);
    const last = records.at(-1);
    if (last !== undefined) this.#searchedToMs = Date.parse(last.record["@timestamp"]);
  }

  #endBefore(day: string): void {
    this.#next = `${day}~`;
  }

  /** Hands each record to `take`, until that, or `begin` before a line, says stop. @returns whether one did */
  async #readLines(
    section: LogSection,
    take: (found: { line: string; record: LogRecord }) => "stop" | undefined | void,
    begin: () => "stop" | undefined | void = () => {},
  ): Promise<boolean> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of section.lines()) {
        if (begin() === "stop") return true;
        const line = decoder.decode(bytes);
        const record = parseLine(line);
        if (record === undefined) this.#foreign++;
        else if (take({ line, record }) === "stop") return true;
      }
    } catch (error) {
      this.#faults.push(error as Error);
    }
    return false;
  }

  /** Whether the day's summary tells that it has no record of the kind. */
  async #isWithout(day: ArchiveDay): Promise<boolean> {
    const { filter: { sinceMs: _since, untilMs: _until, ...filter }, hasGaps } = this.#question;
    const isAny = Object.values(filter).every((wanted) => wanted === undefined);
    if (isAny || filter.name !== undefined && isIP(filter.name) !== 0) return false;
    const folder = summaryDir(this.#log.archiveDir);
    const file = (await listSummaries(folder)).find((one) => one.day === day.day);
    if (file === undefined || !await isWhole(folder, this.#log.archiveDir, day)) return false;
    try {
      using summary = await openSummary(file.path);
      if (summary.head.folded.rows > 0) return false;
      const vocabulary = new Vocabulary();
      const matches = factFilter(filter, vocabulary);
      let isFound = false;
      const ever = { sinceMs: -Infinity, untilMs: Infinity };
      summary.readRows(vocabulary, ever, {
        fact: (fact) => isFound ||= matches(fact),
        gap: () => isFound ||= hasGaps,
        foreign: () => {},
      });
      return !isFound;
    } catch {
      return false; // damaged: the records are there
    }
  }
}

/** The last of what is added, as many as are wanted; of none wanted none. */
class Last<T> {
  readonly #wanted: number;
  #items: T[] = [];

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** Whether there are as many as are wanted. */
  get isFull(): boolean {
    return this.#items.length >= this.#wanted;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#wanted + 1) this.#items = this.#items.slice(-this.#wanted);
  }

  newestFirst(): T[] {
    return this.#wanted === 0 ? [] : this.#items.slice(-this.#wanted).reverse();
  }
}

/** A flow's record, and the other lines of its flow. */
export interface RecordWithFlow extends FoundRecord {
  /** Those in RAM and in the archive of that day, itself among them, as they stand there; none of a gap. */
  readonly flow: readonly FoundRecord[];
}

/** Lines of one flow that are given at most. */
const MAX_FLOW_LINES = 200;

/** The record with an id, undefined where the log has none. @throws {WrongWord} when it is no id @throws {Error} */
export async function findRecord(log: LogPlace, id: string): Promise<RecordWithFlow | undefined> {
  const place = readId(id);
  const { day, record: identity } = place;
  const flowId = identity.startsWith("gap.") ? undefined : identity.split(".")[0];
  const flow: FoundRecord[] = [];
  let found: FoundRecord | undefined;
  using opened = await openLog(log, (one) => one.day === day);
  const decoder = new TextDecoder();
  for (const section of sectionsOf(opened)) {
    for await (const bytes of section.lines()) {
      const line = decoder.decode(bytes);
      if (!line.includes(flowId ?? `"gap"`)) continue;
      const record = parseLine(line);
      if (record === undefined) continue;
      const one = { id: recordId(line, record), line, record };
      if (isAt(place, line, record)) found ??= one;
      const isOfFlow = flowId !== undefined && !isGap(record) &&
        record.wifilogger.flow_id === flowId;
      if (isOfFlow && flow.length < MAX_FLOW_LINES) flow.push(one);
    }
  }
  return found && { ...found, flow };
}

function cursorOfRam({ id }: FoundRecord): string {
  return `ram~${id}`;
}

/** @throws {WrongWord} */
function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const inRam = /^ram~(.*)$/.exec(text);
  if (inRam !== null && RECORD_ID.test(inRam[1])) return readId(inRam[1]);
  const match = /^(\d{4}-\d\d-\d\d)~(\d{0,9})$/.exec(text);
  if (match === null) throw new WrongWord(`cursor=${text} is none. Begin without a cursor`);
  return { day: match[1], line: match[2] === "" ? Infinity : Number(match[2]) };
}

/** @throws {WrongWord} */
function readId(id: string): RecordPlace {
  const match = RECORD_ID.exec(id);
  if (match === null) throw new WrongWord(`${id} is the id of no record`);
  const timeMs = Number(match[1]);
  return { day: localDay(timeMs), timeMs, record: match[2] };
}

/** Milliseconds since 1970. */
function startOfDay(day: string): number {
  // Midnight may be left out of a day; noon never is.
  return localDayAt(Date.parse(`${day}T12:00:00`)).startMs;
}
