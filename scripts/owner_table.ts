/** Writes tables of network owners; `enrich/owner_table.ts` says how they look, and reads them. */

import type { OwnerTableHeader, RangeBlocks } from "../enrich/owner_table.ts";

/** Addresses that one autonomous system announces, by their keys: IPv4 as it is, of IPv6 the upper 48 bits. */
export interface OwnedRange {
  readonly first: number;
  /** Belongs to it. */
  readonly last: number;
  readonly asNumber: number;
}

/** What a table is made from. */
export interface OwnerTableData {
  /** When it was gathered, `2026-06-17`. */
  readonly builtAt: string;
  /** Sorted, not overlapping. */
  readonly ipv4: readonly OwnedRange[];
  readonly ipv6: readonly OwnedRange[];
  /** Names of owners, by the number of their autonomous system. */
  readonly names: ReadonlyMap<number, string>;
}

/** What a look-up walks through, half of it on average. */
const RANGES_PER_BLOCK = 128;
const OWNERS_PER_BLOCK = 64;

/** The table, as the bytes of its file. */
export function encodeOwnerTable({ builtAt, ipv4, ipv6, names }: OwnerTableData): Uint8Array {
  const owners = ownersByRanges([...ipv4, ...ipv6]);
  const numbers = new Map(owners.map((asNumber, i) => [asNumber, i + 1]));
  const blocks: Uint8Array[] = [];
  let end = 0;
  const add = (bytes: Uint8Array) => {
    blocks.push(bytes);
    return end += bytes.length;
  };
  const addRanges = (ranges: readonly OwnedRange[]): RangeBlocks => {
    const parts = inBlocks(ranges, RANGES_PER_BLOCK);
    return {
      keys: parts.map(([{ first }]) => first),
      ends: parts.map((part) => add(encodeRanges(part, numbers))),
    };
  };
  const lines = owners.map((asNumber) => `${asNumber} ${oneLine(names.get(asNumber) ?? "")}`);
  const header: OwnerTableHeader = {
    version: 3,
    builtAt,
    ipv4: addRanges(ipv4),
    ipv6: addRanges(ipv6),
    ownersPerBlock: OWNERS_PER_BLOCK,
    ownerEnds: inBlocks(lines, OWNERS_PER_BLOCK)
      .map((part) => add(new TextEncoder().encode(part.join("\n")))),
  };
  return withHeader(header, blocks);
}

/** Numbers of autonomous systems, those with the most ranges first. */
function ownersByRanges(ranges: readonly OwnedRange[]): number[] {
  const counts = new Map<number, number>();
  for (const { asNumber } of ranges) counts.set(asNumber, (counts.get(asNumber) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([asNumber]) => asNumber);
}

function encodeRanges(
  ranges: readonly OwnedRange[],
  numbers: ReadonlyMap<number, number>,
): Uint8Array {
  const bytes: number[] = [];
  let next = ranges[0].first;
  for (const { first, last, asNumber } of ranges) {
    if (first < next) throw new RangeError(`ranges overlap, or are not sorted, at ${first}`);
    if (first > next) bytes.push(0, ...leb128(first - next));
    bytes.push(...leb128(numbers.get(asNumber)!), ...leb128(last - first + 1));
    next = last + 1;
  }
  return new Uint8Array(bytes);
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

function inBlocks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function withHeader(header: OwnerTableHeader, blocks: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  const parts = [length, text, ...blocks];
  const table = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    table.set(part, at);
    at += part.length;
  }
  return table;
}
