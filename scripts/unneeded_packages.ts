/**
 * What `deno compile` would embed without need: it takes every package of deno.lock whole, so those
 * of the tests and the types too, the country database, which is laid in otherwise
 * (`service/program/program_tables.ts`), and of each package what explains it, its tests and its
 * forms for browsers. Deno reads all that is embedded into memory: 1 MB less here is 1 MB less in a
 * logger.
 */

import { dirname, fromFileUrl, join } from "@std/path";
import config from "../deno.json" with { type: "json" };

/** The part of `deno info --json` that is read here. */
interface DenoInfo {
  /** `npmPackage` is there for a module from npm: the key of its package in `npmPackages`. */
  modules: { npmPackage?: string }[];
  /** Every package of deno.lock, imported or not. */
  npmPackages: Record<
    string,
    { name: string; version: string; dependencies: string[]; registryUrl: string }
  >;
}

/**
 * The paths in the npm cache that the program beginning at `entry` does not need, for
 * `deno compile --exclude`: whole packages, and of the others the files that nothing imports.
 *
 * @param denoDir Deno's cache folder, `DENO_DIR`
 */
export async function unneededPaths(entry: string, denoDir: string): Promise<string[]> {
  const { modules, npmPackages } = await denoInfo(entry);
  const packages = `${await Deno.realPath(denoDir)}/npm`; // a link on the way is not matched
  const needed = modules.flatMap(({ npmPackage }) => npmPackage ?? [])
    .filter((id) => !id.startsWith("@types/")); // declarations only: the compiler's, not the program's
  for (const id of needed) {
    needed.push(
      ...npmPackages[id].dependencies.filter((dependency) => !needed.includes(dependency)),
    );
  }
  const imported = importedFiles();
  return Object.entries(npmPackages).flatMap(([id, { name, version, registryUrl }]) => {
    const folder = `${packages}/${new URL(registryUrl).host}/${name}/${version}`;
    if (!needed.includes(id)) return [folder];
    const files = filesIn(folder);
    // A package that only another one imports, by its name, is kept whole.
    const isEntered = files.some((file) => imported.has(file));
    return files.filter((file) =>
      isEntered
        ? !imported.has(file) && !file.endsWith("/package.json")
        : NOT_CODE.some((ending) => file.endsWith(ending))
    );
  });
}

/** Endings of files that nothing imports: source maps, declarations, documents. */
const NOT_CODE = [".map", ".d.ts", ".d.cts", ".d.mts", ".md"];

/** What names another module in a script, packed or not: `from "./a.js"`, `import("./a.js")`, `require("./a")`. */
const IMPORT = /\b(?:from|import|require)\s*\(?\s*["']([^"']+)["']/g;

/** Every file of a package that an entry of the import map leads to, over the imports within the package. */
function importedFiles(): Set<string> {
  const files = new Set(
    Object.keys(config.imports).filter((name) => !name.endsWith("/"))
      .map((name) => Deno.realPathSync(fromFileUrl(import.meta.resolve(name)))),
  );
  for (const file of files) { // those that are added on the way, too
    for (const [, name] of Deno.readTextFileSync(file).matchAll(IMPORT)) {
      const found = name.startsWith(".") ? fileOf(join(dirname(file), name)) : undefined;
      if (found !== undefined) files.add(found);
    }
  }
  return files;
}

/** The file that a relative import means, in either of Node's ways. */
function fileOf(path: string): string | undefined {
  const ways = ["", ".js", ".cjs", ".mjs", ".json", "/index.js", "/index.cjs", "/index.json"];
  return ways.map((ending) => path + ending).find((way) => {
    try {
      return Deno.statSync(way).isFile;
    } catch {
      return false;
    }
  });
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : [path];
  });
}

async function denoInfo(entry: string): Promise<DenoInfo> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", entry],
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
