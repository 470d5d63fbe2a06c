/** A question asked of the log, and its answer. */

import type { FlowFilter } from "../../record/record_filter.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { bytesOf, type Fact, type GapFact } from "../facts/fact.ts";
import type { Span } from "../facts/line_facts.ts";
import { Vocabulary } from "../facts/vocabulary.ts";
import { listSummaries, openSummary, summaryDir } from "../summary/summaries.ts";
import type { WordIds } from "../summary/summary_file.ts";
import { type Grouping, groupingBy, groupingOfHours } from "./dimension.ts";
import { type Dimension, SEEN_DIMENSIONS, TIME_DIMENSIONS } from "./dimension_words.ts";
import type { Group } from "./group.ts";
import { type FactsNotes, type LogPlace, readFacts } from "./log_facts.ts";
import { FactBlock } from "./fact_block.ts";
import { addBlock, keyOf, noSums, type Sums, Tally } from "./tally.ts";

/** What is asked. */
export interface Question {
  readonly span: Span;
  readonly by: readonly Dimension[];
  readonly filter: FlowFilter;
  /** The period that it is compared with. @default none */
  readonly before?: Span;
  readonly billingDay: number;
  /** Whether rows tell what no day before saw, for which all earlier summaries are read. @default true */
  readonly tellsNew?: boolean;
  /** Whether months are all that time is asked by, so that hours of whole months may be as of the month's first. @default false */
  readonly isByMonths?: boolean;
  /** Called with how much has been read, from 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** The sums of one group. */
export interface Row {
  /** One for each dimension of the question. */
  readonly groups: readonly Group[];
  readonly sums: Sums;
  /** Of the period before; absent where nothing is compared. */
  readonly before?: Sums;
  /** Whether it was not seen on any day before; absent where that is not asked or not known. */
  readonly isNew?: boolean;
}

/** What was found. */
export interface Answer {
  readonly question: Question;
  readonly total: Sums;
  /** Of the period before; absent where nothing is compared. */
  readonly before?: Sums;
  /** The most bytes first, or in the order of time. */
  readonly rows: readonly Row[];
  /** How names were known: sums by evidence. */
  readonly evidence: readonly Row[];
  /** Sums of each hour in which something passed, in order. */
  readonly hours: readonly { readonly hourMs: number; readonly sums: Sums }[];
  readonly gaps: readonly GapFact[];
  /** Lines that the logger did not write. */
  readonly foreign: number;
  readonly notes: FactsNotes;
}

/** Asks the log. @throws {Error} when the log cannot be opened; of files that cannot be read the notes say so */
export async function ask(log: LogPlace, question: Question): Promise<Answer> {
  const [answer] = await askTogether(log, question, [question.by]);
  return answer;
}

/**
 * Asks one question by several groupings at once: the log is read once for all of them. Throws as `ask()` does.
 *
 * @returns an answer for each grouping, in their order
 */
export async function askTogether(
  log: LogPlace,
  question: Omit<Question, "by">,
  groupings: readonly (readonly Dimension[])[],
): Promise<Answer[]> {
  const vocabulary = new Vocabulary();
  const groupingsBy = (dimensions: readonly Dimension[]) =>
    dimensions.map((dimension) => groupingBy(dimension, vocabulary, question));
  const asked = groupings.map((dimensions) => {
    const by = groupingsBy(dimensions);
    return { dimensions, by, tally: new Tally(by), beforeTally: new Tally(by) };
  });
  const total = noSums();
  const beforeTotal = noSums();
  const evidence = new Tally(groupingsBy(["evidence"]));
  const hours = new Tally([groupingOfHours()]);
  const gaps: GapFact[] = [];
  let foreign = 0;
  const { filter, progress } = question;
  const facts = new SummedFacts(total, [...asked.map(({ tally }) => tally), evidence, hours]);
  const notes = await readFacts(log, {
    span: question.span,
    filter,
    vocabulary,
    isByMonths: question.isByMonths,
    progress: progress && ((share) => progress(question.before ? share / 2 : share)),
    sink: {
      fact: (fact) => facts.add(fact),
      gap: (gap) => gaps.push(gap),
      foreign: (lines) => foreign += lines,
    },
  });
  facts.finish();
  if (question.before !== undefined) {
    const facts = new SummedFacts(beforeTotal, asked.map(({ beforeTally }) => beforeTally));
    await readFacts(log, {
      span: question.before,
      filter,
      vocabulary,
      isByMonths: question.isByMonths,
      progress: progress && ((share) => progress((1 + share) / 2)),
      sink: {
        fact: (fact) => facts.add(fact),
        gap: () => {},
        foreign: () => {},
      },
    });
    facts.finish();
  }
  const hasBefore = question.before !== undefined;
  const common = {
    total,
    ...(hasBefore && { before: beforeTotal }),
    evidence: evidence.rows().sort(inOrder(["evidence"])),
    hours: hours.rows()
      .map(({ groups: [{ value }], sums }) => ({ hourMs: Number(value), sums }))
      .sort((a, b) => a.hourMs - b.hourMs),
    gaps,
    foreign,
    notes,
  };
  const answers: Answer[] = [];
  for (const { dimensions, by, tally, beforeTally } of asked) {
    const ofGrouping = { ...question, by: dimensions };
    const seen = question.tellsNew === false
      ? undefined
      : await seenBefore(log, ofGrouping, by, vocabulary);
    const beforeRows = new Map(beforeTally.rows().map(({ groups, sums }) => [keyOf(groups), sums]));
    const rows = tally.rows().map(({ groups, sums }): Row => {
      const key = keyOf(groups);
      return {
        groups,
        sums,
        ...(hasBefore && { before: beforeRows.get(key) ?? noSums() }),
        ...(seen && { isNew: !seen.has(key) }),
      };
    });
    answers.push({ ...common, question: ofGrouping, rows: rows.sort(inOrder(dimensions)) });
  }
  return answers;
}

/** Facts on their way into sums. */
class SummedFacts {
  readonly #block = new FactBlock();
  readonly #total: Sums;
  readonly #tallies: readonly Tally[];

  constructor(total: Sums, tallies: readonly Tally[]) {
    this.#total = total;
    this.#tallies = tallies;
  }

  add(fact: Fact): void {
    this.#block.add(fact);
    if (this.#block.isFull) this.finish();
  }

  /** Sums what was added and is not summed yet. */
  finish(): void {
    addBlock(this.#total, this.#block);
    for (const tally of this.#tallies) tally.add(this.#block);
    this.#block.clear();
  }
}

function inOrder(by: readonly Dimension[]): (a: Row, b: Row) => number {
  const times = by.flatMap((dimension, i) => TIME_DIMENSIONS.has(dimension) ? [i] : []);
  const text = ({ groups }: Row) => groups.map(({ label }) => label).join("\0");
  return (a, b) => {
    for (const i of times) {
      const [left, right] = [a.groups[i].label, b.groups[i].label];
      if (left !== right) return left < right ? -1 : 1;
    }
    return bytesOf(b.sums) - bytesOf(a.sums) || (text(a) < text(b) ? -1 : 1);
  };
}

/**
 * The groups that days before the span saw, by their keys: only of one dimension of which that can be told, and where an
 * earlier day has a summary, whose words alone are read.
 */
async function seenBefore(
  { archiveDir }: LogPlace,
  { by, span }: Question,
  [grouping]: readonly Grouping[],
  vocabulary: Vocabulary,
): Promise<Set<string> | undefined> {
  if (by.length !== 1 || !SEEN_DIMENSIONS.has(by[0]) || !Number.isFinite(span.sinceMs)) {
    return undefined;
  }
  const firstDay = localDay(span.sinceMs);
  const earlier = (await listSummaries(summaryDir(archiveDir))).filter(({ day }) => day < firstDay);
  if (earlier.length === 0) return undefined;
  const seen = new Set<number>();
  for (const { path } of earlier) {
    try {
      using summary = await openSummary(path);
      const ids = summary.readWords(vocabulary);
      for (const id of ids[grouping.field as keyof WordIds]) seen.add(id);
    } catch {
      // A damaged summary is said when it is asked for its sums.
    }
  }
  return new Set([...seen].map((id) => keyOf([grouping.groupOf(grouping.idOf(id))])));
}
