/** Sums of facts, in all and by group. */

import type { Fact } from "../facts/fact.ts";
import type { Grouping } from "./dimension.ts";
import type { Group } from "./group.ts";

/** How much. */
export interface Sums {
  upBytes: number;
  downBytes: number;
  packets: number;
  flows: number;
}

export function noSums(): Sums {
  return { upBytes: 0, downBytes: 0, packets: 0, flows: 0 };
}

/** Adds what `more` holds to `sums`. */
function addSums(sums: Sums, more: Readonly<Sums>): void {
  sums.upBytes += more.upBytes;
  sums.downBytes += more.downBytes;
  sums.packets += more.packets;
  sums.flows += more.flows;
}

/** Ids are below this, so that two of them make one whole number. */
const ID_LIMIT = 2 ** 26;

/** Sums facts by the groups that they fall in together. */
export class Tally {
  readonly total: Sums = noSums();
  readonly #groupings: readonly Grouping[];
  /** For the second and each further grouping: the id of a pair of the group so far and the next one. */
  readonly #pairs: readonly Map<number, number>[];
  /** By the id of the group, or of its combination with others. */
  readonly #rows: { readonly ids: readonly number[]; readonly sums: Sums }[] = [];

  constructor(groupings: readonly Grouping[]) {
    this.#groupings = groupings;
    this.#pairs = groupings.slice(1).map(() => new Map());
  }

  add(fact: Fact): void {
    addSums(this.total, fact);
    const groupings = this.#groupings;
    if (groupings.length === 0) return;
    let key = groupings[0].idOf(fact[groupings[0].field]);
    for (let i = 1; i < groupings.length; i++) {
      const pairs = this.#pairs[i - 1];
      const pair = key * ID_LIMIT + groupings[i].idOf(fact[groupings[i].field]);
      key = pairs.get(pair) ?? added(pairs, pair);
    }
    const row = this.#rows[key] ??= {
      ids: groupings.map(({ idOf, field }) => idOf(fact[field])),
      sums: noSums(),
    };
    addSums(row.sums, fact);
  }

  /** The sums of each combination of groups, in no order; groups of one value are one. */
  rows(): { readonly groups: readonly Group[]; readonly sums: Sums }[] {
    const rows = new Map<string, { readonly groups: readonly Group[]; readonly sums: Sums }>();
    for (const { ids, sums } of Object.values(this.#rows)) {
      const groups = ids.map((id, i) => this.#groupings[i].groupOf(id));
      const key = keyOf(groups);
      const row = rows.get(key);
      if (row === undefined) rows.set(key, { groups, sums: { ...sums } });
      else addSums(row.sums, sums);
    }
    return [...rows.values()];
  }
}

/** Equal for equal values. */
export function keyOf(groups: readonly Group[]): string {
  return JSON.stringify(groups.map(({ value }) => value));
}

function added(pairs: Map<number, number>, pair: number): number {
  const id = pairs.size;
  pairs.set(pair, id);
  return id;
}
