/** What is remembered of fetching databases from one time to the next: `state.json` beside them. */

import { join } from "@std/path";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { readOwnTextSync } from "../../system/files/own_file.ts";

/** Of one database. Times are milliseconds since 1970. */
export interface DatabaseState {
  /** When it was last fetched, or found to be the newest. */
  readonly checkedMs?: number;
  /** ETag of the file that is there. */
  readonly etag?: string;
  /** The month of the file that is there, `2026-11`, of those that are made monthly. */
  readonly month?: string;
  /** What lies in `NAME.part`: whence and which. */
  readonly part?: { readonly url: string; readonly etag: string };
  /** Failures in a row, and why the last. */
  readonly failures?: number;
  readonly why?: string;
  /** Not tried by itself before then. */
  readonly notBeforeMs?: number;
}

/** Of each, by name. */
export type RenewalState = Readonly<Record<string, DatabaseState>>;

const VERSION = 1;

/** Reads it; what cannot be read is as if there were none. */
export function readRenewalState(placesDir: string): RenewalState {
  try {
    const { version, databases } = JSON.parse(readOwnTextSync(pathIn(placesDir)));
    return version === VERSION && typeof databases === "object" && databases !== null
      ? databases
      : {};
  } catch {
    return {};
  }
}

/** Writes it, whole. */
export async function writeRenewalState(placesDir: string, databases: RenewalState): Promise<void> {
  const text = JSON.stringify({ version: VERSION, databases }, null, 1);
  await writeFileAtomic(pathIn(placesDir), `${text}\n`, { mode: 0o640 });
}

function pathIn(placesDir: string): string {
  return join(placesDir, "state.json");
}
