/**
 * What is under way, for all who look at once: the logger is asked and the log followed every two seconds as long as
 * somebody does, however many they are, and not at all while nobody does.
 */

import { isWanted, type RecordFilter } from "../../record/record_filter.ts";
import { parseLine } from "../../record/logged_line.ts";
import type { LogRecord } from "../../record/log_record.ts";
import { recordIdentity } from "../../record/record_identity.ts";
import { recordId } from "../../report/question/record_pages.ts";
import { askFlows } from "../../service/control/control_client.ts";
import type { LiveFlowRecord, LiveFlows } from "../../service/control/live_flows.ts";
import { type Row, Traffic } from "../../service/live_traffic.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { LogFollower } from "../../storage/log_follower.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import type { LiveRow, LiveTraffic, LoggerState, RecordEntry } from "../api/answers.ts";

const LOOK_MS = 2_000;
/** Flows that are asked for: those with the most bytes. */
const ASKED_FLOWS = 500;
/** Records that a look gives to each. */
const MAX_RECORDS = 100;
/** Records that are read in a look; what came beyond is told as a number. */
const MAX_READ = 5_000;
const MAX_DEVICES = 50;

/** Somebody who looks. */
export interface Looker {
  readonly filter: RecordFilter;
  /** Flows that are wanted, at most. */
  readonly flows: number;
  readonly wantsRecords: boolean;
  traffic(traffic: LiveTraffic): void;
  records(records: readonly RecordEntry[], skipped: number): void;
  /** Asked at each look: whether to go on. */
  isThere(): Promise<boolean>;
  /** It is told why nothing more comes. */
  end(why: string): void;
}

/** A record that has just been written. */
interface NewRecord {
  readonly line: string;
  readonly record: LogRecord;
}

/** What tells why the logger cannot be asked. */
export type StateOf = (error: unknown) => LoggerState;

export class LiveHub {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #stateOf: StateOf;
  readonly #lookers = new Set<Looker>();
  readonly #stop = new AbortController();
  #looking: Promise<void> | undefined;
  #traffic = new Traffic();
  /** What the last look found; undefined while nobody looks. */
  #last: { readonly flows?: LiveFlows; readonly state: LoggerState } | undefined;

  constructor(settings: Settings, clock: Clock, stateOf: StateOf) {
    this.#settings = settings;
    this.#clock = clock;
    this.#stateOf = stateOf;
  }

  /** How many look. */
  get lookers(): number {
    return this.#lookers.size;
  }

  add(looker: Looker): void {
    this.#lookers.add(looker);
    if (this.#last !== undefined) looker.traffic(this.#trafficFor(looker, this.#last));
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#last = undefined;
    });
  }

  remove(looker: Looker): void {
    this.#lookers.delete(looker);
  }

  /** Nobody looks any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const looker of this.#lookers) looker.end("the server stops");
    this.#lookers.clear();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { ramLogPath, archiveDir } = this.#settings;
    let follower: LogFollower | undefined;
    this.#traffic = new Traffic();
    while (this.#lookers.size > 0 && !this.#stop.signal.aborted) {
      const records: NewRecord[] = [];
      let skipped = 0;
      try {
        if (follower === undefined) {
          follower = new LogFollower({ ramLogPath, archiveDir, identityOf: recordIdentity });
          (await follower.start())[Symbol.dispose]();
        }
        for await (const line of follower.lines()) {
          const record = records.length < MAX_READ ? parseLine(line) : undefined;
          if (record === undefined) skipped++;
          else records.push({ line, record });
        }
      } catch {
        follower = undefined; // it begins anew where the log can be read again
      }
      this.#last = await this.#ask();
      const { flows } = this.#last;
      if (flows !== undefined) this.#traffic.take(flows, records.map(({ record }) => record));
      for (const looker of this.#lookers) {
        if (!await looker.isThere()) {
          looker.end("the session has ended");
          this.#lookers.delete(looker);
          continue;
        }
        looker.traffic(this.#trafficFor(looker, this.#last));
        if (looker.wantsRecords) giveRecords(looker, records, skipped);
      }
      await sleep(LOOK_MS, this.#stop.signal);
    }
  }

  async #ask(): Promise<{ readonly flows?: LiveFlows; readonly state: LoggerState }> {
    try {
      const flows = await askFlows(this.#settings.controlSocketPath, ASKED_FLOWS);
      return { flows, state: "running" };
    } catch (error) {
      return { state: this.#stateOf(error) };
    }
  }

  #trafficFor(
    { filter, flows: most }: Looker,
    { flows, state }: { readonly flows?: LiveFlows; readonly state: LoggerState },
  ): LiveTraffic {
    const at = flows?.at ?? new Date(this.#clock.wallMs()).toISOString();
    if (flows === undefined) {
      return { at, state, flows: 0, up_rate: 0, down_rate: 0, devices: [], rows: [] };
    }
    const wanted = (_words: unknown, record: LogRecord) => isWanted(record, filter);
    const devices = this.#traffic.rows("device", "rate", wanted);
    const rows = this.#traffic.rows("flow", "rate", wanted);
    const sum = (of: (row: Row) => number) => devices.reduce((sum, row) => sum + of(row), 0);
    const isFiltered = Object.values(filter).some((word) => word !== undefined);
    return {
      at,
      state,
      flows: isFiltered ? sum(({ flows }) => flows) : flows.all.flows,
      up_rate: sum(({ upRate }) => upRate),
      down_rate: sum(({ downRate }) => downRate),
      devices: devices.slice(0, MAX_DEVICES).map(rowOf),
      rows: rows.slice(0, most).map((row) => ({
        ...rowOf(row),
        flow: row.flow as LiveFlowRecord,
      })),
    };
  }
}

function rowOf({ label, flows, upRate, downRate, up, down }: Row): LiveRow {
  return {
    label,
    flows,
    up_rate: upRate,
    down_rate: downRate,
    up_bytes: up,
    down_bytes: down,
  };
}

function giveRecords(looker: Looker, records: readonly NewRecord[], unread: number): void {
  const wanted = records.filter(({ record }) => isWanted(record, looker.filter));
  const given = wanted.slice(-MAX_RECORDS)
    .map(({ line, record }) => ({ id: recordId(line, record), record }));
  looker.records(given, unread + wanted.length - given.length);
}
