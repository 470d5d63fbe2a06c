/**
 * Addresses that wait to be asked for: a bounded number, those that come up most often.
 *
 * Full, it lets a new address in for the one that came up least, and gives it that one's count and one more: so an
 * address that comes up more often than once in as many times as there are places is never lost, however many others
 * pass (the Space-Saving algorithm of Metwally, Agrawal and El Abbadi, 2005).
 */

/** A queue of addresses in text. */
export class AddressQueue {
  readonly #maxSize: number;
  /** How often each came up; in the order in which they came in. */
  readonly #counts = new Map<string, number>();
  /** Addresses that had to make room. */
  dropped = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** An address came up. */
  add(address: string): void {
    const count = this.#counts.get(address);
    if (count !== undefined) this.#counts.set(address, count + 1);
    else this.#counts.set(address, this.#makeRoom() + 1);
  }

  /** Puts addresses back that were taken, unless there is no room. */
  putBack(addresses: readonly string[]): void {
    for (const address of addresses) {
      if (this.#counts.has(address)) continue;
      if (this.#counts.size < this.#maxSize) this.#counts.set(address, 1);
      else this.dropped++;
    }
  }

  /** Takes out up to `count` addresses, the busiest first. */
  take(count: number): string[] {
    const busiest = [...this.#counts].sort(([, a], [, b]) => b - a).slice(0, count);
    for (const [address] of busiest) this.#counts.delete(address);
    return busiest.map(([address]) => address);
  }

  clear(): void {
    this.#counts.clear();
  }

  /** @returns the count of the address that had to go, 0 when none had to */
  #makeRoom(): number {
    if (this.#counts.size < this.#maxSize) return 0;
    let least = "";
    let leastCount = Infinity;
    for (const [address, count] of this.#counts) {
      if (count >= leastCount) continue;
      least = address;
      leastCount = count;
    }
    this.#counts.delete(least);
    this.dropped++;
    return leastCount;
  }
}
