/** The executable that is installed, made from these sources. */

import { fromFileUrl } from "@std/path";

const PROJECT = fromFileUrl(new URL("../..", import.meta.url));

/** What a user copies to a machine beside the executable. */
export const INSTALL_SH = `${PROJECT}install.sh`;

/**
 * Compiles for a machine, named as `uname -m` does, and gives the path of what came out.
 *
 * @throws {Error} with what `scripts/compile.ts` said
 */
export async function compiled(machine: string): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", `${PROJECT}scripts/compile.ts`, machine],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return `${PROJECT}dist/wifilogger-${machine}`;
}
