import { assert, assertEquals } from "../assert.ts";
import { openCountryDatabase } from "../../enrich/country_database.ts";
import { programTable } from "../../service/program/program_tables.ts";

const database = openCountryDatabase(await programTable("countries"));

Deno.test("`openCountryDatabase()` knows addresses that have long been where they are", () => {
  // A university's, a national academic network's, a registry's own.
  const expected = {
    "128.112.0.1": "US",
    "130.225.0.1": "DK",
    "193.0.6.139": "NL",
    "2001:630::1": "GB",
  };
  for (const [address, country] of Object.entries(expected)) {
    assertEquals(database.place(address)?.countryCode, country, address);
  }
});

Deno.test("`openCountryDatabase()` knows no country of an address that nobody has", () => {
  for (const address of ["0.0.0.0", "10.0.0.1", "127.0.0.1", "224.0.0.1", "::1", "fe80::1"]) {
    assertEquals(database.place(address), undefined, address);
  }
});

Deno.test("`openCountryDatabase()` tells when its data were gathered", () => {
  assert(database.builtAt.getTime() > Date.UTC(2025, 0));
  assert(database.builtAt.getTime() < Date.now());
});
