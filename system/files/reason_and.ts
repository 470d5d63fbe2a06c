/** Why a file could not be read or written, and what to do. */

import { osReason } from "./os_error.ts";
import { ForeignFileError } from "./own_file.ts";

/** In one sentence or two: `advice`, unless the reason says itself what to do. */
export function reasonAnd(error: unknown, advice: string): string {
  return error instanceof ForeignFileError ? error.message : `${osReason(error)}. ${advice}`;
}
