/**
 * What `deno compile` would embed without need: it takes every package of deno.lock whole, so those
 * of the tests and the types too, the country database, which is laid in otherwise
 * (`service/program/program_tables.ts`), and of each package what explains it, its tests and its
 * forms for browsers. Deno reads all that is embedded into memory: 1 MB less here is 1 MB less in a
 * logger.
 */

import { dirname, fromFileUrl, join } from "@std/path";
import { isBuiltin } from "node:module";
import config from "../deno.json" with { type: "json" };

/** A package of deno.lock. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Keys of packages. */
  readonly dependencies: readonly string[];
  readonly registryUrl: string;
}

/** The part of `deno info --json` that is read here. */
interface DenoInfo {
  /** `npmPackage` is there for a module from npm: the key of its package in `npmPackages`. */
  modules: { npmPackage?: string }[];
  /** Every package of deno.lock, imported or not. */
  npmPackages: Record<string, Package>;
}

/** The part of a package.json that is read. */
export interface Manifest {
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly main?: string;
  readonly exports?: Targets | Readonly<Record<string, Targets>>;
  readonly imports?: Readonly<Record<string, Targets>>;
}

/** Where an import leads, by conditions. */
type Targets = string | null | readonly Targets[] | { readonly [condition: string]: Targets };

/**
 * The paths in the npm cache that the program beginning at `entry` does not need, for
 * `deno compile --exclude`: whole packages, and of the others the files that nothing imports.
 *
 * @param denoDir Deno's cache folder, `DENO_DIR`
 */
export async function unneededPaths(entry: string, denoDir: string): Promise<string[]> {
  const { packages, embedded, imported } = await look(entry, denoDir);
  return Object.keys(packages).flatMap((folder) => {
    if (!embedded.has(folder)) return [folder];
    return filesIn(folder)
      .filter((file) => !imported.has(file) && !file.endsWith("/package.json"));
  });
}

/** The program, and the scripts in it that are bundled: its pages, and the documents that look like them. */
const ENTRIES = ["main.ts", "web/page/main.tsx", "web/page/paper.tsx"];

/** The packages of which something goes into the executable, by their folders in the npm cache. */
export async function embeddedPackages(denoDir: string): Promise<ReadonlyMap<string, Package>> {
  const all = new Map<string, Package>();
  for (const entry of ENTRIES) {
    for (const [folder, one] of (await look(entry, denoDir)).embedded) all.set(folder, one);
  }
  return all;
}

/** Every package of deno.lock, by its folder in the npm cache. */
export async function lockedPackages(
  denoDir: string,
): Promise<Readonly<Record<string, Package>>> {
  return (await look(ENTRIES[0], denoDir)).packages;
}

/** What of the packages a program needs. */
interface Need {
  /** All of deno.lock, by their folders. */
  packages: Readonly<Record<string, Package>>;
  /** Those of which at least a file is imported, by their folders. */
  embedded: ReadonlyMap<string, Package>;
  /** Files in the packages' folders. */
  imported: ReadonlySet<string>;
}

async function look(entry: string, denoDir: string): Promise<Need> {
  const { modules, npmPackages } = await denoInfo(entry);
  const packages = `${await Deno.realPath(denoDir)}/npm`; // a link on the way is not matched
  const folderOf = ({ name, version, registryUrl }: Package) =>
    `${packages}/${new URL(registryUrl).host}/${name}/${version}`;
  const needed = new Set(
    modules.flatMap(({ npmPackage }) => npmPackage ?? [])
      .filter((id) => !id.startsWith("@types/")), // declarations only: the compiler's, not the program's
  );
  for (const id of needed) { // those that are added on the way, too
    for (const dependency of npmPackages[id].dependencies) needed.add(dependency);
  }
  const folders = new Map([...needed].map((id) => [folderOf(npmPackages[id]), npmPackages[id]]));
  const imported = importedFiles((file, name, way) => {
    const folder = [...folders.keys()].find((folder) => file.startsWith(`${folder}/`));
    if (folder === undefined) return [];
    if (name.startsWith("#")) {
      return within(folder, manifestOf(folder).imports?.[name] ?? null, way);
    }
    const [, wanted, path = ""] = PACKAGE_PATH.exec(name) ?? [];
    const dependency = folders.get(folder)!.dependencies.map((id) => npmPackages[id])
      .find(({ name }) => name === wanted);
    return dependency === undefined ? [] : filesOfImport(folderOf(dependency), path, way);
  });
  const embedded = [...folders].filter(([folder]) =>
    filesIn(folder).some((file) => imported.has(file))
  );
  return {
    packages: Object.fromEntries(Object.values(npmPackages).map((one) => [folderOf(one), one])),
    embedded: new Map(embedded),
    imported,
  };
}

/** What names another module in a script, packed or not: `from "./a.js"`, `import("./a.js")`, `require("./a")`. */
const IMPORT = /\b(from|import|require)\s*\(?\s*["']([^"']+)["']/g;
/** `@scope/name/path`, `name/path`. */
const PACKAGE_PATH = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/;

/**
 * Every file that an entry of the import map leads to.
 *
 * @param find the files that an import by name may mean, in a file
 */
function importedFiles(
  find: (file: string, name: string, way: Way) => readonly string[],
): Set<string> {
  const files = new Set(
    Object.keys(config.imports).filter((name) => !name.endsWith("/"))
      .map((name) => import.meta.resolve(name))
      .filter((url) => url.startsWith("file:")) // a package that no file imports is not fetched
      .map((url) => Deno.realPathSync(fromFileUrl(url))),
  );
  for (const file of files) { // those that are added on the way, too
    for (const [, word, name] of Deno.readTextFileSync(file).matchAll(IMPORT)) {
      const found = name.startsWith(".")
        ? [fileOf(join(dirname(file), name))]
        : isBuiltin(name)
        ? []
        : find(file, name, word === "require" ? "require" : "import");
      for (const path of found) if (path !== undefined) files.add(path);
    }
  }
  return files;
}

/** The files that an import of a package, or of a path in it, may mean: one for each condition that Deno may take. */
function filesOfImport(folder: string, path: string, way: Way): string[] {
  const { main = "index.js", exports } = manifestOf(folder);
  if (exports === undefined || exports === null) {
    return [fileOf(join(folder, path || main)) ?? fileOf(join(folder, "index.js"))]
      .filter((file) => file !== undefined);
  }
  const isByPath = typeof exports === "object" && Object.keys(exports)[0]?.startsWith(".");
  if (!isByPath) return within(folder, exports as Targets, way);
  const targets = exports as Readonly<Record<string, Targets>>;
  return within(folder, targets[path === "" ? "." : `./${path}`] ?? null, way);
}

/** How a module is asked for: a package may have a form of itself for each. */
type Way = "import" | "require";

/** Conditions that Deno takes. */
const CONDITIONS = ["deno", "node", "module-sync", "default"];

/** The files that targets name under any condition that Deno takes. */
function within(folder: string, targets: Targets, way: Way): string[] {
  if (targets === null) return [];
  if (typeof targets === "string") {
    const file = fileOf(join(folder, targets));
    return file === undefined ? [] : [file];
  }
  if (Array.isArray(targets)) return targets.flatMap((inner) => within(folder, inner, way));
  return Object.entries(targets)
    .filter(([condition]) => condition === way || CONDITIONS.includes(condition))
    .flatMap(([, inner]) => within(folder, inner, way));
}

/** The package.json of a package's folder. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
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
