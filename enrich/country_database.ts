/**
 * The country of an address, from the database that is embedded in the program: no token, no network.
 *
 * The data: geo-whois-asn-country of the ip-location-db project, CC0, made from the registries' WHOIS.
 */

import { Buffer } from "node:buffer";
import { type CountryResponse, Reader } from "mmdb-lib";

/** One entry of the embedded database. */
interface CountryEntry {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country_code: string;
}

/** Looks up country codes. */
export interface CountryDatabase {
  /** When the data were gathered. */
  readonly builtAt: Date;
  /** ISO 3166-1 alpha-2 code of an address in text, `undefined` where the data name none. */
  countryCode(address: string): string | undefined;
}

/** Loads the embedded database (7.8 MB, kept as it is; a look-up walks its tree). */
export async function openCountryDatabase(): Promise<CountryDatabase> {
  // Imported on demand: `--version` and the like need not load it.
  const { default: bytes } = await import("country-db/geo-whois-asn-country.mmdb", {
    with: { type: "bytes" },
  });
  // The library's types know MaxMind's own shapes only; this database has a smaller one.
  const reader = new Reader<CountryResponse>(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  return {
    builtAt: reader.metadata.buildEpoch,
    countryCode: (address) =>
      (reader.get(address) as unknown as CountryEntry | null)?.country_code || undefined,
  };
}
