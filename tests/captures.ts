/** The captures of real and hostile traffic that some tests read, where they are there: beside the checkout. */

import { fromFileUrl, join } from "@std/path";

const FOLDER = fromFileUrl(new URL("../../shared/captures/pcap/", import.meta.url));

/** The reason to skip a test that reads them, `null` when they are there. */
export function lacksCaptures(): string | null {
  try {
    Deno.statSync(FOLDER);
    return null;
  } catch {
    return `the captures are not at ${FOLDER}`;
  }
}

/** Paths of all captures, sorted by name; none where the folder is absent. */
export function capturePaths(): string[] {
  if (lacksCaptures() !== null) return [];
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => join(FOLDER, name)).sort();
}
