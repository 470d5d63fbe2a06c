/**
 * Makes enrich/network_owners.bin: `scripts/dev.sh owners`.
 *
 * The data come from the npm package that network_owners_package.ts names (19 MB, CC BY 4.0; what is owed for them is in
 * service/program/licences.ts). The file made of them is kept in the repository: who builds or tests
 * the program need not fetch them, and it is the same one everywhere.
 */

import { OWNERS_PACKAGE, OWNERS_SHA512 } from "./network_owners_package.ts";
import { encodeOwnerTable } from "./owner_table.ts";
import { readOwnerCsv } from "./owner_csv.ts";

const OUTPUT = "enrich/network_owners.bin";

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${program} failed: ${new TextDecoder().decode(stderr).trim().split("\n")[0]}`);
}

/** The package, unpacked; checked against its pinned sum. */
async function fetchPackage(folder: string): Promise<string> {
  await run("npm", ["pack", "--loglevel=error", OWNERS_PACKAGE], folder);
  const [tarball] = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const bytes = await Deno.readFile(`${folder}/${tarball}`);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toBase64();
  if (sum !== OWNERS_SHA512) {
    throw new Error(`${OWNERS_PACKAGE} has SHA-512 ${sum}, not ${OWNERS_SHA512}`);
  }
  await run("tar", ["-xzf", tarball], folder);
  return `${folder}/package`;
}

function dayOf(packageVersion: string): string {
  const [, year, month, day] = /\.(\d{4})(\d\d)(\d\d)\d\d$/.exec(packageVersion)!;
  return `${year}-${month}-${day}`;
}

async function main(): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  const scratch = await Deno.makeTempDir({ prefix: "network-owners-" });
  try {
    const folder = await fetchPackage(scratch);
    const names = new Map<number, string>();
    const ipv4 = readOwnerCsv(await Deno.readTextFile(`${folder}/asn-ipv4-num.csv`), 0, names);
    const ipv6 = readOwnerCsv(await Deno.readTextFile(`${folder}/asn-ipv6-num.csv`), 80, names);
    const table = encodeOwnerTable({
      builtAt: dayOf(OWNERS_PACKAGE),
      ipv4: ipv4.ranges,
      ipv6: ipv6.ranges,
      names,
    });
    await Deno.writeFile(OUTPUT, table);
    const count = (n: number) => n.toLocaleString("en");
    console.log(
      `${OUTPUT}: ${count(table.length)} bytes; ${count(ipv4.ranges.length)} ranges of IPv4, ` +
        `${count(ipv6.ranges.length)} of IPv6 (${
          count(ipv6.leftOut)
        } smaller than a key left out), ` +
        `${count(names.size)} autonomous systems`,
    );
    return 0;
  } catch (error) {
    console.error(`network_owners.ts: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

Deno.exit(await main());
