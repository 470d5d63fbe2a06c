/** Holds what the receiver got against the archive. */

/** What differs. */
export interface Forwarded {
  /** Entries of the archive that did not arrive as often as they are there. */
  readonly missing: readonly string[];
  /** The first entry whose first arrival was not in the archive's order. */
  readonly outOfOrder: string | undefined;
}

/**
 * Compares entries: all arrive at least once, in order. Gaps of records for which there was no room are told when they come
 * about, and stand in the archive where the lost records stood; so their order is not looked at.
 */
export function compareReceived(
  archived: readonly string[],
  received: readonly string[],
): Forwarded {
  const left = new Map<string, number>();
  for (const entry of received) left.set(entry, (left.get(entry) ?? 0) + 1);
  const missing = archived.filter((entry) => {
    const count = left.get(entry) ?? 0;
    left.set(entry, count - 1);
    return count <= 0;
  });
  const [hasArrived, inArchive] = [new Set(received), new Set(archived)];
  const isInOrder = (entry: string) => !entry.startsWith("ram_full");
  const known = [...hasArrived].filter((entry) => isInOrder(entry) && inArchive.has(entry));
  const expected = [...inArchive].filter((entry) => isInOrder(entry) && hasArrived.has(entry));
  return { missing, outOfOrder: known.find((entry, i) => entry !== expected[i]) };
}
