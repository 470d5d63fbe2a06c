/** Whether a database that was fetched may take the place of the one that is there. */

import { PagedFile } from "../../enrich/mmdb/paged_file.ts";
import { openPlaceDatabase } from "../../enrich/place_database.ts";
import type { FetchedDatabase } from "../places/fetched_databases.ts";

/** It may not; the message says why. */
export class UnfitDatabaseError extends Error {
  override name = "UnfitDatabaseError";
}

/** Addresses that have long been where and whose they are: of registries and universities. */
export const KNOWN: readonly [address: string, country: string, asNumber: number][] = [
  ["193.0.6.139", "NL", 3333], // RIPE NCC
  ["128.112.0.1", "US", 88], // Princeton University
  ["130.225.0.1", "DK", 1835], // the universities of Denmark
  ["129.132.19.216", "CH", 559], // ETH Zurich
  ["133.11.0.1", "JP", 2501], // The University of Tokyo
];
/** Of these, so many must be right: one may move. */
const MIN_RIGHT = 4;
/** One of less than this share of the size before has lost something. */
const MIN_SHARE = 0.5;

/**
 * Opens a database, asks it about addresses that are known, and holds it against the one before.
 *
 * @param oldPath need not be there
 * @returns when its data were gathered
 * @throws {UnfitDatabaseError}
 */
export function checkDatabase(path: string, oldPath: string, { knows }: FetchedDatabase): Date {
  using file = PagedFile.open(path);
  const database = opened(file, "what came cannot be used");
  const right = KNOWN.filter(([address, country, asNumber]) => {
    const place = database.place(address);
    return (!knows.includes("country") || place?.countryCode === country) &&
      (!knows.includes("owner") || place?.asNumber === asNumber);
  });
  if (right.length < MIN_RIGHT) {
    throw new UnfitDatabaseError(
      `what came is right about ${right.length} of ${KNOWN.length} addresses that are known`,
    );
  }
  compare(path, oldPath, database.builtAt);
  return database.builtAt;
}

function compare(path: string, oldPath: string, builtAt: Date): void {
  let old: PagedFile;
  try {
    old = PagedFile.open(oldPath);
  } catch {
    return;
  }
  using before = old;
  let oldBuiltAt: Date;
  try {
    oldBuiltAt = opened(before, "").builtAt;
  } catch {
    return; // anything is better
  }
  if (builtAt.getTime() < oldBuiltAt.getTime()) {
    const day = (date: Date) => date.toISOString().slice(0, 10);
    throw new UnfitDatabaseError(
      `what came is older, as of ${day(builtAt)}, than what is there, as of ${day(oldBuiltAt)}`,
    );
  }
  const { size } = Deno.statSync(path);
  if (size < before.length * MIN_SHARE) {
    throw new UnfitDatabaseError(
      `what came has ${size} bytes, less than half of what is there. ` +
        `If that is right, remove ${oldPath} and fetch it again`,
    );
  }
}

function opened(file: PagedFile, what: string) {
  try {
    return openPlaceDatabase(file, "");
  } catch (error) {
    throw new UnfitDatabaseError(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
