/** What each level of privacy keeps, for a person. */

import type { PrivacyLevel } from "../../record/privacy_level.ts";

export const PRIVACY_TEXTS: Readonly<Record<PrivacyLevel, string>> = {
  full: "everything is kept",
  sites: "of names the site is kept, of remote addresses the network",
  devices: "sites are kept, and devices by pseudonyms",
  totals: "how much each device moved is kept, by pseudonyms, and nothing of the other end",
};

/** `sites: of names...; 2 devices or sites are left out` */
export function privacyText(
  { level, leftOut }: { readonly level: PrivacyLevel; readonly leftOut: number },
): string {
  const kept = `${level}: ${PRIVACY_TEXTS[level]}`;
  if (leftOut === 0) return kept;
  return `${kept}; ${leftOut} ${
    leftOut === 1 ? "device or site is" : "devices or sites are"
  } left out`;
}
