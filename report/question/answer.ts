/** A question asked of the log, and its answer. */

import type { FlowFilter } from "../../record/record_filter.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import type { GapFact } from "../facts/fact.ts";
import type { Span } from "../facts/line_facts.ts";
import { Vocabulary } from "../facts/vocabulary.ts";
import { listSummaries, openSummary, summaryDir } from "../summary/summaries.ts";
import {
  type Dimension,
  type Grouping,
  groupingBy,
  groupingOfHours,
  SEEN_DIMENSIONS,
  TIME_DIMENSIONS,
} from "./dimension.ts";
import type { Group } from "./group.ts";
import { type FactsNotes, type LogPlace, readFacts } from "./log_facts.ts";
import { keyOf, type Sums, Tally } from "./tally.ts";

/** What is asked. */
export interface Question {
  readonly span: Span;
  readonly by: readonly Dimension[];
  readonly filter: FlowFilter;
  /** The period that it is compared with. @default none */
  readonly before?: Span;
  readonly billingDay: number;
  /** Is told how much has been read, from 0 to 1. */
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
  const vocabulary = new Vocabulary();
  const groupings = (dimensions: readonly Dimension[]) =>
    dimensions.map((dimension) => groupingBy(dimension, vocabulary, question));
  const by = groupings(question.by);
  const tally = new Tally(by);
  const evidence = new Tally(groupings(["evidence"]));
  const hours = new Tally([groupingOfHours()]);
  const gaps: GapFact[] = [];
  let foreign = 0;
  const { filter, progress } = question;
  const notes = await readFacts(log, {
    span: question.span,
    filter,
    vocabulary,
    progress: progress && ((share) => progress(question.before ? share / 2 : share)),
    sink: {
      fact: (fact) => {
        tally.add(fact);
        evidence.add(fact);
        hours.add(fact);
      },
      gap: (gap) => gaps.push(gap),
      foreign: () => foreign++,
    },
  });
  const beforeTally = new Tally(by);
  if (question.before !== undefined) {
    await readFacts(log, {
      span: question.before,
      filter,
      vocabulary,
      progress: progress && ((share) => progress((1 + share) / 2)),
      sink: { fact: (fact) => beforeTally.add(fact), gap: () => {}, foreign: () => {} },
    });
  }
  const seen = await seenBefore(log, question, by, vocabulary);
  const hasBefore = question.before !== undefined;
  const beforeRows = new Map(beforeTally.rows().map(({ groups, sums }) => [keyOf(groups), sums]));
  const rows = tally.rows().map(({ groups, sums }): Row => {
    const key = keyOf(groups);
    return {
      groups,
      sums,
      ...(hasBefore && { before: beforeRows.get(key) ?? new Tally([]).total }),
      ...(seen && { isNew: !seen.has(key) }),
    };
  });
  return {
    question,
    total: tally.total,
    ...(hasBefore && { before: beforeTally.total }),
    rows: rows.sort(inOrder(question.by)),
    evidence: evidence.rows().sort(inOrder(["evidence"])),
    hours: hours.rows()
      .map(({ groups: [{ value }], sums }) => ({ hourMs: Number(value), sums }))
      .sort((a, b) => a.hourMs - b.hourMs),
    gaps,
    foreign,
    notes,
  };
}

function inOrder(by: readonly Dimension[]): (a: Row, b: Row) => number {
  const bytes = ({ sums }: Row) => sums.upBytes + sums.downBytes;
  const times = by.flatMap((dimension, i) => TIME_DIMENSIONS.has(dimension) ? [i] : []);
  const text = ({ groups }: Row) => groups.map(({ label }) => label).join("\0");
  return (a, b) => {
    for (const i of times) {
      const [left, right] = [a.groups[i].label, b.groups[i].label];
      if (left !== right) return left < right ? -1 : 1;
    }
    return bytes(b) - bytes(a) || (text(a) < text(b) ? -1 : 1);
  };
}

/**
 * The groups that days before the span saw, by their keys. Only asked by one dimension, of which that can be told, and
 * when every earlier day that is known has a summary, whose words alone are read.
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
  const words = new Vocabulary();
  for (const { path } of earlier) {
    try {
      (await openSummary(path)).readWords(words);
    } catch {
      // A damaged summary is said when it is asked for its sums.
    }
  }
  return new Set(valuesIn(by[0], words, grouping, vocabulary).map((group) => keyOf([group])));
}

/** The groups that the words of earlier days fall in, as they are grouped together with those of the span. */
function valuesIn(
  dimension: Dimension,
  words: Vocabulary,
  grouping: Grouping,
  vocabulary: Vocabulary,
): Group[] {
  const idsOf: Record<string, () => number[]> = {
    device: () => words.devices.words.map(({ mac, name, ip }) => vocabulary.device(mac, name, ip)),
    name: () => words.names.words.map((name) => vocabulary.name(name)),
    country: () => words.countries.words.map(({ code, name }) => vocabulary.country(code, name)),
    owner: () =>
      words.owners.words.map(({ number, name }) => vocabulary.owner(number?.toString(), name)),
  };
  idsOf.site = idsOf.name;
  return idsOf[dimension]().map((id) => grouping.groupOf(grouping.idOf(id)));
}
