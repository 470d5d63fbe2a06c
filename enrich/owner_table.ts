/**
 * A compact table of which autonomous system announces an address and who runs it: half a million ranges in 5.6 MB,
 * kept as they are in the file.
 *
 *     u32 LE      length of the header
 *     header      JSON, `OwnerTableHeader`
 *     blocks      of ranges of IPv4, of ranges of IPv6, of owners
 *
 * A block of ranges is pairs of LEB128 numbers: the owner's, from 1, or 0 where there is none; and how many keys it goes
 * on. The first begins at the block's key in the header, each other where the one before ends. A key is an IPv4 address,
 * or the upper 48 bits of an IPv6 address: networks are not announced in smaller parts. A block of owners is lines,
 * `NUMBER NAME`; those with the most ranges come first, so that their numbers are short.
 *
 * A look-up finds its block of ranges by the header and walks it, and the same for the owner, unless that one is known by
 * now. What is found is remembered in the cache of places.
 */

import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { type Place, toPlace } from "./place.ts";
import type { PlaceDatabase } from "./place_database.ts";

/** Where the blocks of one kind are. */
export interface RangeBlocks {
  /** The key at which each block begins. */
  readonly keys: readonly number[];
  /** Where each block ends, in bytes behind the header. */
  readonly ends: readonly number[];
}

/** The beginning of a table. */
export interface OwnerTableHeader {
  readonly version: 3;
  /** When the data were gathered, `2026-06-17`. */
  readonly builtAt: string;
  readonly ipv4: RangeBlocks;
  readonly ipv6: RangeBlocks;
  /** Blocks of owners hold so many each. */
  readonly ownersPerBlock: number;
  readonly ownerEnds: readonly number[];
}

/** Owners that are remembered, 200 bytes each. */
const MAX_OWNERS = 1024;

/** Opens the table that comes with the program. */
export function openOwnerDatabase(bytes: Uint8Array): PlaceDatabase {
  return openOwnerTable(bytes, "network owners inside the program");
}

/** Opens a table that is in memory; it keeps `bytes`. */
export function openOwnerTable(bytes: Uint8Array, name: string): PlaceDatabase {
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const headerText = new TextDecoder().decode(bytes.subarray(4, 4 + headerLength));
  const header: OwnerTableHeader = JSON.parse(headerText);
  const blocks = bytes.subarray(4 + headerLength);
  const { ipv4, ipv6, ownerEnds, ownersPerBlock } = header;
  const ipv4Begin = 0;
  const ipv6Begin = ipv4.ends.at(-1) ?? ipv4Begin;
  const ownersBegin = ipv6.ends.at(-1) ?? ipv6Begin;

  /** Few owners have most of the addresses that people talk to. */
  const owners = new LRUCache<number, Place>({ max: MAX_OWNERS });

  function block(ends: readonly number[], index: number, begin: number): Uint8Array {
    return blocks.subarray(index === 0 ? begin : ends[index - 1], ends[index]);
  }

  function ownerNumber(address: string): number {
    const { isIpv6, key } = keyOf(address);
    const { keys, ends } = isIpv6 ? ipv6 : ipv4;
    const index = lastNotAbove(keys, key);
    if (index < 0) return 0;
    return ownerInBlock(block(ends, index, isIpv6 ? ipv6Begin : ipv4Begin), key - keys[index]);
  }

  function readOwner(number: number): Place {
    const lines = block(ownerEnds, Math.floor((number - 1) / ownersPerBlock), ownersBegin);
    const line = new TextDecoder().decode(lineAt(lines, (number - 1) % ownersPerBlock));
    const [asNumber] = line.split(" ", 1);
    return toPlace({ asNumber, organization: line.slice(asNumber.length + 1) });
  }

  return {
    name,
    builtAt: new Date(header.builtAt),
    place(address) {
      const number = ownerNumber(address);
      if (number === 0) return undefined;
      let owner = owners.get(number);
      if (owner === undefined) {
        owner = readOwner(number);
        owners.set(number, owner);
      }
      return owner;
    },
  };
}

/** The key of an address in text. */
function keyOf(address: string): { isIpv6: boolean; key: number } {
  const bytes = ipaddr.parse(address).toByteArray();
  const isIpv6 = bytes.length === 16;
  return { isIpv6, key: bytes.slice(0, isIpv6 ? 6 : 4).reduce((key, byte) => key * 256 + byte, 0) };
}

/** The index of the last of sorted numbers that is not above `value`, -1 when all are. */
function lastNotAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The owner of the key that lies `distance` behind the block's own, 0 when there is none. */
function ownerInBlock(block: Uint8Array, distance: number): number {
  const reader = { block, at: 0 };
  for (let end = 0; reader.at < block.length;) {
    const owner = readNumber(reader);
    end += readNumber(reader);
    if (distance < end) return owner;
  }
  return 0;
}

function readNumber(reader: { readonly block: Uint8Array; at: number }): number {
  let value = 0;
  // Lengths in keys of IPv6 need up to 48 bits: more than shifts can do.
  for (let scale = 1;; scale *= 128) {
    const byte = reader.block[reader.at++];
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

/** A line out of several, which are decoded one by one: a piece of a text would keep the whole of it in memory. */
function lineAt(lines: Uint8Array, index: number): Uint8Array {
  const LINE_FEED = 10;
  let begin = 0;
  for (let i = 0; i < index; i++) begin = lines.indexOf(LINE_FEED, begin) + 1;
  const end = lines.indexOf(LINE_FEED, begin);
  return lines.subarray(begin, end < 0 ? undefined : end);
}
