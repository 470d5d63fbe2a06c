/**
 * Programs out of Debian's packages, unpacked and not installed, which would start a service: kept in .tools.
 */

import { dirname, fromFileUrl } from "@std/path";

const TOOLS = fromFileUrl(new URL("../.tools", import.meta.url));

/** Where a package lies unpacked, with what it needs and the machine lacks. */
export interface DebianPackage {
  /** The root of its files: a program may be in `usr/bin` or `usr/sbin` of it. */
  readonly root: string;
  /** The environment that its programs need. */
  readonly env: Readonly<Record<string, string>>;
}

/** Unpacks a package of this name, or says why it cannot be had. */
export async function debianPackage(name: string): Promise<DebianPackage | { missing: string }> {
  const root = `${TOOLS}/debian-${name}`;
  const machine = Deno.build.arch === "x86_64" ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
  const libraries = [`${root}/usr/lib/${machine}`, `${root}/lib/${machine}`].join(":");
  const found = { root, env: { LD_LIBRARY_PATH: libraries } };
  try {
    await Deno.stat(root);
    return found;
  } catch {
    const why = await unpackInto(root, name);
    return why === undefined ? found : { missing: `Debian's ${name} cannot be had here: ${why}` };
  }
}

/** What is unpacked appears at its place whole. @returns why it could not be */
async function unpackInto(root: string, name: string): Promise<string | undefined> {
  const scratch = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${scratch}/partial`);
    await run([
      ...["apt-get", "-qq", "-y", "--no-install-recommends", "--download-only"],
      ...["-o", "APT::Sandbox::User=root", "-o", "DPkg::Lock::Timeout=120"],
      ...["-o", `Dir::Cache::archives=${scratch}`, "install", name],
    ]);
    await Deno.mkdir(dirname(root), { recursive: true });
    const unpacked = await Deno.makeTempDir({ dir: dirname(root), prefix: "debian-" });
    for (const { name } of Deno.readDirSync(scratch)) {
      if (name.endsWith(".deb")) await run(["dpkg-deb", "-x", `${scratch}/${name}`, unpacked]);
    }
    await Deno.rename(unpacked, root).catch(() => Deno.remove(unpacked, { recursive: true }));
  } catch (error) {
    return (error as Error).message;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function run([program, ...args]: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { success, stderr } = await new Deno.Command(program, { args, env, stdout: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
}
