/**
 * One run of the ledger, inside namespaces of its own: records are written and sent while faults happen, then what has
 * arrived is held against the archive. Arguments: a folder on the disk, records, faults, seed. The last line on stdout is
 * a {@linkcode LedgerReport} as JSON.
 */

import { seededRandom } from "../../../scripts/seeded_random.ts";
import { makeFaults } from "./faults.ts";
import { Rig } from "./rig.ts";
import { archivedEntries, type Verdict, verdictOf } from "./verdict.ts";

/** What a run found. */
export interface LedgerReport {
  readonly seed: number;
  readonly seconds: number;
  /** How often each kind of fault happened. */
  readonly faults: Readonly<Record<string, number>>;
  readonly mqtt: Verdict;
  readonly http: Verdict;
  /** What the forwarder said last. */
  readonly said: readonly string[];
}

const [home, ...numbers] = Deno.args;
const [records, faultCount, seed] = numbers.map(Number);
/** Patience after the last fault: longer than the longest pause between two attempts. */
const DRAIN_MS = 100_000;
/** Faults that outlast every timeout of the forwarder only where there is time for them. */
const mayBeLong = faultCount >= 50;

const startedMs = performance.now();
const random = seededRandom(seed);
const perSecond = mayBeLong ? 1000 : 700;
const rig = await Rig.open(home, { records, perSecond });
const faults = makeFaults(faultCount, random, mayBeLong);
for (const fault of faults) {
  console.error(
    `${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${JSON.stringify(fault)}`,
  );
  await rig.suffer(fault);
  await new Promise((resolve) => setTimeout(resolve, 200 + random() * 800));
}

const untilMs = performance.now() + DRAIN_MS + records / perSecond * 1000;
let archived: string[] = [];
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 250));
  if (rig.isWritten && archived.length === 0) archived = await archivedEntries(rig.archiveDir);
  const isOver = archived.length > 0 &&
    (["mqtt", "http"] as const).every((receiver) =>
      verdictOf(archived, rig.arrivals(receiver)).missing.length === 0
    );
  if (isOver || performance.now() > untilMs) break;
}
const report: LedgerReport = {
  seed,
  seconds: Math.round((performance.now() - startedMs) / 1000),
  faults: countsOf(faults.map(({ kind }) => kind)),
  mqtt: verdictOf(archived, rig.arrivals("mqtt")),
  http: verdictOf(archived, rig.arrivals("http")),
  said: rig.forwarderSaid(),
};
await rig.close();
console.log(JSON.stringify(report));
Deno.exit(0);

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
