/**
 * A day's records summed by hour, device, name, country, owner, service, direction and evidence: everything that
 * questions ask by. A pure function of the day's records in their order.
 *
 * It is bounded: of a day with more rows than `MAX_ROWS`, those of the fewest bytes are summed into one row for each
 * hour, device, direction and evidence, whose name, country, owner and service are "other".
 */

import { bytesOf, type Fact, type FactSink, type GapFact } from "../facts/fact.ts";
import { Vocabulary } from "../facts/vocabulary.ts";

/** What a name, a country, an owner or a service is called that was summed with others. */
export const OTHER = "other";

/** Rows of a summary; 20,000 take about 200 kB on the card. */
export const MAX_ROWS = 20_000;
/** Rows that are held while a day is read, some 6 MB. */
const MAX_HELD_ROWS = 3 * MAX_ROWS;

/** A summary of records, `hourMs` and the words of each row as in a `Fact`. */
export interface DaySummary {
  readonly vocabulary: Vocabulary;
  readonly rows: readonly Readonly<Fact>[];
  readonly gaps: readonly GapFact[];
  /** Records that were summed, gaps left out. */
  readonly records: number;
  /** Lines of the day that the logger did not write. */
  readonly foreign: number;
  /** What was summed into "other" to keep to the bound. */
  readonly folded: { readonly rows: number; readonly bytes: number };
}

/** Sums what it is given. */
export class SummaryBuilder implements FactSink {
  readonly vocabulary: Vocabulary = new Vocabulary();
  readonly #maxRows: number;
  readonly #maxHeldRows: number;
  #rows = new Map<string, Fact>();
  readonly #gaps = new Map<string, GapFact>();
  #records = 0;
  #foreign = 0;
  readonly #folded = { rows: 0, bytes: 0 };

  constructor({ maxRows = MAX_ROWS, maxHeldRows = MAX_HELD_ROWS } = {}) {
    this.#maxRows = maxRows;
    this.#maxHeldRows = maxHeldRows;
  }

  fact(fact: Fact): void {
    this.#records++;
    this.#add(fact);
    if (this.#rows.size > this.#maxHeldRows) this.#fold(this.#maxHeldRows / 2);
  }

  gap({ hourMs, reason, records, count }: GapFact): void {
    const key = `${hourMs} ${reason}`;
    const sum = this.#gaps.get(key) ?? { hourMs, reason, records: 0, count: 0 };
    this.#gaps.set(key, { ...sum, records: sum.records + records, count: sum.count + count });
  }

  foreign(lines: number): void {
    this.#foreign += lines;
  }

  /** The summary of everything that was given, its rows in the order of their words. */
  finish(): DaySummary {
    if (this.#rows.size > this.#maxRows) this.#fold(this.#maxRows / 2);
    const rows = [...this.#rows.values()].sort(byWords);
    return {
      vocabulary: this.vocabulary,
      rows,
      gaps: [...this.#gaps.values()],
      records: this.#records,
      foreign: this.#foreign,
      folded: { ...this.#folded },
    };
  }

  #add(fact: Fact): void {
    const { hourMs, device, name, country, owner, service, direction, evidence } = fact;
    const key =
      `${hourMs} ${device} ${name} ${country} ${owner} ${service} ${direction} ${evidence}`;
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.set(key, { ...fact });
      return;
    }
    row.upBytes += fact.upBytes;
    row.downBytes += fact.downBytes;
    row.packets += fact.packets;
    row.flows += fact.flows;
  }

  /** Keeps the `count` rows of the most bytes, and sums the others. */
  #fold(count: number): void {
    const { vocabulary } = this;
    const other = {
      name: vocabulary.name(OTHER),
      country: vocabulary.country("", OTHER),
      owner: vocabulary.owner("", OTHER),
      service: vocabulary.service(OTHER),
    };
    const rows = [...this.#rows].sort(([, a], [, b]) => bytesOf(b) - bytesOf(a));
    this.#rows = new Map(rows.slice(0, count));
    for (const [, row] of rows.slice(count)) {
      if (row.name !== other.name) {
        this.#folded.rows++;
        this.#folded.bytes += bytesOf(row);
      }
      this.#add({ ...row, ...other });
    }
  }
}

/** Rows of the same words lie together, hour after hour, which makes their columns small. */
function byWords(a: Fact, b: Fact): number {
  return a.device - b.device || a.name - b.name || a.owner - b.owner || a.country - b.country ||
    a.service - b.service || a.direction - b.direction || a.evidence - b.evidence ||
    a.hourMs - b.hourMs;
}
