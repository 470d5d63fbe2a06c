/**
 * What reading a DNS message would take, found out by a walk over its names that allocates nothing. A compressed name (RFC
 * 1035, 4.1.4) is read by following pointers, and a hostile message can have a thousand records that each follow a
 * thousand: 100 ms for 16 KB.
 */

import { uint16 } from "../decode/packet.ts";

/** Labels and pointers of all names together; a large answer has 500. */
const MAX_STEPS = 4_096;
const HEADER_LENGTH = 12;
const POINTER = 0xc0;
/** Where in a record's data a name begins, by its type, for those types whose names are read; RFC 1035, 3.3 and others. */
const NAME_IN_DATA: Readonly<Record<number, number>> = {
  2: 0, // NS
  5: 0, // CNAME
  6: 0, // SOA, and a second one behind it
  12: 0, // PTR
  15: 2, // MX
  17: 0, // RP, and a second one behind it
  18: 2, // AFSDB
  33: 6, // SRV
  35: 4, // NAPTR: behind texts, which the walk takes for labels
  39: 0, // DNAME
  46: 18, // RRSIG
  47: 0, // NSEC
};
const NAMES_IN_DATA = 2;

/** Whether a message is read within a few milliseconds. Damaged ones are: they are given up where the damage is. */
export function isReadFast(message: Uint8Array): boolean {
  if (message.length < HEADER_LENGTH) return true;
  const questions = uint16(message, 4);
  const records = questions + uint16(message, 6) + uint16(message, 8) + uint16(message, 10);
  const walk = new NameWalk(message);
  let at = HEADER_LENGTH;
  for (let record = 0; record < records && at < message.length; record++) {
    at = walk.pass(at);
    if (record < questions) {
      at += 4;
      continue;
    }
    if (at + 10 > message.length) break;
    const data = at + 10;
    const nameAt = NAME_IN_DATA[uint16(message, at)];
    if (nameAt !== undefined) {
      let name = data + nameAt;
      for (let i = 0; i < NAMES_IN_DATA; i++) name = walk.pass(name);
    }
    if (walk.steps > MAX_STEPS) return false;
    at = data + uint16(message, at + 8);
  }
  return walk.steps <= MAX_STEPS;
}

/** Passes names, and counts labels and pointers. */
class NameWalk {
  readonly #message: Uint8Array;
  steps = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  /** The offset behind the name that begins at an offset. */
  pass(at: number): number {
    const message = this.#message;
    let behind = -1;
    while (at < message.length && this.steps <= MAX_STEPS) {
      this.steps++;
      const length = message[at];
      if (length === 0) return behind < 0 ? at + 1 : behind;
      if ((length & POINTER) === POINTER) {
        if (behind < 0) behind = at + 2;
        if (at + 1 >= message.length) break;
        at = uint16(message, at) & 0x3fff;
      } else at += 1 + length;
    }
    return behind < 0 ? message.length : behind;
  }
}
