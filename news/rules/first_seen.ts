/** When the household has first seen something. */

import { HOUSEHOLD, type Ledger } from "../ledger/ledger.ts";
import { QUARTER_MS } from "../ledger/quarter.ts";
import { OWN_WORD } from "../ledger/words.ts";

/** Kinds of what a household sees. */
export type SeenKind = "site" | "country" | "owner";

/** Since when there is a log, milliseconds since 1970; undefined: there is none. */
export function householdSince({ entries }: Ledger): number | undefined {
  const index = entries.find(HOUSEHOLD, OWN_WORD);
  return index < 0 ? undefined : entries.firstAt(index) * QUARTER_MS;
}

/** By each site, country or owner the beginning of the hour in which it was first seen, milliseconds since 1970. */
export function firstSeen({ entries, words }: Ledger, kind: SeenKind): Map<string, number> {
  const firsts = new Map<string, number>();
  for (let index = 0; index < entries.length; index++) {
    if (entries.deviceAt(index) !== HOUSEHOLD) continue;
    const word = entries.wordAt(index);
    if (words.kindOf(word) !== kind) continue;
    firsts.set(words.textOf(word), entries.firstAt(index) * QUARTER_MS);
  }
  return firsts;
}
