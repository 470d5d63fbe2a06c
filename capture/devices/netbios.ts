/**
 * The NetBIOS name service (RFC 1001, RFC 1002): what computers register, answer and report to be called.
 *
 * The header is that of DNS. A name is 15 bytes, padded with spaces, and a byte for the service that it names; a host
 * goes by the names of its workstation and file services, not by those of groups, users and browsers.
 */

import type { AddressWords } from "../address/address.ts";
import { ByteCursor } from "../wire/byte_cursor.ts";
import { deviceNameFromBytes } from "./device_name.ts";
import { int32, IPV4_MAPPED } from "../decode/packet.ts";

/** A host, and the address that it has. */
export interface NetbiosHost {
  /** As `deviceName()` gives it. */
  readonly name: string;
  /** `undefined` in a node's report on itself, which states none. */
  readonly address: AddressWords | undefined;
}

/** Of the flags, RFC 1002, 4.2.1.1: whether it is a response, the operation and the result. */
const KIND = 0xf80f;
const QUERY_ANSWERED = 0x8000;
/** Registration, and refresh under both numbers that are in use. */
const REGISTRATIONS: ReadonlySet<number> = new Set([5 << 11, 8 << 11, 9 << 11]);

/** RFC 1002, 4.2.1.3. */
const TYPE_NB = 0x0020;
const TYPE_NBSTAT = 0x0021;
const CLASS_IN = 0x0001;
/** An entry of a record of type NB, RFC 1002, 4.2.1.3: flags (2), address (4). */
const NB_ENTRY_LENGTH = 6;
/** NB_FLAGS and NAME_FLAGS: the name is a group's. */
const GROUP = 0x8000;
/** NAME_FLAGS, RFC 1002, 4.2.18: being given up, in conflict; active. */
const NAME_STATE = 0x1c00;
const NAME_ACTIVE = 0x0400;

/** RFC 1001, 14.1: each byte of a name as two letters from A on. */
const ENCODED_NAME_LENGTH = 32;
const NAME_LENGTH = 16;
const LETTER_A = 0x41;
/** The upper two bits of a label's length: a pointer to where the name stands already (RFC 1002, 4.2.1.3). */
const POINTER = 0xc0;
const SPACE = 0x20;

/** The last byte of a name: workstation service, file server service. */
const WORKSTATION = 0x00;
const FILE_SERVER = 0x20;

/** The hosts that a message of port 137 speaks of; `undefined` when it is damaged. */
export function netbiosHosts(message: Uint8Array): readonly NetbiosHost[] | undefined {
  const cursor = new ByteCursor(message);
  cursor.uint16(); // transaction
  const kind = cursor.uint16() & KIND;
  const [questions, answers, authorities, additionals] = Array.from(
    { length: 4 },
    () => cursor.uint16(),
  );
  const isRegistration = REGISTRATIONS.has(kind);
  if (cursor.overrun) return undefined;
  if (!isRegistration && kind !== QUERY_ANSWERED) return [];

  // RFC 1002, 4.2.2: a registration asks for the name and holds the record in its additional section; 4.2.13 and
  // 4.2.18: an answer is one record.
  const isUsual = isRegistration
    ? questions === 1 && answers === 0 && authorities === 0 && additionals === 1
    : questions === 0 && answers === 1;
  if (!isUsual) return [];
  let name: Uint8Array | undefined;
  if (isRegistration) {
    name = readName(cursor);
    cursor.uint32(); // type and class of the question
  }
  name = readName(cursor) ?? name;
  const type = cursor.uint16();
  const recordClass = cursor.uint16();
  cursor.uint32(); // time to live
  const data = cursor.vector16();
  if (cursor.overrun || name === undefined) return undefined;
  if (recordClass !== CLASS_IN) return [];
  if (type === TYPE_NB) return registeredHosts(name, data);
  return type === TYPE_NBSTAT ? reportedHosts(data) : [];
}

/** Reads a name of 16 bytes; `undefined` for any other, and for a pointer to an earlier name. */
function readName(cursor: ByteCursor): Uint8Array | undefined {
  const length = cursor.uint8();
  if (length >= POINTER) {
    cursor.uint8();
    return undefined;
  }
  const encoded = cursor.take(length);
  // What follows, up to the root label, is the scope: a NetBIOS network's name, not the host's.
  for (let scope = cursor.uint8(); scope !== 0; scope = cursor.uint8()) {
    cursor.take(scope >= POINTER ? 1 : scope);
    if (scope >= POINTER) break;
  }
  return encoded.length === ENCODED_NAME_LENGTH ? decodeName(encoded) : undefined;
}

function decodeName(encoded: Uint8Array): Uint8Array | undefined {
  const name = new Uint8Array(NAME_LENGTH);
  for (let i = 0; i < NAME_LENGTH; i++) {
    const high = encoded[2 * i] - LETTER_A;
    const low = encoded[2 * i + 1] - LETTER_A;
    if ((high | low) < 0 || (high | low) > 15) return undefined;
    name[i] = high << 4 | low;
  }
  return name;
}

/** A record of type NB: the name's addresses. */
function registeredHosts(name: Uint8Array, data: Uint8Array): readonly NetbiosHost[] {
  const hostName = hostNameOf(name);
  if (hostName === undefined) return [];
  const hosts: NetbiosHost[] = [];
  for (const cursor = new ByteCursor(data); !cursor.atEnd;) {
    const flags = cursor.uint16();
    const address = cursor.take(NB_ENTRY_LENGTH - 2);
    if (cursor.overrun) break;
    if ((flags & GROUP) === 0) {
      hosts.push({ name: hostName, address: [0, 0, IPV4_MAPPED, int32(address, 0)] });
    }
  }
  return hosts;
}

/** A record of type NBSTAT, RFC 1002, 4.2.18: count (1), then for each name of the node the name (16) and flags (2). */
function reportedHosts(data: Uint8Array): readonly NetbiosHost[] {
  const cursor = new ByteCursor(data);
  for (let left = cursor.uint8(); left > 0; left--) {
    const name = cursor.take(NAME_LENGTH);
    const flags = cursor.uint16();
    if (cursor.overrun) break;
    if ((flags & (GROUP | NAME_STATE)) !== NAME_ACTIVE) continue;
    const hostName = hostNameOf(name);
    if (hostName !== undefined) return [{ name: hostName, address: undefined }];
  }
  return [];
}

/** The text of a host's name of 16 bytes. The message does not state the code page, so only ASCII can be read. */
function hostNameOf(name: Uint8Array): string | undefined {
  const service = name[NAME_LENGTH - 1];
  if (service !== WORKSTATION && service !== FILE_SERVER) return undefined;
  const text = name.subarray(0, NAME_LENGTH - 1);
  return text.every((byte) => byte >= SPACE && byte < 0x7f) ? deviceNameFromBytes(text) : undefined;
}
