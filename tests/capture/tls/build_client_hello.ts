/** TLS hellos (RFC 8446, 4.1.2 and 4.1.3) and the records they travel in (5.1). */

import { concat, text, uint16, uint24, uint8, vector16, vector8 } from "../wire/build_bytes.ts";

/** What of a ClientHello a test cares for; the rest is as a browser has it. */
export interface ClientHelloParts {
  serverName?: string | Uint8Array;
  /** Extensions behind server_name, each as `extension()` gives it. */
  extensions?: Uint8Array[];
  /** Leaves out the extensions and their length, as clients before TLS 1.0's extensions do. */
  withoutExtensions?: boolean;
  /** Grows the hello to so many bytes, as post-quantum key shares do. */
  length?: number;
}

const RANDOM = new Uint8Array(32).fill(0x52);
const SESSION_ID = new Uint8Array(32).fill(0x53);
const CIPHER_SUITES = concat(uint16(0x1301), uint16(0x1302), uint16(0xc02f));
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_PADDING = 21;
const EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d;
const EXTENSION_HEADER_LENGTH = 4;

/** A handshake message of type ClientHello. */
export function clientHello(parts: ClientHelloParts = {}): Uint8Array<ArrayBuffer> {
  const extensions = [...parts.extensions ?? []];
  if (parts.serverName !== undefined) extensions.unshift(serverNameExtension(parts.serverName));
  const plain = helloOf(extensions, parts);
  const missing = (parts.length ?? 0) - plain.length;
  if (missing <= 0) return plain;
  const padding = new Uint8Array(missing - EXTENSION_HEADER_LENGTH);
  return helloOf([...extensions, extension(EXTENSION_PADDING, padding)], parts);
}

function helloOf(extensions: Uint8Array[], parts: ClientHelloParts): Uint8Array<ArrayBuffer> {
  return handshakeMessage(
    1,
    uint16(0x0303),
    RANDOM,
    vector8(SESSION_ID),
    vector16(CIPHER_SUITES),
    vector8(uint8(0)),
    parts.withoutExtensions ? new Uint8Array(0) : vector16(...extensions),
  );
}

/** A handshake message of type ServerHello. */
export function serverHello(): Uint8Array<ArrayBuffer> {
  return handshakeMessage(2, uint16(0x0303), RANDOM, vector8(SESSION_ID), uint16(0x1301), uint8(0));
}

/** Type (1), length (3), body. */
export function handshakeMessage(
  type: number,
  ...body: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const content = concat(...body);
  return concat(uint8(type), uint24(content.length), content);
}

/** Type (2), length (2), data. */
export function extension(type: number, ...data: readonly Uint8Array[]): Uint8Array {
  return concat(uint16(type), vector16(...data));
}

/** RFC 6066, 3: a list of one name of type host_name. */
export function serverNameExtension(name: string | Uint8Array): Uint8Array {
  const bytes = typeof name === "string" ? text(name) : name;
  return extension(EXTENSION_SERVER_NAME, vector16(uint8(0), vector16(bytes)));
}

/** RFC 9849, 5: ECHClientHello of type outer. */
export function echExtension(configId: number): Uint8Array {
  return extension(
    EXTENSION_ENCRYPTED_CLIENT_HELLO,
    uint8(0),
    concat(uint16(1), uint16(1)),
    uint8(configId),
    vector16(new Uint8Array(32)),
    vector16(new Uint8Array(144)),
  );
}

/** Handshake bytes in records, cut so that each holds `fragmentLength` of them. */
export function tlsRecords(
  handshake: Uint8Array,
  fragmentLength = 1 << 14,
): Uint8Array<ArrayBuffer> {
  const records: Uint8Array[] = [];
  for (let offset = 0; offset < handshake.length; offset += fragmentLength) {
    records.push(tlsRecord(22, handshake.subarray(offset, offset + fragmentLength)));
  }
  return concat(...records);
}

/** Content type (1), legacy_record_version (2), length (2), fragment. */
export function tlsRecord(type: number, fragment: Uint8Array): Uint8Array {
  return concat(uint8(type), uint16(0x0301), vector16(fragment));
}
