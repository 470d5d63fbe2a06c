/** What a run of the soak found, in words and tables. */

import { count, figure, markdownTable } from "../../scripts/bench/table.ts";
import type { Archived } from "./archived.ts";
import type { Kind } from "./faults.ts";
import type { Window } from "./gaps.ts";
import type { Forwarded } from "./received.ts";
import type { Visits } from "./rig.ts";
import type { Sample } from "./samples.ts";
import type { Difference, Verdict } from "./verdict.ts";

/** A fault that has been. */
export interface PastFault {
  readonly kind: Kind;
  readonly flood?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly otherPackets: number;
}

/** All that is told. */
export interface Findings {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly PastFault[];
  readonly windows: readonly Window[];
  readonly verdict: Verdict;
  readonly archived: Archived;
  readonly forwarded: Forwarded;
  readonly received: number;
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  readonly visits: Visits;
  readonly lives: Readonly<Record<string, number>>;
}

/** Parts of the run that memory is told of. */
const QUARTERS = 4;
/** A gap that a fault brings may be told of so long after. */
const AFTERWARDS_MS = 12_000;
const SHOWN = 20;

/** Prints all of it as Markdown. */
export function printFindings(found: Findings): void {
  const { verdict, archived, windows, faults, seed, minutes } = found;
  const sum = (reason: string) =>
    windows.filter((window) => window.reason === reason)
      .reduce((total, window) => total + (window.count ?? 0), 0);
  console.log(
    `${figure(minutes)} minutes, seed ${seed}: ${count(faults.length)} faults; ` +
      `${count(verdict.flows)} flows of the household, ${count(verdict.packets)} packets, ${
        count(verdict.bytes)
      } bytes; beside them ${
        count(faults.reduce((total, { otherPackets }) => total + otherPackets, 0))
      } packets of floods and hostile ones.\n` +
      `${count(verdict.logged)} of the packets are logged with their flow, ${
        count(verdict.merged)
      } in lines for several flows, ${count(verdict.inShared)} in lines that a flood shares; ${
        count(verdict.whole)
      } flows are whole. Of the others ${count(archived.others)} are logged. ` +
      `${count(verdict.named)} of ${
        count(verdict.toBeNamed)
      } flows have their name, of those whose name was said while the logger listened. ` +
      `The log tells of ${count(sum("kernel_drop"))} packets that the kernel dropped, of ${
        count(sum("undecodable"))
      } undecodable ones and of ${count(sum("ram_full"))} records for which RAM had no room.\n`,
  );
  console.log(faultTable(found));
  console.log(
    `\nThe archive has ${count(archived.entries.length)} records; the receiver got ${
      count(found.received)
    }: ${count(found.forwarded.missing.length)} of the archive's are missing there, ${
      found.forwarded.outOfOrder === undefined ? "all in order" : "not in order"
    }. The pages answered ${count(found.visits.answered)} of ${
      count(found.visits.asked)
    } questions, the slowest in ${figure(found.visits.slowestMs / 1000)} s.\n`,
  );
  console.log(samplesTable(found));
  for (const { key, what, atMs } of verdict.unexplained.slice(0, SHOWN)) {
    console.log(`unexplained: ${new Date(atMs).toISOString()} ${key}: ${what}`);
  }
  for (const entry of found.forwarded.missing.slice(0, SHOWN)) console.log(`not sent: ${entry}`);
  if (found.forwarded.outOfOrder !== undefined) {
    console.log(`out of order: ${found.forwarded.outOfOrder}`);
  }
}

function faultTable({ faults, windows, verdict }: Findings): string {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const rows = kinds.map((kind) => {
    const own = faults.filter((fault) => fault.kind === kind);
    const gaps = windows.filter((window) => kindOf(window.endMs, faults) === kind);
    const told = [...new Set(gaps.map(({ reason }) => reason))]
      .map((reason) => `${gaps.filter((gap) => gap.reason === reason).length} ${reason}`);
    const lost = gaps.reduce((total, gap) => total + (verdict.lost.get(gap) ?? 0), 0);
    const unexplained = packetsOf(
      verdict.unexplained.filter(({ atMs }) => kindOf(atMs, faults) === kind),
    );
    return [kind, count(own.length), told.join(", "), count(lost), unexplained];
  });
  const before = verdict.unexplained.filter(({ atMs }) => kindOf(atMs, faults) === undefined);
  if (before.length > 0) rows.push(["none", "", "", "", packetsOf(before)]);
  return markdownTable(
    ["fault", "times", "gaps told", "packets lost in them", "unexplained"],
    rows,
  );
}

/** The fault that was, or had just been, at a time. */
function kindOf(atMs: number, faults: readonly PastFault[]): Kind | undefined {
  const within = faults.filter(({ startMs, endMs }) =>
    startMs <= atMs && atMs <= endMs + AFTERWARDS_MS
  );
  return within.at(-1)?.kind ?? faults.findLast(({ startMs }) => startMs <= atMs)?.kind;
}

function packetsOf(differences: readonly Difference[]): string {
  if (differences.length === 0) return "0";
  const packets = differences.reduce((total, one) => total + one.packets, 0);
  return `${count(differences.length)} (${count(packets)} packets)`;
}

function samplesTable({ samples, lives, faults }: Findings): string {
  const crowds = faults.filter(({ kind }) => kind === "slow and dead control clients");
  const isCrowded = ({ atMs }: Sample) =>
    crowds.some(({ startMs, endMs }) => startMs <= atMs && atMs <= endMs + AFTERWARDS_MS);
  const rows = Object.entries(samples).map(([name, taken]) => {
    const all = taken.filter((sample) => !isCrowded(sample));
    const length = Math.ceil(all.length / QUARTERS);
    const quarters = Array.from(
      { length: QUARTERS },
      (_, i) => all.slice(i * length, (i + 1) * length),
    );
    const most = (key: "residentBytes" | "descriptors", per: number) =>
      quarters.map((quarter) => figure(Math.max(0, ...quarter.map((one) => one[key])) / per))
        .join(", ");
    return [name, count(lives[name]), most("residentBytes", 1e6), most("descriptors", 1)];
  });
  return markdownTable(
    [
      "",
      "lives",
      "MB resident at most, by quarters",
      "file descriptors at most, without those control clients",
    ],
    rows,
  ) + "\n";
}
