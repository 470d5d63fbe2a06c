/**
 * Addresses that are announced from many places at once (anycast, RFC 4786): who asks reaches the nearest machine, so that
 * no country of such an address is true. Nothing in a packet or a table of places tells; these are those whose operators
 * say so, and many are talked to by every household.
 */

import ipaddr from "ipaddr.js";

/** Networks by who answers from them. */
const ANYCAST: Readonly<Record<string, readonly string[]>> = {
  // https://www.cloudflare.com/ips/, and the resolvers.
  Cloudflare: [
    ...["1.1.1.0/24", "1.0.0.0/24", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22"],
    ...["104.16.0.0/13", "104.24.0.0/14", "108.162.192.0/18", "131.0.72.0/22", "141.101.64.0/18"],
    ...["162.158.0.0/15", "172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20"],
    ...["190.93.240.0/20", "197.234.240.0/22", "198.41.128.0/17"],
    ...["2400:cb00::/32", "2405:8100::/32", "2405:b500::/32", "2606:4700::/32"],
    ...["2803:f800::/32", "2a06:98c0::/29", "2c0f:f248::/32"],
  ],
  // https://www.fastly.com/documentation/guides/concepts/routing-traffic-to-fastly/
  Fastly: ["151.101.0.0/16", "2a04:4e42::/32"],
  "Google Public DNS": ["8.8.8.0/24", "8.8.4.0/24", "2001:4860:4860::/48"],
  Quad9: ["9.9.9.0/24", "149.112.112.0/24", "2620:fe::/48"],
  OpenDNS: ["208.67.222.0/24", "208.67.220.0/24", "2620:119:35::/48", "2620:119:53::/48"],
  "AdGuard DNS": ["94.140.14.0/24", "94.140.15.0/24", "2a10:50c0::/48"],
  // https://docs.aws.amazon.com/global-accelerator/: `GLOBALACCELERATOR` in the list of Amazon's ranges.
  "AWS Global Accelerator": [
    ...["3.33.128.0/17", "13.248.128.0/17", "15.197.128.0/17", "75.2.0.0/17"],
    ...["76.223.0.0/17", "99.83.128.0/17"],
  ],
  // https://root-servers.org
  "the root of the DNS": [
    ...["198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10"],
    ...["192.5.5.241", "192.112.36.4", "198.97.190.53", "192.36.148.17", "192.58.128.30"],
    ...["193.0.14.129", "199.7.83.42", "202.12.27.33"],
    ...["2001:503:ba3e::2:30", "2801:1b8:10::b", "2001:500:2::c", "2001:500:2d::d"],
    ...["2001:500:a8::e", "2001:500:2f::f", "2001:500:12::d0d", "2001:500:1::53"],
    ...["2001:7fe::53", "2001:503:c27::2:30", "2001:7fd::1", "2001:500:9f::42", "2001:dc3::35"],
  ],
};

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

const NETWORKS: readonly { readonly operator: string; readonly network: Network }[] = Object
  .entries(ANYCAST).flatMap(([operator, texts]) =>
    texts.map((text) => ({ operator, network: networkOf(text) }))
  );

/** Who answers an address in text from many places at once, as far as that is known. */
export function anycastOperator(text: string): string | undefined {
  const address = ipaddr.parse(text);
  return NETWORKS.find(({ network: [prefix, length] }) =>
    // A network of the other kind cannot be compared.
    address.kind() === prefix.kind() &&
    (address as ipaddr.IPv4).match(prefix as ipaddr.IPv4, length)
  )?.operator;
}

function networkOf(text: string): Network {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
