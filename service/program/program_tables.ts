/**
 * The tables that come with the program: 14 MB, of which a look-up touches some pages.
 *
 * Deno reads all that it embeds into memory when it starts, and hands out copies of it: 28 MB for these. Therefore
 * `scripts/compile.ts` lays them into the executable between the runtime and what Deno has appended to it, where they
 * are mapped and stay in the file:
 *
 *     runtime (ELF), up to the next multiple of MAP_ALIGNMENT; table, likewise; ...; what Deno appends
 */

import { MAP_ALIGNMENT, mapFile } from "../../system/mapped_file.ts";
import { ELF_HEADER_LENGTH, elfEnd } from "../../system/files/elf_end.ts";

/** Each table's file, as it is imported from here. */
const SOURCES = {
  countries: "country-db/dbip-country.mmdb",
  owners: "../../enrich/network_owners.bin",
  vendors: "../../enrich/vendor_prefixes.tsv",
} as const;

export type TableName = keyof typeof SOURCES;

export const TABLE_NAMES = Object.keys(SOURCES) as TableName[];

/** Where each table of an executable begins, in bytes from the ELF file's end rounded up, and how long it is. */
export type TableParts = Readonly<Record<TableName, { offset: number; length: number }>>;

/** Embedded by `scripts/compile.ts`; the path is from this file. */
const PARTS_FILE = new URL("../../tables.json", import.meta.url);
const THIS_EXECUTABLE = "/proc/self/exe";

let parts: TableParts | undefined;

/** A table's bytes; in an executable they are mapped, not to be written to. */
export async function programTable(name: TableName): Promise<Uint8Array> {
  return Deno.build.standalone ? mappedTable(name) : await tableSource(name);
}

/** A table's bytes, from the file in the source tree or from npm. */
export async function tableSource(name: TableName): Promise<Uint8Array> {
  // By a name that `deno compile` cannot see through, so that it does not embed the file.
  const source: string = SOURCES[name];
  const { default: bytes } = await import(source, { with: { type: "bytes" } });
  return bytes;
}

function mappedTable(name: TableName): Uint8Array {
  parts ??= JSON.parse(Deno.readTextFileSync(PARTS_FILE)) as TableParts;
  const header = mapFile(THIS_EXECUTABLE, { offset: 0, length: ELF_HEADER_LENGTH });
  const { offset, length } = parts[name];
  return mapFile(THIS_EXECUTABLE, { offset: alignedUp(elfEnd(header)) + offset, length });
}

/** The next place in a file that can be mapped. */
export function alignedUp(offset: number): number {
  return Math.ceil(offset / MAP_ALIGNMENT) * MAP_ALIGNMENT;
}
