/**
 * The text of enrich/vendor_prefixes.tsv, made from the npm package `oui-data` (BSD-2-Clause), which gathers the public
 * registries of the IEEE several times a month.
 *
 * After a change of the package's version in deno.json, write the file anew:
 *
 *     scripts/dev.sh vendors
 */

import prefixes from "oui-data" with { type: "json" };
import { isRandomised } from "../enrich/vendor.ts";

/** Not makers: blocks that the IEEE hands out in smaller parts, and makers who keep their name private. */
const NO_VENDORS: ReadonlySet<string> = new Set(["IEEE Registration Authority", "Private"]);

/** Vendors by prefix: 6, 7 or 9 upper-case hexadecimal digits. Prefixes that name no vendor are left out. */
export function vendorsByPrefix(): Map<string, string> {
  const vendors = new Map<string, string>();
  for (const [prefix, entry] of Object.entries<string>(prefixes)) {
    // The first line is the organization, the others are its address.
    const vendor = entry.split("\n", 1)[0].replace(/\s+/g, " ").trim();
    if (!NO_VENDORS.has(vendor) && !isRandomised(prefix)) vendors.set(prefix, vendor);
  }
  return vendors;
}

/** The file's lines in the order of their bytes. */
export function vendorPrefixesText(): string {
  const lines = Array.from(
    vendorsByPrefix(),
    ([prefix, vendor]) => `${prefix.toLowerCase()}\t${vendor}\n`,
  );
  return lines.sort().join("");
}

/** Where the file lies. */
export const VENDOR_PREFIXES = new URL("../enrich/vendor_prefixes.tsv", import.meta.url);

if (import.meta.main) await Deno.writeTextFile(VENDOR_PREFIXES, vendorPrefixesText());
