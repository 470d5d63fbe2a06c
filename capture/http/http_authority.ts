/** Whom an HTTP request is for, as its Host header or its target says it: `uri-host [":" port]` (RFC 9110, 7.2). */

import { parseAddress } from "../address/address.ts";
import { nameFromBytes } from "../wire/name_bytes.ts";

const COLON = 0x3a;
const AT = 0x40;
const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
/** RFC 3986, 3.2.2: printable characters that no host has. */
const NOT_IN_HOST: ReadonlySet<number> = new Set(new TextEncoder().encode('"#/<>?@[\\]^`{|}:'));

/**
 * The host of an authority in the form that `presentationName()` gives it, without port and user information, an IPv6
 * address without its brackets. `undefined` when it is no authority, or one without a host.
 */
export function hostOfAuthority(authority: Uint8Array): string | undefined {
  const hostPort = authority.subarray(authority.lastIndexOf(AT) + 1);
  if (hostPort[0] === LEFT_BRACKET) return ipv6LiteralOf(hostPort);
  const colon = hostPort.indexOf(COLON);
  const host = colon < 0 ? hostPort : hostPort.subarray(0, colon);
  if (colon >= 0 && !isPort(hostPort.subarray(colon + 1))) return undefined;
  return host.some((byte) => NOT_IN_HOST.has(byte)) ? undefined : nameFromBytes(host);
}

/** RFC 3986, 3.2.2: IP-literal. */
function ipv6LiteralOf(hostPort: Uint8Array): string | undefined {
  const bracket = hostPort.indexOf(RIGHT_BRACKET);
  const rest = hostPort.subarray(bracket + 1);
  const hasPort = rest.length > 0;
  if (bracket < 0 || (hasPort && (rest[0] !== COLON || !isPort(rest.subarray(1))))) {
    return undefined;
  }
  const name = nameFromBytes(hostPort.subarray(1, bracket));
  return name?.includes(":") && parseAddress(name) !== undefined ? name : undefined;
}

/** RFC 3986, 3.2.3: digits, possibly none. */
function isPort(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x30 && byte <= 0x39);
}
