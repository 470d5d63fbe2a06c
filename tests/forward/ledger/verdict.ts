/** Holds what has arrived against the archive. */

import { archiveLines } from "../../storage/archive/archive_lines.ts";

/** What became of the records on their way to one receiver. */
export interface Verdict {
  /** Records of the archive. */
  readonly archived: number;
  /** Records that arrived, each counted once. */
  readonly arrived: number;
  /** Records that arrived again. */
  readonly duplicates: number;
  /** Records of the archive that did not arrive. */
  readonly missing: readonly string[];
  /** Records that arrived and are not in the archive, or with other bytes than there. */
  readonly unknown: readonly string[];
  /** The first record whose first arrival was not in the archive's order. */
  readonly outOfOrder: string | undefined;
}

/** `flow_id part bytes` of each record of an archive, in its order. */
export async function archivedEntries(archiveDir: string): Promise<string[]> {
  const entries: string[] = [];
  const decoder = new TextDecoder();
  for await (const line of archiveLines(archiveDir)) {
    const { network, wifilogger: { flow_id, part } } = JSON.parse(decoder.decode(line));
    entries.push(`${flow_id} ${part} ${network.bytes}`);
  }
  return entries;
}

/** Compares the entries of an archive with those of a receiver. */
export function verdictOf(archived: readonly string[], arrivals: readonly string[]): Verdict {
  const first = [...new Set(arrivals)];
  const [inArchive, hasArrived] = [new Set(archived), new Set(first)];
  const known = first.filter((entry) => inArchive.has(entry));
  const expected = archived.filter((entry) => hasArrived.has(entry));
  return {
    archived: archived.length,
    arrived: first.length,
    duplicates: arrivals.length - first.length,
    missing: archived.filter((entry) => !hasArrived.has(entry)),
    unknown: first.filter((entry) => !inArchive.has(entry)),
    outOfOrder: known.find((entry, i) => entry !== expected[i]),
  };
}
