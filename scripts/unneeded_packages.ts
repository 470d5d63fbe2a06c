/**
 * What `deno compile` would embed without need: it takes every package of deno.lock whole, so those
 * of the tests and the types too, and every variant of the country database. Left out, they make an
 * executable 12 MB smaller.
 */

const DATABASE_PACKAGE = "@ip-location-db/geo-whois-asn-country-mmdb";
/** Halves of the database that is imported, geo-whois-asn-country.mmdb. */
const UNUSED_DATABASES = ["geo-whois-asn-country-ipv4.mmdb", "geo-whois-asn-country-ipv6.mmdb"];

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
 * `deno compile --exclude`: whole packages, and files beside the database that is imported.
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
    if (!needed.includes(id)) return [folder];
    if (name === DATABASE_PACKAGE) return UNUSED_DATABASES.map((file) => `${folder}/${file}`);
    return [];
  });
}

async function denoInfo(entry: string): Promise<DenoInfo> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", entry],
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
