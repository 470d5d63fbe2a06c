/** Small databases in MaxMind's format, built in code: https://maxmind.github.io/MaxMind-DB/ */

import ipaddr from "ipaddr.js";

/** What a record may hold. */
export type MmdbValue =
  | string
  | number
  | boolean
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue };

/** How to build one. */
export interface MmdbOptions {
  /** @default 6 */
  readonly ipVersion?: 4 | 6;
  /** @default "Test" */
  readonly databaseType?: string;
  /** @default 2026-06-01 */
  readonly builtAt?: Date;
}

// Types of the data section.
const UTF8 = 2;
const DOUBLE = 3;
const UINT32 = 6;
const MAP = 7;
const UINT64 = 9;
const ARRAY = 11;
const BOOLEAN = 14;

const encoder = new TextEncoder();
const METADATA_MARKER = [0xab, 0xcd, 0xef, ...encoder.encode("MaxMind.com")];
const EMPTY = -1;

/** A database with a record for each network in CIDR notation; networks do not overlap. */
export function buildMmdb(
  records: Readonly<Record<string, MmdbValue>>,
  options: MmdbOptions = {},
): Uint8Array<ArrayBuffer> {
  const { ipVersion = 6, databaseType = "Test", builtAt = new Date("2026-06-01") } = options;
  /** Pairs of: a node's number, EMPTY, or -2 less the offset of a record. */
  const nodes: [number, number][] = [[EMPTY, EMPTY]];
  const data: number[] = [];
  for (const [network, record] of Object.entries(records)) {
    const offset = data.length;
    data.push(...encode(record));
    insert(nodes, bitsOf(network, ipVersion), -2 - offset);
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.round(builtAt.getTime() / 1000),
    database_type: databaseType,
    description: { en: "for a test" },
    ip_version: ipVersion,
    languages: ["en"],
    node_count: nodes.length,
    record_size: 32,
  });
  const tree = nodes.flatMap((pair) =>
    pair.flatMap((entry) => {
      if (entry === EMPTY) return uint(nodes.length, 4);
      return uint(entry >= 0 ? entry : nodes.length + 16 - 2 - entry, 4);
    })
  );
  return new Uint8Array([...tree, ...Array(16).fill(0), ...data, ...METADATA_MARKER, ...metadata]);
}

function insert(nodes: [number, number][], bits: readonly number[], leaf: number): void {
  let node = 0;
  for (const bit of bits.slice(0, -1)) {
    if (nodes[node][bit] === EMPTY) nodes[node][bit] = nodes.push([EMPTY, EMPTY]) - 1;
    node = nodes[node][bit];
  }
  nodes[node][bits.at(-1)!] = leaf;
}

/** The bits of a network's prefix; IPv4 in a tree for IPv6 lies below ::/96. */
function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address, length] = ipaddr.parseCIDR(network);
  const bits = address.toByteArray()
    .flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1))
    .slice(0, length);
  return address.kind() === "ipv4" && ipVersion === 6 ? [...Array(96).fill(0), ...bits] : bits;
}

function encode(value: MmdbValue): number[] {
  if (typeof value === "string") {
    const bytes = encoder.encode(value);
    return [...control(UTF8, bytes.length), ...bytes];
  }
  if (typeof value === "boolean") return control(BOOLEAN, value ? 1 : 0);
  if (typeof value === "number") return encodeNumber(value);
  if (Array.isArray(value)) {
    return [...control(ARRAY, value.length), ...value.flatMap(encode)];
  }
  const entries = Object.entries(value);
  return [
    ...control(MAP, entries.length),
    ...entries.flatMap(([k, v]) => [...encode(k), ...encode(v)]),
  ];
}

function encodeNumber(value: number): number[] {
  if (!Number.isInteger(value) || value < 0) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return [...control(DOUBLE, 8), ...new Uint8Array(view.buffer)];
  }
  return value < 2 ** 32
    ? [...control(UINT32, 4), ...uint(value, 4)]
    : [...control(UINT64, 8), ...uint(value, 8)];
}

/** The byte that says type and size, and those that follow it where it is too small for them. */
function control(type: number, size: number): number[] {
  const [sizeBits, ...more] = size < 29 ? [size] : size < 29 + 256 ? [29, size - 29] : [
    30,
    ...uint(size - 285, 2),
  ];
  return type < 8 ? [type << 5 | sizeBits, ...more] : [sizeBits, type - 7, ...more];
}

function uint(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
}
