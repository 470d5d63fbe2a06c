/** Who made a device, for who asks about devices rather than records. */

import { openVendorTable } from "../enrich/vendor.ts";
import { programTable } from "./program/program_tables.ts";

/** Opens the table of makers: by a MAC address in text, the maker where that tells it. */
export async function openMakers(): Promise<(mac: string) => string | undefined> {
  const table = await programTable("vendors").then(openVendorTable);
  return (mac) => table.vendor(mac);
}
