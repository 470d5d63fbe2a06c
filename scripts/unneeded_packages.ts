/**
 * What `deno compile` would embed without need: it takes every package of deno.lock whole, so those
 * of the tests and the types too, the country database, which is laid in otherwise
 * (`service/program/program_tables.ts`), and of each package what explains it. Deno reads all that is
 * embedded into memory.
 */

/** Endings of files that nothing imports: source maps, declarations, documents. */
const NOT_CODE = [".map", ".d.ts", ".d.cts", ".d.mts", ".md"];

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
 * `deno compile --exclude`: whole packages, and files of the others that are no code.
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
  return Object.entries(npmPackages).flatMap(([id, { name, version, registryUrl }]) => {
    const folder = `${packages}/${new URL(registryUrl).host}/${name}/${version}`;
    return needed.includes(id) ? filesWithoutCode(folder) : [folder];
  });
}

function filesWithoutCode(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesWithoutCode(path);
    return NOT_CODE.some((ending) => name.endsWith(ending)) ? [path] : [];
  });
}

async function denoInfo(entry: string): Promise<DenoInfo> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", entry],
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
