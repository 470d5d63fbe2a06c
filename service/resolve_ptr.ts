/** Reverse DNS by the system's resolver. */

import ipaddr from "ipaddr.js";
import { wireName } from "../capture/wire_name.ts";

/**
 * The name of an address in text, made fit for a log; `undefined` when it has none.
 *
 * @throws {Error} when there is no answer
 */
export async function resolvePtr(
  address: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [name] = await Deno.resolveDns(reverseName(address), "PTR", { signal });
  return name === undefined ? undefined : wireName(name);
}

/** The name to ask for: RFC 1035, 3.5 for IPv4, RFC 3596, 2.5 for IPv6. */
function reverseName(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  if (bytes.length === 4) return `${bytes.reverse().join(".")}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]);
  return `${nibbles.reverse().map((nibble) => nibble.toString(16)).join(".")}.ip6.arpa`;
}
