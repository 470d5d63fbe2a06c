/** The site that a name belongs to. */

import { getDomain } from "tldts";

/** What a name is that is not known. */
export const UNKNOWN = "unknown";

/**
 * The registrable domain that a name lies in: `example.co.uk` for `www.example.co.uk`, by the public suffixes that
 * registries gave (the ICANN part of the list). A name that has none, such as `unknown` or `printer.local`, is its own.
 */
export function siteOf(name: string): string {
  return getDomain(name, { allowPrivateDomains: false, validateHostname: false }) ?? name;
}
