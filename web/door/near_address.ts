/** Addresses from which the pages may be seen without TLS: nobody on the way can read along. */

import ipaddr from "ipaddr.js";

/** Ranges of addresses that no router of the internet passes on (RFC 1918, 3927, 4193, 4291). */
const NEAR = new Set(["loopback", "private", "linkLocal", "uniqueLocal"]);

/** Whether an address in text is of this machine, of a private network, or of `localNetworks` (in CIDR notation). */
export function isNearAddress(text: string, localNetworks: readonly string[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (NEAR.has(address.range())) return true;
  return localNetworks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match([base, bits]);
  });
}

/** Whether a text is an address at all. */
export function isAddress(text: string): boolean {
  return ipaddr.isValid(text);
}
