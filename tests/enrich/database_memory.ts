/**
 * Prints what databases in files cost, as JSON: `deno run -A database_memory.ts FILE...`. Looks 20,000 addresses up in each
 * and says how much more of the process is resident than before, and how long a look-up took; then as many of few
 * networks, which is what a household talks to.
 */

import { openCountryDatabase } from "../../enrich/country_database.ts";
import { DatabaseFiles } from "../../enrich/database_files.ts";
import { programTable } from "../../service/program/program_tables.ts";
import { addressSpread } from "./address_spread.ts";

function residentBytes(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]);
}

function settle(): void {
  for (let i = 0; i < 3; i++) (globalThis as { gc?: () => void }).gc!();
}

const addresses = addressSpread(20_000);
// The code that looks up, and what garbage it makes, are there without any file.
const inside = openCountryDatabase(await programTable("countries"));
for (let i = 0; i < 5; i++) for (const address of addresses) inside.place(address);
settle();
const before = residentBytes();
using files = DatabaseFiles.open(Deno.args);
let known = 0;

/** Microseconds a look-up takes. */
function lookUp(addresses: readonly string[]): number {
  const startMs = performance.now();
  for (const database of files.databases) {
    for (const address of addresses) if (database.place(address) !== undefined) known++;
  }
  const tookMs = performance.now() - startMs;
  return Math.round(1e4 * tookMs / (addresses.length * files.databases.length)) / 10;
}

const anywhereUs = lookUp(addresses);
const ofFewNetworksUs = lookUp(addresses.map((_, i) => `142.250.${i >> 8}.${i & 255}`));
settle();
console.log(JSON.stringify({
  files: Deno.args.length,
  known,
  moreBytes: residentBytes() - before,
  anywhereUs,
  ofFewNetworksUs,
}));
