/** Which addresses can have a place: those that are routed on the Internet. */

import ipaddr from "ipaddr.js";

/** Global unicast, RFC 4291, 2.4: everything else of IPv6 is reserved or special. */
const IPV6_GLOBAL = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];
/** Documentation, RFC 9637. */
const IPV6_DOCUMENTATION = ipaddr.parseCIDR("3fff::/20") as [ipaddr.IPv6, number];

/** Whether an address in text is neither local nor reserved, multicast, documentation or of a transition mechanism. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  if (!(address instanceof ipaddr.IPv6)) return true;
  return address.match(IPV6_GLOBAL) && !address.match(IPV6_DOCUMENTATION);
}
