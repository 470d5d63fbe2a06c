/**
 * Facts in columns. A question sums each fact by several groupings; a loop over a column for each grouping takes a third
 * of the time that all groupings take fact by fact.
 */

import type { Fact } from "../facts/fact.ts";

/** Facts that are summed at once; more are no quicker. */
const CAPACITY = 1024;

export class FactBlock implements Readonly<Record<keyof Fact, ArrayLike<number>>> {
  readonly hourMs = new Float64Array(CAPACITY);
  readonly device = new Uint32Array(CAPACITY);
  readonly name = new Uint32Array(CAPACITY);
  readonly country = new Uint32Array(CAPACITY);
  readonly owner = new Uint32Array(CAPACITY);
  readonly service = new Uint32Array(CAPACITY);
  readonly direction = new Uint32Array(CAPACITY);
  readonly evidence = new Uint32Array(CAPACITY);
  readonly upBytes = new Float64Array(CAPACITY);
  readonly downBytes = new Float64Array(CAPACITY);
  readonly packets = new Float64Array(CAPACITY);
  readonly flows = new Float64Array(CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === CAPACITY;
  }

  /** Takes a copy; to a full block nothing can be added. */
  add(fact: Fact): void {
    const i = this.#length++;
    this.hourMs[i] = fact.hourMs;
    this.device[i] = fact.device;
    this.name[i] = fact.name;
    this.country[i] = fact.country;
    this.owner[i] = fact.owner;
    this.service[i] = fact.service;
    this.direction[i] = fact.direction;
    this.evidence[i] = fact.evidence;
    this.upBytes[i] = fact.upBytes;
    this.downBytes[i] = fact.downBytes;
    this.packets[i] = fact.packets;
    this.flows[i] = fact.flows;
  }

  clear(): void {
    this.#length = 0;
  }
}
