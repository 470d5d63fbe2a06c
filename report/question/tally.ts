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
export function addSums(sums: Sums, more: Readonly<Sums>): void {
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
  readonly #rows = new Map<number, { readonly ids: readonly number[]; readonly sums: Sums }>();

  constructor(groupings: readonly Grouping[]) {
    this.#groupings = groupings;
    this.#pairs = groupings.slice(1).map(() => new Map());
  }

  add(fact: Fact): void {
    addSums(this.total, fact);
    const ids = this.#groupings;
    let key = ids.length === 0 ? 0 : ids[0].idOf(fact[ids[0].field]);
    for (let i = 1; i < ids.length; i++) {
      const pairs = this.#pairs[i - 1];
      const pair = key * ID_LIMIT + ids[i].idOf(fact[ids[i].field]);
      key = pairs.get(pair) ?? added(pairs, pair);
    }
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { ids: ids.map((grouping) => grouping.idOf(fact[grouping.field])), sums: noSums() };
      this.#rows.set(key, row);
    }
    addSums(row.sums, fact);
  }

  /** The sums of each combination of groups, in no order; groups of one value are one. */
  rows(): { readonly groups: readonly Group[]; readonly sums: Sums }[] {
    const rows = new Map<string, { readonly groups: readonly Group[]; readonly sums: Sums }>();
    for (const { ids, sums } of this.#rows.values()) {
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
