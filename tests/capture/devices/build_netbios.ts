/** Messages of the NetBIOS name service (RFC 1002) that read like the message. */

import { parseAddress } from "../../../capture/address/address.ts";
import { concat, uint16, uint32, uint8, vector16 } from "../wire/build_bytes.ts";

/** Types of records, RFC 1002, 4.2.1.3. */
const NB = 0x0020;
const NBSTAT = 0x0021;
const GROUP = 0x8000;

/** A name and what goes by it: the 16th byte. */
export interface NetbiosName {
  readonly name: string;
  /** @default 0, the workstation service */
  readonly service?: number;
  /** @default false */
  readonly isGroup?: boolean;
}

/** 15 characters in Latin-1, padded with spaces. */
export function netbiosName({ name, service = 0 }: NetbiosName): Uint8Array {
  const characters = Uint8Array.from(name.padEnd(15), (character) => character.charCodeAt(0));
  return concat(characters, uint8(service));
}

/** RFC 1001, 14.1, with the labels of a scope if there is one. */
export function encodedName(of: NetbiosName, scope = uint8(0)): Uint8Array {
  const letters = [...netbiosName(of)].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]);
  return concat(uint8(32), Uint8Array.from(letters), scope);
}

function header(flags: number, counts: readonly [number, number, number, number]): Uint8Array {
  return concat(uint16(1), uint16(flags), ...counts.map(uint16));
}

function nbEntry(of: NetbiosName, address: string): Uint8Array {
  return concat(uint16(of.isGroup ? GROUP : 0), uint32(parseAddress(address)![3]));
}

/** RFC 1002, 4.2.2: the record's name points to that of the question. `operation` is 5, or 8 or 9 for a refresh. */
export function registration(of: NetbiosName, address: string, operation = 5): Uint8Array {
  return concat(
    header(operation << 11 | 0x0110, [1, 0, 0, 1]),
    encodedName(of),
    uint16(NB),
    uint16(1),
    uint16(0xc00c),
    uint16(NB),
    uint16(1),
    uint32(300_000),
    vector16(nbEntry(of, address)),
  );
}

/** RFC 1002, 4.2.13. */
export function nameAnswer(of: NetbiosName, addresses: readonly string[], flags = 0x8500) {
  return concat(
    header(flags, [0, 1, 0, 0]),
    encodedName(of),
    uint16(NB),
    uint16(1),
    uint32(300_000),
    vector16(...addresses.map((address) => nbEntry(of, address))),
  );
}

/** RFC 1002, 4.2.18; every name is active unless `state` says otherwise. */
export function nodeStatus(names: readonly NetbiosName[], state = 0x0400): Uint8Array {
  return concat(
    header(0x8400, [0, 1, 0, 0]),
    encodedName({ name: "*" }),
    uint16(NBSTAT),
    uint16(1),
    uint32(0),
    vector16(
      uint8(names.length),
      ...names.map((of) => concat(netbiosName(of), uint16((of.isGroup ? GROUP : 0) | state))),
      new Uint8Array(46), // statistics
    ),
  );
}

/** RFC 1002, 4.2.12. */
export function nameQuery(of: NetbiosName): Uint8Array {
  return concat(header(0x0110, [1, 0, 0, 0]), encodedName(of), uint16(NB), uint16(1));
}
