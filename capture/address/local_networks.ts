/** Which addresses are local: traffic between two of them is not logged. */

import { NetworkSet } from "./network_set.ts";

/** Ranges that are local wherever the logger runs. */
const ALWAYS_LOCAL = [
  "0.0.0.0/8", // this network (RFC 791): the source of a DHCP request
  "10.0.0.0/8", // private (RFC 1918)
  "100.64.0.0/10", // carrier-grade NAT (RFC 6598)
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local (RFC 3927)
  "172.16.0.0/12", // private (RFC 1918)
  "192.168.0.0/16", // private (RFC 1918)
  "224.0.0.0/4", // multicast
  "255.255.255.255/32", // broadcast
  "::/128", // unspecified
  "::1/128", // loopback
  "fc00::/7", // unique local (RFC 4193)
  "fe80::/10", // link-local
  "ff00::/8", // multicast
];

/** The fixed ranges, and others that are local here. */
export class LocalNetworks extends NetworkSet {
  /** `extra` as for `replaceExtra()`. @throws {NetworkSyntaxError} */
  constructor(extra: Iterable<string> = []) {
    super([...ALWAYS_LOCAL, ...extra]);
  }

  /** Sets the networks that are local besides the fixed ranges, as `replace()` does. @throws {NetworkSyntaxError} */
  replaceExtra(extra: Iterable<string>): void {
    this.replace([...ALWAYS_LOCAL, ...extra]);
  }
}
