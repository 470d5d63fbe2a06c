/** Reads the CSV files of ip-location-db: `FIRST,LAST,NUMBER,NAME`, addresses as decimal numbers. */

import type { OwnedRange } from "./owner_table.ts";

/** What is in such a file. */
export interface OwnerCsv {
  /** Sorted; neighbours of one owner made one. */
  readonly ranges: OwnedRange[];
  /** Lines that say nothing that was not said before: within 48 bits of IPv6 the first line counts. */
  readonly leftOut: number;
}

/**
 * Reads one, and notes the owners' names.
 *
 * @param keyShift bits of an address that are no part of its key
 * @throws {SyntaxError} on a line that is none
 */
export function readOwnerCsv(text: string, keyShift: number, names: Map<number, string>): OwnerCsv {
  const ranges: { first: number; last: number; asNumber: number }[] = [];
  const shift = BigInt(keyShift);
  let leftOut = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const fields = /^(\d+),(\d+),(\d+),(?:"((?:[^"]|"")*)"|([^"]*))\r?$/.exec(line);
    if (fields === null) throw new SyntaxError(`no range: ${line}`);
    const [, from, to, number, quoted, plain] = fields;
    const asNumber = Number(number);
    const before = ranges.at(-1);
    const first = Math.max(Number(BigInt(from) >> shift), (before?.last ?? -1) + 1);
    const last = Number(BigInt(to) >> shift);
    if (!names.has(asNumber)) names.set(asNumber, quoted?.replaceAll('""', '"') ?? plain);
    if (last < first) leftOut++;
    else if (before?.asNumber === asNumber && before.last + 1 === first) before.last = last;
    else ranges.push({ first, last, asNumber });
  }
  return { ranges, leftOut };
}
