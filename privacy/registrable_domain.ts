/** What of a name is kept where whole names are not. */

import { parse } from "tldts";

/**
 * The domain that somebody has registered, `example.co.uk` of `www.example.co.uk`, by the suffixes that registries gave
 * (the ICANN part of the public suffix list). `undefined` for what lies under none of them, such as `annas-phone.lan`:
 * that is no site, but often the name of a device.
 */
export function registrableDomain(name: string): string | undefined {
  const { domain, isIcann } = parse(name, { allowPrivateDomains: false, validateHostname: false });
  return isIcann === true && domain !== null ? domain : undefined;
}
