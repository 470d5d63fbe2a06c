import { assert, assertEquals } from "../assert.ts";
import { openCountryDatabase } from "../../enrich/country_database.ts";
import { knownPlaces } from "./known_places.ts";
import { programTable } from "../../service/program/program_tables.ts";

const database = openCountryDatabase(await programTable("countries"));

Deno.test("`openCountryDatabase()` tells the machine's country, not its owner's", () => {
  const expected = {
    "142.250.186.174": "DE", // of Google
    "18.64.79.37": "DE", // of Amazon
    "31.13.86.36": "IT", // of Facebook, Ireland
    "51.15.122.250": "NL", // of Scaleway, France
    "144.91.106.227": "DE", // of Contabo, by way of France
  };
  for (const [address, country] of Object.entries(expected)) {
    assertEquals(database.place(address)?.countryCode, country, address);
  }
});

Deno.test("`openCountryDatabase()` is right for nine in ten addresses whose place is known", () => {
  const places = knownPlaces();
  const wrong = places.filter(({ address, country }) =>
    database.place(address)?.countryCode !== country
  );
  assert(places.length >= 70);
  assert(wrong.length <= places.length / 10, JSON.stringify(wrong));
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
