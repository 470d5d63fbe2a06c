/** The flags that say which records a question is about. */

import { DIRECTIONS, NAME_SOURCES } from "../../record/log_record.ts";
import type { RecordFilter } from "../../record/record_filter.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { parseMoment } from "../../report/question/moment.ts";
import { type Arguments, oneOf } from "./arguments.ts";
import { UsageError } from "./exit_error.ts";

/** What the flags are read against. */
export interface QuestionOptions {
  /** The present, milliseconds since 1970. */
  readonly nowMs: number;
  /** The day of the month on which a month begins. */
  readonly billingDay: number;
}

/** The records that the flags ask for. @throws {UsageError} */
export function filterFrom(args: Arguments, options: QuestionOptions): RecordFilter {
  const sinceMs = moment(args, "since", { ...options, isEnd: false });
  const untilMs = moment(args, "until", { ...options, isEnd: true });
  if ((sinceMs ?? -Infinity) >= (untilMs ?? Infinity)) {
    throw new UsageError(
      `--since=${args.value("since")} is not before --until=${args.value("until")}. Exchange them`,
    );
  }
  return {
    sinceMs,
    untilMs,
    device: args.value("device"),
    name: args.value("name"),
    site: args.value("site"),
    country: args.value("country"),
    owner: args.value("owner"),
    port: port(args),
    protocol: args.value("protocol"),
    direction: oneOf(args, "direction", DIRECTIONS),
    evidence: oneOf(args, "evidence", NAME_SOURCES),
  };
}

/** The days of the archive in which such records can lie. */
export function daysOf({ sinceMs, untilMs }: RecordFilter): { from?: string; to?: string } {
  return {
    from: sinceMs === undefined ? undefined : localDay(sinceMs),
    to: untilMs === undefined ? undefined : localDay(untilMs - 1),
  };
}

function moment(
  args: Arguments,
  flag: "since" | "until",
  options: QuestionOptions & { isEnd: boolean },
): number | undefined {
  const text = args.value(flag);
  if (text === undefined) return undefined;
  try {
    return parseMoment(text, options);
  } catch (error) {
    throw new UsageError(`--${flag}=${text} is no moment. ${(error as Error).message}`);
  }
}

function port(args: Arguments): number | undefined {
  const text = args.value("port");
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port=${text} is no port. Write a number from 0 to 65535`);
}
