/**
 * Firsts as columns: 45 bytes for each pair of a device and a word, against some 200 as objects in a map. An entry is
 * found by a hash table with open addressing. Adding is commutative, so that the order of records does not matter.
 */

import { freeBytes } from "../../system/free_bytes.ts";

/** What is said of an entry besides its device and its word. */
export interface Sight {
  /** Quarters of an hour since 1970, the first and the last in which it was seen. */
  first: number;
  last: number;
  upBytes: number;
  downBytes: number;
  flows: number;
  /** A bit for each kind of evidence, `1 << index in EVIDENCES`. */
  evidence: number;
  /** The word of the network owner of the first sight; 0 where none is known. */
  owner: number;
}

/** The devices' and words' entries. */
export class EntryTable {
  readonly #isBefore: (owner: number, other: number) => boolean;
  #length = 0;
  #devices = new Uint16Array(0);
  #words = new Uint32Array(0);
  #firsts = new Uint32Array(0);
  #lasts = new Uint32Array(0);
  #upBytes = new Float64Array(0);
  #downBytes = new Float64Array(0);
  #flows = new Float64Array(0);
  #evidences = new Uint8Array(0);
  #owners = new Uint32Array(0);
  /** By hash: the entry's place and 1; 0 where there is none. Twice as many places as entries, a power of 2. */
  #places = new Uint32Array(0);

  /** `isBefore` puts owners in an order: of two that were first in one hour, the one before stays. */
  constructor(isBefore: (owner: number, other: number) => boolean) {
    this.#isBefore = isBefore;
    this.#grow(1024);
  }

  get length(): number {
    return this.#length;
  }

  deviceAt(index: number): number {
    return this.#devices[index];
  }

  wordAt(index: number): number {
    return this.#words[index];
  }

  firstAt(index: number): number {
    return this.#firsts[index];
  }

  lastAt(index: number): number {
    return this.#lasts[index];
  }

  ownerAt(index: number): number {
    return this.#owners[index];
  }

  /** Everything else about an entry, too. */
  sightAt(index: number): Sight {
    return {
      first: this.#firsts[index],
      last: this.#lasts[index],
      upBytes: this.#upBytes[index],
      downBytes: this.#downBytes[index],
      flows: this.#flows[index],
      evidence: this.#evidences[index],
      owner: this.#owners[index],
    };
  }

  /** Where an entry is; -1 where there is none. */
  find(device: number, word: number): number {
    const mask = this.#places.length - 1;
    for (let at = hash(device, word) & mask;; at = at + 1 & mask) {
      const index = this.#places[at] - 1;
      if (index < 0 || this.#devices[index] === device && this.#words[index] === word) return index;
    }
  }

  /** Adds a sight to an entry. @returns whether the entry is new */
  add(device: number, word: number, sight: Readonly<Sight>): boolean {
    let index = this.find(device, word);
    const isNew = index < 0;
    if (isNew) {
      index = this.#append(device, word);
      this.#firsts[index] = sight.first;
      this.#lasts[index] = sight.last;
      this.#owners[index] = sight.owner;
    } else {
      const first = this.#firsts[index];
      const isEarlier = sight.first < first || sight.first === first &&
          sight.owner !== this.#owners[index] && this.#isBefore(sight.owner, this.#owners[index]);
      if (isEarlier) {
        this.#firsts[index] = sight.first;
        this.#owners[index] = sight.owner;
      }
      if (sight.last > this.#lasts[index]) this.#lasts[index] = sight.last;
    }
    this.#upBytes[index] += sight.upBytes;
    this.#downBytes[index] += sight.downBytes;
    this.#flows[index] += sight.flows;
    this.#evidences[index] |= sight.evidence;
    return isNew;
  }

  /** Gives its memory back; the table is not to be used any more. */
  free(): void {
    const columns = [this.#devices, this.#words, this.#firsts, this.#lasts, this.#upBytes];
    const others = [this.#downBytes, this.#flows, this.#evidences, this.#owners, this.#places];
    for (const column of [...columns, ...others]) freeBytes(column);
  }

  #append(device: number, word: number): number {
    if (this.#length === this.#devices.length) this.#grow(this.#length * 2);
    const index = this.#length++;
    this.#devices[index] = device;
    this.#words[index] = word;
    this.#place(index);
    return index;
  }

  #place(index: number): void {
    const mask = this.#places.length - 1;
    let at = hash(this.#devices[index], this.#words[index]) & mask;
    while (this.#places[at] !== 0) at = at + 1 & mask;
    this.#places[at] = index + 1;
  }

  #grow(length: number): void {
    this.#devices = copied(this.#devices, new Uint16Array(length));
    this.#words = copied(this.#words, new Uint32Array(length));
    this.#firsts = copied(this.#firsts, new Uint32Array(length));
    this.#lasts = copied(this.#lasts, new Uint32Array(length));
    this.#upBytes = copied(this.#upBytes, new Float64Array(length));
    this.#downBytes = copied(this.#downBytes, new Float64Array(length));
    this.#flows = copied(this.#flows, new Float64Array(length));
    this.#evidences = copied(this.#evidences, new Uint8Array(length));
    this.#owners = copied(this.#owners, new Uint32Array(length));
    freeBytes(this.#places);
    this.#places = new Uint32Array(length * 2);
    for (let index = 0; index < this.#length; index++) this.#place(index);
  }
}

type Column =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

function copied<T extends Column>(
  from: T,
  to: T,
): T {
  to.set(from);
  freeBytes(from);
  return to;
}

function hash(device: number, word: number): number {
  let mixed = Math.imul(word ^ Math.imul(device, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ mixed >>> 13) >>> 0;
}
