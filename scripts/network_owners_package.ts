/** The npm package from which enrich/network_owners.bin is made. `scripts/dev.sh tables` renews what stands here. */

/** Its version ends with the day of the data. */
export const OWNERS_PACKAGE = "@ip-location-db/asn@2.3.2026061719";
/** SHA-512 of its archive, in base64. */
export const OWNERS_SHA512 =
  "PpqYi7wyEyWwunXBtl+y3Vi403SvNywotWwvmiYCOUtE0SVol/Sf492Ee+eErEznmGapxEQB2SAfrpXuZ9a+vQ==";
