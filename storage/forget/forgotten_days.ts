/**
 * What was taken out of the archive, for whoever follows the log: `forgotten.json` in the archive's folder says by how
 * much each day was shortened, and nothing of what. It is exchanged together with the days.
 */

import { join } from "node:path";
import type { DayCut } from "./position_map.ts";
import { readOwnText } from "../../system/files/own_file.ts";

/** One run of `forget`. */
export interface Forgetting {
  /** 1, then one more each. */
  readonly number: number;
  /** By day, `YYYY-MM-DD`. */
  readonly days: Readonly<Record<string, DayCut>>;
}

/** Runs that are kept; who followed last before that reads days anew that have changed since. */
const MAX_KEPT = 100;
/** Runs of which it is kept which lines went: who follows looks every few seconds. */
const MAX_WITH_CUTS = 3;

/** Where it lies. */
export function forgottenPath(archiveDir: string): string {
  return join(archiveDir, "forgotten.json");
}

/** Tells one state of the file from all others; empty where there is none. */
export function forgottenMark(archiveDir: string): string {
  try {
    const { ino, mtime, size } = Deno.statSync(forgottenPath(archiveDir));
    return `${ino} ${mtime?.getTime()} ${size}`;
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNone) return "";
    throw error;
  }
}

/** The runs that are kept, oldest first. */
export async function readForgettings(archiveDir: string): Promise<readonly Forgetting[]> {
  let text: string;
  try {
    text = await readOwnText(forgottenPath(archiveDir));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const { forgettings } = JSON.parse(text);
  return Array.isArray(forgettings) ? forgettings : [];
}

/** The file's text with one more run. */
export function withForgetting(
  earlier: readonly Forgetting[],
  days: Forgetting["days"],
): string {
  const number = (earlier.at(-1)?.number ?? 0) + 1;
  const kept = [...earlier, { number, days }].slice(-MAX_KEPT);
  const forgettings = kept.map((one, i) =>
    i >= kept.length - MAX_WITH_CUTS ? one : { ...one, days: withoutCuts(one.days) }
  );
  return JSON.stringify({ forgettings }) + "\n";
}

function withoutCuts(days: Forgetting["days"]): Forgetting["days"] {
  return Object.fromEntries(
    Object.entries(days).map(([day, { gzip, plain, ...cut }]) => [day, {
      ...cut,
      gzip: gzip && { ...gzip, cuts: undefined, members: undefined },
      plain: plain && { ...plain, cuts: undefined },
    }]),
  );
}
