/** Debian packages of the program as it is compiled from these sources, for machines on which they are tried. */

import { changelogEntries, entryOf } from "../../scripts/release/changelog.ts";
import { makeDebianPackage } from "../../scripts/release/debian_package.ts";
import config from "../../deno.json" with { type: "json" };
import { compiled } from "./compiled.ts";
import type { Machine } from "./machine.ts";

/** The version that comes before this one. */
export const VERSION_BEFORE = "0.9.0";

/** How a package is made. */
export interface PackageOptions {
  /** @default this version */
  readonly version?: string;
  /** @default "none", the fastest */
  readonly compression?: "none" | "xz";
}

/** Makes a package in a folder. @returns its path */
export async function packageOf(
  folder: string,
  { version = config.version, compression = "none" }: PackageOptions = {},
): Promise<string> {
  const machine = Deno.build.arch;
  const executable = await compiled(machine);
  const changelog = await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url));
  const entries = version === config.version
    ? changelogEntries(changelog)
    : [{ ...entryOf(config.version, changelog), version }];
  return await makeDebianPackage({
    machine,
    executable,
    billOfMaterials: `${executable}.cdx.json`,
    entries,
    denoDir: Deno.env.get("DENO_DIR")!,
    compression,
  }, folder);
}

/** Puts a package where apt on the machine finds it. @returns its path there */
export async function bring(machine: Machine, path: string): Promise<string> {
  const there = `/tmp/${path.slice(path.lastIndexOf("/") + 1)}`;
  await Deno.copyFile(path, machine.path(there));
  return there;
}
