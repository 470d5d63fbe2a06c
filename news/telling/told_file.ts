/**
 * What was told, and what is still to be told to whom: `news/told.json`, written before a telling is sent and when its
 * receiver has answered. So nothing is found twice, and what a kill or a network that is away has kept back is sent later.
 */

import { dirname, join } from "@std/path";
import { writeFileAtomic } from "../../storage/card/atomic_file.ts";
import { osReason } from "../../system/files/os_error.ts";
import { readOwnText } from "../../system/files/own_file.ts";
import { makeOwnFolder } from "../../system/files/owner.ts";
import { reasonAnd } from "../../system/files/reason_and.ts";
import { newsDir } from "../ledger/kept_ledger.ts";
import type { Telling } from "./telling.ts";

/** In the folder `news`. */
export const TOLD_FILE = "told.json";
const FILE_MODE = 0o600;

/** A telling on its way. */
export interface Pending {
  readonly telling: Telling;
  /** The receivers that have not answered yet. */
  readonly to: readonly string[];
}

/** All of it; times are milliseconds since 1970. */
export interface ToldState {
  /** By a piece of news: when it was told. */
  readonly told: Readonly<Record<string, number>>;
  /** By a device: when it was last told of. */
  readonly devices: Readonly<Record<string, number>>;
  /** Tellings of a local day. */
  readonly today: { readonly day: string; readonly count: number };
  /** When telling began: what was seen before is not told. 0: it has not. */
  readonly sinceMs: number;
  /** When the last letter was written; before the first one, when telling began. */
  readonly letterMs: number;
  readonly outbox: readonly Pending[];
}

export const NOTHING_TOLD: ToldState = {
  told: {},
  devices: {},
  today: { day: "", count: 0 },
  sinceMs: 0,
  letterMs: 0,
  outbox: [],
};

function toldPath(archiveDir: string): string {
  return join(newsDir(archiveDir), TOLD_FILE);
}

/** Nothing, where there is no file. @throws {Error} why it cannot be read, and what to do */
export async function readTold(archiveDir: string): Promise<ToldState> {
  const path = toldPath(archiveDir);
  try {
    return { ...NOTHING_TOLD, ...JSON.parse(await readOwnText(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NOTHING_TOLD;
    const why = error instanceof SyntaxError
      ? "it is damaged. Remove it: what is new is then told again"
      : reasonAnd(error, "Run as the user that the logger runs as");
    throw new Error(`reading ${path}: ${why}`, { cause: error });
  }
}

/** Tells the file from any other that stands in its place; `undefined` where there is none. */
export async function toldMark(archiveDir: string): Promise<string | undefined> {
  try {
    const { ino, mtime, size } = await Deno.stat(toldPath(archiveDir));
    return `${ino} ${mtime?.getTime()} ${size}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** @throws {Error} why it cannot be written, and what to do */
export async function writeTold(archiveDir: string, state: ToldState): Promise<void> {
  const path = toldPath(archiveDir);
  try {
    await makeOwnFolder(dirname(path));
    await writeFileAtomic(path, JSON.stringify(state) + "\n", { mode: FILE_MODE });
  } catch (cause) {
    throw new Error(
      `writing ${path}: ${osReason(cause)}. Run as the user that the logger runs as`,
      { cause },
    );
  }
}
