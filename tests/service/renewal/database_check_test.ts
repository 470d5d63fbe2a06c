import { assertEquals } from "../../assert.ts";
import { openOwnerDatabase } from "../../../enrich/owner_table.ts";
import { FETCHED_DATABASES } from "../../../service/places/fetched_databases.ts";
import { programTable } from "../../../service/program/program_tables.ts";
import { checkDatabase, KNOWN } from "../../../service/renewal/database_check.ts";
import { realCities } from "../../enrich/real_cities.ts";
import { testWhen } from "../../skip.ts";

const byName = (name: string) => FETCHED_DATABASES.find((one) => one.name === name)!;

Deno.test("`checkDatabase()` takes the real countries, and the real owners know its addresses", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, await programTable("countries"));
    const builtAt = checkDatabase(path, "/nowhere", byName("dbip-country-lite"));
    assertEquals(builtAt.toISOString().slice(0, 7), "2026-06");
  } finally {
    await Deno.remove(path);
  }
  const owners = openOwnerDatabase(await programTable("owners"));
  for (const [address, , asNumber] of KNOWN) {
    assertEquals(owners.place(address)?.asNumber, asNumber, address);
  }
});

const cities = await realCities();

testWhen(
  typeof cities === "string" ? cities : null,
  "`checkDatabase()` takes the real cities",
  () => {
    const { ipv4 } = cities as Exclude<typeof cities, string>;
    const builtAt = checkDatabase(ipv4, ipv4, byName("dbip-city-lite"));
    assertEquals(builtAt.toISOString().slice(0, 7), "2026-06");
  },
);
