/** Debian's Prometheus and its promtool. */

import { debianPackage } from "../../debian_package.ts";

/** The folder that has both programs, or why there is none. */
export async function debianPrometheus(): Promise<{ folder: string } | { missing: string }> {
  const prometheus = await debianPackage("prometheus");
  return "missing" in prometheus ? prometheus : { folder: `${prometheus.root}/usr/bin` };
}
