/** Errors that end the program: one line on stderr, and an exit code. */

import { NoOneDevice } from "../../news/rules/no_one_device.ts";
import { SettingError } from "../../service/settings/setting_error.ts";
import { isSystemFault } from "../../system/system_fault.ts";

/** Done; also when there was nothing to do. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
/** A wrong flag, argument or setting. */
export const EXIT_USAGE = 2;
/** A privilege or a part of the system is missing; the message says which, and what mends it. */
export const EXIT_SYSTEM = 3;

/** The command line cannot be understood. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The exit code for an error that ended the program. */
export function exitCodeOf(error: unknown): number {
  const isWrong = [UsageError, SettingError, NoOneDevice].some((kind) => error instanceof kind);
  if (isWrong) return EXIT_USAGE;
  return isSystemFault(error) ? EXIT_SYSTEM : EXIT_FAILED;
}
