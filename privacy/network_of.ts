/** What of a remote address is kept where whole names are not: a host's address gives its name back by reverse DNS. */

import { formatAddress, isIpv4, parseAddress } from "../capture/address/address.ts";

/** The network of an address in text, written as its first address: of IPv4 the /24, of IPv6 the /48. */
export function networkOf(ip: string): string {
  const words = parseAddress(ip);
  if (words === undefined) throw new TypeError(`${JSON.stringify(ip)} is no address`);
  const [word0, word1, word2, word3] = words;
  return isIpv4(words)
    ? formatAddress([word0, word1, word2, word3 & ~0xff])
    : formatAddress([word0, word1 & ~0xffff, 0, 0]);
}
