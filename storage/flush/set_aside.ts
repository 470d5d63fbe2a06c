/** What stands in an archive file's place and is none makes room for the file, so that it stops no flush. */

import { setAsideForeign } from "../../system/files/own_file.ts";
import type { FlushReport } from "./flush_report.ts";

/** Renames it, and says so. */
export async function setAside(path: string, report: FlushReport): Promise<void> {
  const aside = await setAsideForeign(path);
  if (aside === undefined) return;
  report.warnings.push(
    `appending to ${path}: what stood in its place was no file, and is called ${aside} now`,
  );
}
