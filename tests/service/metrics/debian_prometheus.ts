/**
 * Debian's Prometheus and its promtool, taken out of their package and not installed, which would start a service: kept in
 * .tools.
 */

import { dirname, fromFileUrl } from "@std/path";

const TOOLS = fromFileUrl(new URL("../../../.tools/prometheus", import.meta.url));

/** The folder that has both programs, or why there is none. */
export async function debianPrometheus(): Promise<{ folder: string } | { missing: string }> {
  const folder = `${TOOLS}/usr/bin`;
  try {
    await Deno.stat(`${folder}/promtool`);
    return { folder };
  } catch {
    return await fetchInto(TOOLS) ?? { folder };
  }
}

/** What it fetched appears at its place whole. */
async function fetchInto(place: string): Promise<{ missing: string } | undefined> {
  const scratch = await Deno.makeTempDir();
  try {
    await run(
      ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", "prometheus"],
      scratch,
    );
    const [{ name }] = await Array.fromAsync(Deno.readDir(scratch));
    const unpacked = await Deno.makeTempDir({ dir: dirname(place), prefix: "prometheus-" });
    await run(["dpkg-deb", "-x", `${scratch}/${name}`, unpacked], scratch);
    await Deno.rename(unpacked, place).catch(() => Deno.remove(unpacked, { recursive: true }));
  } catch (error) {
    return { missing: `Debian's prometheus cannot be had here: ${(error as Error).message}` };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function run([program, ...args]: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdout: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
}
