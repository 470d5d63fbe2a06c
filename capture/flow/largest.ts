/** Choosing what has the most, without sorting it all. */

/** The `count` entries with the largest sums; among those with the smallest of these, the first ones. */
export function withLargest(count: number, entries: Int32Array, sums: Float64Array): Int32Array {
  const smallest = sums.toSorted()[sums.length - count];
  const above = entries.filter((_, i) => sums[i] > smallest);
  const equal = entries.filter((_, i) => sums[i] === smallest).subarray(0, count - above.length);
  const chosen = new Int32Array(count);
  chosen.set(above);
  chosen.set(equal, above.length);
  return chosen;
}
