/** What a large database in a file costs, and that nothing done to the file ends the process. */

import { fromFileUrl } from "@std/path";
import { assert, assertEquals } from "../assert.ts";
import { DatabaseFiles } from "../../enrich/database_files.ts";
import { testWhen } from "../skip.ts";
import { addressSpread } from "./address_spread.ts";
import { realCities } from "./real_cities.ts";

const PROGRAM = fromFileUrl(new URL("database_memory.ts", import.meta.url));
const MAX_MORE_BYTES = 10e6;
/** Of those that the compiled program has, the one that its garbage goes by. */
const V8_FLAGS = "--expose-gc,--max-semi-space-size=2";

const cities = await realCities();
const missing = typeof cities === "string" ? cities : null;

testWhen(missing, "134 MB of cities in files cost less than 10 MB of memory", async () => {
  const { ipv4, ipv6 } = cities as Exclude<typeof cities, string>;
  const sizes = [ipv4, ipv6].map((path) => Deno.statSync(path).size);
  assert(sizes[0] + sizes[1] > 130e6);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS}`, PROGRAM, ipv4, ipv6],
  }).output();
  const { known, moreBytes } = JSON.parse(new TextDecoder().decode(stdout));
  assert(known > 10_000, `${known} known`);
  assert(moreBytes < MAX_MORE_BYTES, `${moreBytes} bytes`);
});

testWhen(
  missing,
  "a database that is cut and written over while it is used ends no process",
  async () => {
    const { ipv4 } = cities as Exclude<typeof cities, string>;
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    const path = `${folder}/cities.mmdb`;
    const addresses = addressSpread(2000);
    try {
      for (
        const change of ["truncate -s 1M", "truncate -s 0", "cp /dev/null", `cp ${ipv4}`, "rm"]
      ) {
        await Deno.copyFile(ipv4, path);
        await Deno.utime(path, 1e9, 1e9);
        using files = DatabaseFiles.open([path]);
        const expected = addresses.map((address) => files.databases[0].place(address));
        const changing = new Deno.Command("sh", { args: ["-c", `${change} ${path}`] }).output();
        let isChanged = false;
        void changing.then(() => isChanged = true);
        for (let i = 0; !isChanged || i < 3; i++) {
          for (const [at, address] of addresses.entries()) {
            const place = files.databases[0].place(address);
            // Right, or nothing: never half of one file and half of the other.
            if (place !== undefined) assertEquals(place, expected[at], address);
          }
          await new Promise((resolve) => setTimeout(resolve));
        }
        const isKnown = files.databases[0].place(addresses[0]) !== undefined;
        assertEquals(isKnown, change === "rm" && expected[0] !== undefined, change);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
