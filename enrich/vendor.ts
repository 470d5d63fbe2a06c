/**
 * Who made a device, by the prefix of its MAC address that the IEEE assigned to the maker (MA-L, MA-M, MA-S: 24, 28 or
 * 36 bits).
 *
 * The prefixes are a text file, sorted, that is searched as it stands: a line is a prefix in lower-case hexadecimal, a
 * tab and the vendor. It is made from the npm package `oui-data` by `scripts/vendor_prefixes.ts` and costs 2 MB of
 * memory; the package itself, imported as JSON, costs 20 MB and more, even when only extracts of it are kept.
 */

import { LRUCache } from "lru-cache";

/** Hexadecimal digits of the prefixes, the longest first: a block may be assigned out of a larger one. */
const PREFIX_LENGTHS = [9, 7, 6] as const;

const NEWLINE = 0x0a;

/** MAC addresses whose vendor is remembered: a search takes 3 us, and every record asks. */
const MAX_KNOWN = 512;

/** IEEE 802, 8.2: the address is an individual's, when 0; it was assigned by the IEEE, when 0. */
const GROUP_BIT = 0x01;
const LOCAL_BIT = 0x02;

/** Looks up vendors. */
export interface VendorTable {
  /**
   * The vendor of a MAC address in text (`aa:bb:cc:dd:ee:ff`); `undefined` where none is known, or a device made the
   * address up.
   */
  vendor(mac: string): string | undefined;
}

/** Opens the table; it keeps `lines`. */
export function openVendorTable(lines: Uint8Array): VendorTable {
  const known = new LRUCache<string, { readonly vendor: string | undefined }>({ max: MAX_KNOWN });
  return {
    vendor(mac) {
      let found = known.get(mac);
      if (found === undefined) {
        found = { vendor: vendorIn(lines, mac) };
        known.set(mac, found);
      }
      return found.vendor;
    },
  };
}

/**
 * Whether a MAC address is locally administered: one that a device made up, as telephones do for each network that
 * they join, so that it tells nothing of the maker.
 */
export function isRandomised(mac: string): boolean {
  return (firstByte(mac) & (GROUP_BIT | LOCAL_BIT)) === LOCAL_BIT;
}

function firstByte(mac: string): number {
  return parseInt(mac.slice(0, 2), 16);
}

function vendorIn(lines: Uint8Array, mac: string): string | undefined {
  if ((firstByte(mac) & (GROUP_BIT | LOCAL_BIT)) !== 0) return undefined;
  const digits = mac.replaceAll(":", "").toLowerCase();
  for (const length of PREFIX_LENGTHS) {
    const vendor = find(lines, digits.slice(0, length));
    if (vendor !== undefined) return vendor;
  }
  return undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What stands behind a prefix, by binary search. */
function find(lines: Uint8Array, prefix: string): string | undefined {
  const key = encoder.encode(prefix + "\t");
  // Both stand at the beginning of a line.
  let low = 0;
  let high = lines.length;
  while (low < high) {
    let line = low + high >>> 1;
    while (line > low && lines[line - 1] !== NEWLINE) line--;
    const order = compare(lines, line, key);
    if (order > 0) {
      high = line;
      continue;
    }
    let end = line;
    while (end < high && lines[end] !== NEWLINE) end++;
    if (order === 0) return decoder.decode(lines.subarray(line + key.length, end));
    low = end + 1;
  }
  return undefined;
}

/** Below 0 when a line comes before those that begin with the key, above 0 when behind them. */
function compare(lines: Uint8Array, line: number, key: Uint8Array): number {
  for (let i = 0; i < key.length; i++) {
    const difference = lines[line + i] - key[i];
    if (difference !== 0) return difference;
  }
  return 0;
}
