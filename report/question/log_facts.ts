/**
 * The facts of a span of time: from the summaries of days whose files say no more, from the records of the others, and
 * from RAM. Each record is counted once, also while a logger writes, compresses and sums.
 */

import { isIP } from "node:net";
import type { FlowFilter } from "../../record/record_filter.ts";
import { listDays } from "../../storage/archive/archive_days.ts";
import { localDay, localDayAt } from "../../storage/day/calendar_day.ts";
import { openSnapshot } from "../../storage/log_snapshot.ts";
import { factFilter } from "../facts/fact_filter.ts";
import type { FactSink } from "../facts/fact.ts";
import { LineFacts, type Span } from "../facts/line_facts.ts";
import type { Vocabulary } from "../facts/vocabulary.ts";
import { hourStart } from "../facts/hour_start.ts";
import { type KeptMonths, wholeMonths } from "../summary/month_sums.ts";
import type { OpenSummary } from "../summary/summary_file.ts";
import { isWhole, listSummaries, openSummary, summaryDir } from "../summary/summaries.ts";

/** Which log. Paths are absolute. */
export interface LogPlace {
  readonly ramLogPath: string;
  readonly archiveDir: string;
  /** Sums of whole months, for who is content with months. @default there are none */
  readonly months?: KeptMonths;
}

/** What is read of it. */
export interface FactsQuestion {
  readonly span: Span;
  readonly filter: FlowFilter;
  readonly vocabulary: Vocabulary;
  readonly sink: FactSink;
  /** Whether facts of whole months, or days, may come as of their first hour. @default false */
  readonly isByMonths?: boolean;
  /** Called with how much has been read, from 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** What there is to say of what was read. */
export interface FactsNotes {
  /** Days of which there are only sums by the hour, where the question cuts an hour in two. */
  readonly roundedDays: readonly string[];
  /** Days of which there are only sums, which do not tell the other end's address that was asked for. */
  readonly silentDays: readonly string[];
  /** Bytes that were summed as "other" in days of very many rows, of any kind. */
  readonly foldedBytes: number;
  /** Files that could not be read, and why. */
  readonly faults: readonly Error[];
  /** The first day of which anything is known. */
  readonly firstDay: string | undefined;
}

/** Hands the wanted facts of the span to the sink, and every gap in it. */
export async function readFacts(
  log: LogPlace,
  { span, filter, vocabulary, sink, isByMonths = false, progress }: FactsQuestion,
): Promise<FactsNotes> {
  const folder = summaryDir(log.archiveDir);
  const summaries = new Map((await listSummaries(folder)).map((file) => [file.day, file]));
  const isWanted = factFilter(filter, vocabulary);
  const wanted: FactSink = {
    fact: (fact) => isWanted(fact) && sink.fact(fact),
    gap: (gap) => sink.gap(gap),
    foreign: (lines) => sink.foreign(lines),
  };
  const [from, to] = [dayOf(span.sinceMs), dayOf(span.untilMs - 1)];
  const archived = await listDays(log.archiveDir);
  const inArchive = new Set(archived.map(({ day }) => day));
  const asksForAddress = filter.name !== undefined && isIP(filter.name) !== 0;
  const known: string[] = [];
  using snapshot = await openSnapshot({
    ...log,
    from,
    to,
    isKnown: async (day) => {
      const isAnswered = summaries.has(day.day) && !asksForAddress && isByHours(day.day, span) &&
        await isWhole(folder, log.archiveDir, day);
      if (isAnswered) known.push(day.day);
      return isAnswered;
    },
  });
  const gone = [...summaries.keys()].filter((day) =>
    day >= from && day <= to && !inArchive.has(day)
  );
  const summed = [...new Set([...known, ...gone])].sort();
  // Of a month of which a day has no sums, the days are read one by one.
  const isReadFromRecords = (month: string) =>
    [...inArchive].some((day) => day.startsWith(month) && !known.includes(day));
  const faults: Error[] = [];
  let foldedBytes = 0;
  let read = 0;
  const ofDays = (asksForAddress ? [] : summed).map((day) => summaries.get(day)!);
  const months = isByMonths && log.months !== undefined
    ? wholeMonths(ofDays, span).filter(({ month }) => !isReadFromRecords(month))
    : [];
  const inMonths = new Set(months.flatMap(({ days }) => days));
  const single = ofDays.filter((day) => !inMonths.has(day));
  const parts = ofDays.length + snapshot.sections.length * RAW_WEIGHT;
  const hours = { sinceMs: hourOf(span.sinceMs), untilMs: hourEnd(span.untilMs) };
  /** @returns whether there was one */
  const readSums = async (opened: Promise<OpenSummary | undefined>, days: number) => {
    try {
      using summary = await opened;
      if (summary === undefined) return false;
      summary.readRows(vocabulary, hours, wanted, { isByMonths });
      foldedBytes += summary.head.folded.bytes;
      wanted.foreign(summary.head.foreign);
    } catch (error) {
      faults.push(error as Error);
    }
    progress?.((read += days) / parts);
    return true;
  };
  for (const [{ days }, opened] of ahead(months, (month) => log.months!.open(month))) {
    if (!await readSums(opened, days.length)) single.push(...days);
  }
  for (const [, opened] of ahead(single, ({ path }) => openSummary(path))) {
    await readSums(opened, 1);
  }
  const lines = new LineFacts(vocabulary, span, wanted);
  for (const section of snapshot.sections) {
    try {
      for await (const block of section.blocks()) lines.read(block);
    } catch (error) {
      faults.push(error as Error);
    }
    progress?.((read += RAW_WEIGHT) / parts);
  }
  return {
    roundedDays: gone.filter((day) => !asksForAddress && !isByHours(day, span)),
    silentDays: asksForAddress ? gone : [],
    foldedBytes,
    faults,
    firstDay: [...summaries.keys(), ...inArchive].sort()[0],
  };
}

/** Opens each a step ahead: the card is read while what came before is summed. */
function* ahead<T, Opened>(
  items: readonly T[],
  open: (item: T) => Promise<Opened>,
): Generator<[T, Promise<Opened>]> {
  const opened = (item: T) => {
    const promise = open(item);
    promise.catch(() => {}); // it is told to who waits for it
    return promise;
  };
  let next = items.length > 0 ? opened(items[0]) : undefined;
  for (let i = 0; next !== undefined; i++) {
    const current = next;
    next = i + 1 < items.length ? opened(items[i + 1]) : undefined;
    yield [items[i], current];
  }
}

/** A day's records take so many times longer to read than its summary. */
const RAW_WEIGHT = 40;

/** Whether the span begins and ends between two hours of the day, or outside of it. */
function isByHours(day: string, { sinceMs, untilMs }: Span): boolean {
  // Midnight may be left out of a day; noon never is.
  const { startMs, endMs } = localDayAt(Date.parse(`${day}T12:00:00`));
  return [sinceMs, untilMs].every((ms) => ms <= startMs || ms >= endMs || hourStart(ms) === ms);
}

function dayOf(epochMs: number): string {
  return Number.isFinite(epochMs) ? localDay(epochMs) : epochMs < 0 ? "" : "9999-99-99";
}

function hourOf(epochMs: number): number {
  return Number.isFinite(epochMs) ? hourStart(epochMs) : epochMs;
}

/** The first hour that begins at `epochMs` or later. */
function hourEnd(epochMs: number): number {
  return hourOf(epochMs) === epochMs ? epochMs : hourOf(epochMs) + 1;
}
