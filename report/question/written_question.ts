/** Questions as people write them, in flags and in addresses of pages: which records, which groups, which period. */

import { DIRECTIONS, NAME_SOURCES } from "../../record/log_record.ts";
import type { RecordFilter } from "../../record/record_filter.ts";
import { localDay, localDayAt } from "../../storage/day/calendar_day.ts";
import type { Question } from "./answer.ts";
import { type Dimension, DIMENSIONS } from "./dimension_words.ts";
import { parseMoment } from "./moment.ts";
import { spanBefore } from "./spans.ts";

/** Something was written that nobody can mean; the message says what, and what to write. */
export class WrongWord extends Error {
  override name = "WrongWord";
}

/** What was written, by its name. */
export interface WrittenWords {
  /** The last one counts. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
}

/** What words are read against. */
export interface WordOptions {
  /** The present, milliseconds since 1970. */
  readonly nowMs: number;
  /** The day of the month on which a month begins. */
  readonly billingDay: number;
  /** What stands before a name where it is written: `--` on a command line, nothing in an address. */
  readonly prefix: string;
}

/** A period is the last days, today among them, where none is given. */
const DEFAULT_DAYS = 7;

/** The records that are asked for. @throws {WrongWord} */
export function readFilter(words: WrittenWords, options: WordOptions): RecordFilter {
  const { prefix } = options;
  const sinceMs = readMoment(words, "since", { ...options, isEnd: false });
  const untilMs = readMoment(words, "until", { ...options, isEnd: true });
  if ((sinceMs ?? -Infinity) >= (untilMs ?? Infinity)) {
    throw new WrongWord(
      `${prefix}since=${words.value("since")} is not before ${prefix}until=${
        words.value("until")
      }. Exchange them`,
    );
  }
  return {
    sinceMs,
    untilMs,
    device: words.value("device"),
    name: words.value("name"),
    site: words.value("site"),
    country: words.value("country"),
    owner: words.value("owner"),
    port: readPort(words, prefix),
    protocol: words.value("protocol"),
    direction: oneOfWords(words, "direction", DIRECTIONS, prefix),
    evidence: oneOfWords(words, "evidence", NAME_SOURCES, prefix),
  };
}

/** The question, for the last days where no period is given, by `otherwise` where nothing is. @throws {WrongWord} */
export function readQuestion(
  words: WrittenWords,
  options: WordOptions & { readonly isCompared: boolean; readonly otherwise: readonly Dimension[] },
): Question {
  const { nowMs, billingDay, prefix, isCompared, otherwise } = options;
  const { sinceMs, untilMs, ...filter } = readFilter(words, options);
  const today = localDayAt(nowMs);
  const span = {
    sinceMs: sinceMs ??
      new Date(today.startMs).setDate(new Date(today.startMs).getDate() + 1 - DEFAULT_DAYS),
    untilMs: untilMs ?? today.endMs,
  };
  if (span.sinceMs >= span.untilMs) {
    throw new WrongWord(
      `${prefix}until=${words.value("until")} is before the period. Give ${prefix}since, too`,
    );
  }
  return {
    span,
    by: readDimensions(words, prefix) ?? otherwise,
    filter,
    billingDay,
    before: isCompared ? spanBefore(span, { nowMs, billingDay }) : undefined,
  };
}

/** Those of `by`; undefined without it. @throws {WrongWord} */
function readDimensions(words: WrittenWords, prefix: string): Dimension[] | undefined {
  const found = words.values("by").flatMap((text) => text.split(","));
  if (found.length === 0) return undefined;
  return found.map((word) => {
    const dimension = DIMENSIONS.find((one) => one === word);
    if (dimension !== undefined) return dimension;
    throw new WrongWord(
      `${prefix}by=${word} is not possible. Write one of: ${DIMENSIONS.join(", ")}`,
    );
  });
}

/** The days of the archive in which such records can lie. */
export function daysOf({ sinceMs, untilMs }: RecordFilter): { from?: string; to?: string } {
  return {
    from: sinceMs === undefined ? undefined : localDay(sinceMs),
    to: untilMs === undefined ? undefined : localDay(untilMs - 1),
  };
}

/** One moment, milliseconds since 1970. @throws {WrongWord} */
export function readMoment(
  words: WrittenWords,
  name: string,
  { prefix, ...options }: WordOptions & { readonly isEnd: boolean },
): number | undefined {
  const text = words.value(name);
  if (text === undefined) return undefined;
  try {
    return parseMoment(text, options);
  } catch (error) {
    throw new WrongWord(`${prefix}${name}=${text} is no moment. ${(error as Error).message}`);
  }
}

/** One of a few words. @throws {WrongWord} */
export function oneOfWords<T extends string>(
  words: WrittenWords,
  name: string,
  allowed: readonly T[],
  prefix: string,
): T | undefined {
  const value = words.value(name);
  if (value === undefined) return undefined;
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw new WrongWord(
    `${prefix}${name}=${value} is not possible. Write one of: ${allowed.join(", ")}`,
  );
}

function readPort(words: WrittenWords, prefix: string): number | undefined {
  const text = words.value("port");
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new WrongWord(`${prefix}port=${text} is no port. Write a number from 0 to 65535`);
}
