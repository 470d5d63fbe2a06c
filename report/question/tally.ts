/** Sums of facts, in all and by group. */

import type { Grouping } from "./dimension.ts";
import type { FactBlock } from "./fact_block.ts";
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

/** Adds all of a block's facts to `sums`. */
export function addBlock(sums: Sums, block: FactBlock): void {
  for (let i = 0; i < block.length; i++) {
    sums.upBytes += block.upBytes[i];
    sums.downBytes += block.downBytes[i];
    sums.packets += block.packets[i];
    sums.flows += block.flows[i];
  }
}

/** Ids are below this, so that two of them make one whole number. */
const ID_LIMIT = 2 ** 26;
/** Numbers of a group: those of `Sums`, in their order. */
const WIDTH = 4;

/** Sums facts by the groups that they fall in together. */
export class Tally {
  readonly #groupings: readonly Grouping[];
  /** For the second and each further grouping: the id of a pair of the group so far and the next one. */
  readonly #pairs: readonly Map<number, number>[];
  /** By the id of the group, or of its combination with others: the ids of its groups; absent where nothing was added. */
  readonly #ids: (readonly number[] | undefined)[] = [];
  #sums = new Float64Array(64 * WIDTH);
  /** For each fact of a block, the id of its group so far. */
  #keys = new Uint32Array(0);

  constructor(groupings: readonly Grouping[]) {
    this.#groupings = groupings;
    this.#pairs = groupings.slice(1).map(() => new Map());
  }

  add(block: FactBlock): void {
    const groupings = this.#groupings;
    const { length, upBytes, downBytes, packets, flows } = block;
    if (groupings.length === 0) return;
    if (this.#keys.length < length) this.#keys = new Uint32Array(length);
    const keys = this.#keys;
    keysOf(groupings[0], block, keys);
    for (let i = 1; i < groupings.length; i++) {
      keysOfPairs(groupings[i], block, keys, this.#pairs[i - 1]);
    }
    for (let i = 0; i < length;) {
      const key = keys[i];
      if (this.#ids[key] === undefined) {
        this.#ids[key] = groupings.map(({ idOf, field }) => idOf(block[field][i]));
        this.#makeRoom((key + 1) * WIDTH);
      }
      // Rows of summaries are in the order of their words, so that many in a row are of one group.
      let up = 0;
      let down = 0;
      let ofPackets = 0;
      let ofFlows = 0;
      for (; i < length && keys[i] === key; i++) {
        up += upBytes[i];
        down += downBytes[i];
        ofPackets += packets[i];
        ofFlows += flows[i];
      }
      const at = key * WIDTH;
      const sums = this.#sums;
      sums[at] += up;
      sums[at + 1] += down;
      sums[at + 2] += ofPackets;
      sums[at + 3] += ofFlows;
    }
  }

  /** The sums of each combination of groups, in no order; groups of one value are one. */
  rows(): { readonly groups: readonly Group[]; readonly sums: Sums }[] {
    const rows = new Map<string, { readonly groups: readonly Group[]; readonly sums: Sums }>();
    this.#ids.forEach((ids, key) => {
      if (ids === undefined) return;
      const groups = ids.map((id, i) => this.#groupings[i].groupOf(id));
      const text = keyOf(groups);
      const row = rows.get(text) ?? { groups, sums: noSums() };
      rows.set(text, row);
      const [upBytes, downBytes, packets, flows] = this.#sums.subarray(key * WIDTH);
      row.sums.upBytes += upBytes;
      row.sums.downBytes += downBytes;
      row.sums.packets += packets;
      row.sums.flows += flows;
    });
    return [...rows.values()];
  }

  #makeRoom(length: number): void {
    if (length <= this.#sums.length) return;
    const larger = new Float64Array(Math.max(length, this.#sums.length * 2));
    larger.set(this.#sums);
    this.#sums = larger;
  }
}

/** Equal for equal values. */
export function keyOf(groups: readonly Group[]): string {
  return JSON.stringify(groups.map(({ value }) => value));
}

function keysOf({ field, idOf }: Grouping, block: FactBlock, keys: Uint32Array): void {
  const values = block[field];
  let last = NaN;
  let id = 0;
  for (let i = 0; i < block.length; i++) {
    const value = values[i];
    if (value !== last) id = idOf(last = value);
    keys[i] = id;
  }
}

/** Makes of the keys so far those of their pairs with the ids of a further grouping. */
function keysOfPairs(
  { field, idOf }: Grouping,
  block: FactBlock,
  keys: Uint32Array,
  pairs: Map<number, number>,
): void {
  const values = block[field];
  let lastPair = NaN;
  let key = 0;
  for (let i = 0; i < block.length; i++) {
    const pair = keys[i] * ID_LIMIT + idOf(values[i]);
    if (pair !== lastPair) key = pairs.get(lastPair = pair) ?? added(pairs, pair);
    keys[i] = key;
  }
}

function added(pairs: Map<number, number>, pair: number): number {
  const id = pairs.size;
  pairs.set(pair, id);
  return id;
}
