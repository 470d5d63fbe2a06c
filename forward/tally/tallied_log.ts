/** The log as a tally that is brought up to date when somebody asks: between two questions nothing is read. */

import { type GapRecord, isGap } from "../../record/log_record.ts";
import { parseLine } from "../../record/logged_line.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import type { LogRange } from "../../storage/log_snapshot.ts";
import type { Clock } from "../../system/clock.ts";
import { TrafficTally } from "./traffic_tally.ts";

/** Gaps that are kept for who wants to tell of them. */
const MAX_GAPS = 100;

/** Counts one log. */
export class TalliedLog {
  readonly tally: TrafficTally;
  readonly #follower: LogFollower;
  readonly #clock: Clock;
  #isBegun = false;
  #refreshing: Promise<void> | undefined;
  #gaps: GapRecord[] = [];

  /** Nothing is read before the first refresh. */
  constructor(log: Pick<LogRange, "ramLogPath" | "archiveDir">, clock: Clock) {
    this.#follower = new LogFollower({ ...log, identityOf: recordIdentity });
    this.#clock = clock;
    this.tally = new TrafficTally(localDay(clock.wallMs()));
  }

  /**
   * Counts what came since the last time; at the first, what there is of today. Who asks meanwhile shares it.
   *
   * @throws {Error} which file could not be read and why
   */
  refresh(): Promise<void> {
    return this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = undefined);
  }

  /** Gaps that came since the first refresh, each given once, the last hundred at most. */
  takeGaps(): GapRecord[] {
    return this.#gaps.splice(0);
  }

  async #refresh(): Promise<void> {
    const day = localDay(this.#clock.wallMs());
    this.tally.setDay(day);
    const isCounted = this.#isBegun;
    if (!isCounted) await this.#follower.passOverDaysBefore(day);
    for await (const line of this.#follower.lines()) {
      const record = parseLine(line);
      if (record === undefined) continue;
      this.tally.add(record, { isCounted });
      if (isCounted && isGap(record)) this.#gaps = [...this.#gaps, record].slice(-MAX_GAPS);
    }
    this.#isBegun = true;
  }
}
