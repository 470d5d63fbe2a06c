/**
 * Reads databases in MaxMind's format, https://maxmind.github.io/MaxMind-DB/: a binary tree over the bits of addresses,
 * a section of data that its leaves point into, and metadata at the end.
 *
 *     address -> bits -> tree -> offset of a record -> value
 *
 * By hand, because the libraries for it want the whole file in memory: 134 MB of cities are 1 MB here.
 */

import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import type { ByteSource } from "./byte_source.ts";
import { type DataSection, type MmdbValue, readValue } from "./data_section.ts";

/** What a database says of itself. */
export interface MmdbMetadata {
  readonly nodeCount: number;
  /** Bits of each of the two records in a node. */
  readonly recordSize: 24 | 28 | 32;
  readonly ipVersion: 4 | 6;
  readonly builtAt: Date;
  /** Such as `DBIP-City-Lite`; empty where it says none. */
  readonly type: string;
}

/** What is no database, or a damaged one. */
export class MmdbSyntaxError extends SyntaxError {
  override name = "MmdbSyntaxError";
}

/** Before the metadata. */
const MARKER = [0xab, 0xcd, 0xef, ...new TextEncoder().encode("MaxMind.com")];
/** The metadata and its marker lie within the last bytes of the file. */
const MAX_METADATA_BYTES = 128 * 1024;
/** Zeros between the tree and the data. */
const SEPARATOR_BYTES = 16;
/** Texts that are remembered: 0.2 MB. */
const MAX_TEXTS = 2048;
/** Addresses of IPv4 in a tree of IPv6 lie below ::/96. */
const IPV4_DEPTH = 96;

/** A database that is open. */
export class MmdbReader {
  readonly metadata: MmdbMetadata;
  readonly #source: ByteSource;
  readonly #nodeBytes: number;
  readonly #treeBytes: number;
  readonly #ipv4Root: number;
  readonly #data: DataSection;

  /** @throws {MmdbSyntaxError} */
  constructor(source: ByteSource) {
    this.#source = source;
    this.metadata = readMetadata(source);
    const { nodeCount, recordSize, ipVersion } = this.metadata;
    this.#nodeBytes = recordSize / 4;
    this.#treeBytes = nodeCount * this.#nodeBytes;
    if (this.#treeBytes + SEPARATOR_BYTES >= source.length) {
      throw new MmdbSyntaxError("it is damaged: its tree is longer than the file");
    }
    this.#data = {
      source,
      begin: this.#treeBytes + SEPARATOR_BYTES,
      texts: new LRUCache<number, string>({ max: MAX_TEXTS }),
    };
    this.#ipv4Root = ipVersion === 6 ? this.#walk(0, new Uint8Array(IPV4_DEPTH / 8)) : 0;
  }

  /**
   * Where the record of an address in text is; `undefined` where there is none. Addresses of one network have the same,
   * and so have often those of many.
   *
   * @throws {RangeError} where the tree is damaged
   */
  offsetOf(address: string): number | undefined {
    const bytes = ipaddr.parse(address).toByteArray();
    const isIpv4 = bytes.length === 4;
    if (!isIpv4 && this.metadata.ipVersion === 4) return undefined;
    const record = this.#walk(isIpv4 ? this.#ipv4Root : 0, bytes);
    const { nodeCount } = this.metadata;
    return record > nodeCount ? this.#treeBytes + record - nodeCount : undefined;
  }

  /** The record at an offset. @throws {RangeError} where the data are damaged */
  record(offset: number): MmdbValue {
    return readValue(this.#data, offset);
  }

  /** Follows bits down from a node, as far as there are nodes. */
  #walk(from: number, address: ArrayLike<number>): number {
    const { nodeCount } = this.metadata;
    const bits = address.length * 8;
    let node = from;
    for (let bit = 0; bit < bits && node < nodeCount; bit++) {
      node = this.#child(node, address[bit >> 3] >> (7 - (bit & 7)) & 1);
    }
    return node;
  }

  #child(node: number, side: number): number {
    const source = this.#source;
    const { recordSize } = this.metadata;
    const begin = node * this.#nodeBytes;
    const at = begin + side * (recordSize >> 3) + (recordSize === 28 && side === 1 ? 1 : 0);
    const low = source.byte(at) * 65536 + source.byte(at + 1) * 256 + source.byte(at + 2);
    if (recordSize === 24) return low;
    if (recordSize === 32) return low * 256 + source.byte(at + 3);
    const middle = source.byte(begin + 3);
    return (side === 0 ? middle >> 4 : middle & 15) * 2 ** 24 + low;
  }
}

function readMetadata(source: ByteSource): MmdbMetadata {
  const tailLength = Math.min(source.length, MAX_METADATA_BYTES);
  const tail = source.slice(source.length - tailLength, tailLength);
  const marker = lastIndexOf(tail, MARKER);
  if (marker < 0) throw new MmdbSyntaxError("it is no MaxMind database (MMDB), or cut short");
  const begin = source.length - tailLength + marker + MARKER.length;
  let fields: MmdbValue;
  try {
    fields = readValue({ source, begin }, begin);
  } catch (cause) {
    throw new MmdbSyntaxError("it is no MaxMind database (MMDB), or cut short", { cause });
  }
  const metadata = metadataOf(fields);
  if (metadata === undefined) throw new MmdbSyntaxError("it is damaged");
  return metadata;
}

function metadataOf(fields: MmdbValue): MmdbMetadata | undefined {
  if (typeof fields !== "object" || Array.isArray(fields)) return undefined;
  const {
    node_count: nodeCount,
    record_size: recordSize,
    ip_version: ipVersion,
    build_epoch: builtAtSeconds,
    database_type: type,
  } = fields as { readonly [name: string]: MmdbValue };
  const builtAt = new Date(typeof builtAtSeconds === "number" ? builtAtSeconds * 1e3 : NaN);
  const isSound = typeof nodeCount === "number" && !Number.isNaN(builtAt.getTime()) &&
    (recordSize === 24 || recordSize === 28 || recordSize === 32) &&
    (ipVersion === 4 || ipVersion === 6);
  if (!isSound) return undefined;
  return { nodeCount, recordSize, ipVersion, builtAt, type: typeof type === "string" ? type : "" };
}

function lastIndexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = bytes.length - wanted.length; at >= 0; at--) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
