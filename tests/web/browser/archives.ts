/** Archives to look at: a made-up household's year, kept from run to run, and the demo household's minute. */

import { fromFileUrl, join } from "@std/path";
import { makeArchive } from "../../../scripts/made_up_log/household_archive.ts";

const SCRATCH = fromFileUrl(new URL("../../../.tmp", import.meta.url));
/** Where screenshots go. */
export const SCREENSHOTS = join(SCRATCH, "web");
/** As many as a quiet household's day has. */
const YEAR_RECORDS = 8_000;

/** A year that ends now. The first time it takes minutes. */
export async function yearArchive(): Promise<string> {
  const folder = join(SCRATCH, "web-year");
  await makeArchive(folder, { nowMs: Date.now(), days: 365, records: YEAR_RECORDS });
  return folder;
}

/** What the demo logs in `seconds`, on interfaces of namespaces of its own; or why there is none. */
export async function demoArchive(seconds: number): Promise<string | { readonly missing: string }> {
  const folder = join(SCRATCH, "web-demo");
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--frozen", "-A", "scripts/household/demo.ts"],
      ...["--seconds", String(seconds), "--keep", folder],
    ],
    cwd: fromFileUrl(new URL("../../..", import.meta.url)),
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 3) return { missing: new TextDecoder().decode(stderr).trim() };
  if (code !== 0) {
    throw new Error(`the demo ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return folder;
}
