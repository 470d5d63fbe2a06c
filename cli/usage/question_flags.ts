/** The flags that say which records a question is about. */

import type { RecordFilter } from "../../record/record_filter.ts";
import { readFilter, type WordOptions, WrongWord } from "../../report/question/written_question.ts";
import type { Arguments } from "./arguments.ts";
import { UsageError } from "./exit_error.ts";

/** What stands before a word on a command line. */
export const FLAG_PREFIX = "--";

/** The records that the flags ask for. @throws {UsageError} */
export function filterFrom(args: Arguments, options: Omit<WordOptions, "prefix">): RecordFilter {
  return readWords(() => readFilter(args, { ...options, prefix: FLAG_PREFIX }));
}

/** What `read` reads of flags. @throws {UsageError} */
export function readWords<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof WrongWord ? new UsageError(error.message) : error;
  }
}
