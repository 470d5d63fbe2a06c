/**
 * Live traffic between two looks: rates are differences of what flows have moved in all, by flow id. Of a flow that ended
 * in between the last record tells the rest, and one that both began and ended its records alone.
 */

import { flowView } from "../record/flow_view.ts";
import {
  type FlowRecord,
  isGap,
  isMerged,
  type LogRecord,
  type MergedRecord,
} from "../record/log_record.ts";
import { remoteEnd } from "../record/record_filter.ts";
import { siteOf } from "../report/question/site.ts";
import type { LiveFlows } from "./control/live_flows.ts";

/** What rows can be of. */
export type Group = "flow" | "device" | "name" | "site" | "country" | "owner";
/** What they can be sorted by, the largest first; names from A on. */
export type Sort = "rate" | "total" | "up" | "down" | "name";

/** A row: one flow, or all of a device, a name and so on. */
export interface Row {
  /** What it is called; of a flow its device. */
  readonly label: string;
  /** Of a single flow. */
  readonly flow?: FlowRecord | MergedRecord;
  readonly flows: number;
  /** Bytes a second, sent by the device and to it. */
  readonly upRate: number;
  readonly downRate: number;
  /** Bytes since the flows began. */
  readonly up: number;
  readonly down: number;
  readonly isOver: boolean;
}

/** Flows that are over and still counted. */
const MAX_OVER = 5000;
/** Looks that the history has. */
const MAX_LOOKS = 120;

interface Known {
  readonly record: FlowRecord | MergedRecord;
  readonly words: Record<Group, string>;
  up: number;
  down: number;
  upRate: number;
  downRate: number;
  isOver: boolean;
  /** Of what its records tell. */
  written: { up: number; down: number; parts: number };
}

/** Everything that was seen since the first look. */
export class Traffic {
  readonly #flows = new Map<string, Known>();
  #atMs: number | undefined;
  #live = 0;
  /** Bytes a second, both ways, of each look. */
  readonly history: number[] = [];

  /** Flows under way, those that were not listed included. */
  get live(): number {
    return this.#live;
  }

  /** Takes what is under way, and the records that came since the look before. */
  take({ at, all, flows }: LiveFlows, records: readonly LogRecord[]): void {
    const nowMs = Date.parse(at);
    const seconds = this.#atMs === undefined ? 0 : Math.max(0.1, (nowMs - this.#atMs) / 1e3);
    const isNew = ({ event }: FlowRecord | MergedRecord) =>
      Date.parse(event.start) >= (this.#atMs ?? Infinity);
    const before = new Map([...this.#flows].map(([id, { up, down }]) => [id, { up, down }]));
    for (const record of records) {
      if (!isGap(record) && !isMerged(record)) this.#takeRecord(record);
    }
    const listed = new Set<string>();
    for (const flow of flows) {
      const id = flow.wifilogger.flow_id;
      listed.add(id);
      const known = this.#flows.get(id);
      const { upBytes: up, downBytes: down } = flowView(flow);
      const rest = flowView({ ...flow, ...restOf(flow) } as FlowRecord | MergedRecord);
      this.#flows.set(id, {
        record: flow,
        words: known?.record.destination.domain === flow.destination.domain
          ? known.words
          : wordsOf(flow),
        up,
        down,
        upRate: 0,
        downRate: 0,
        isOver: false,
        written: {
          up: up - rest.upBytes,
          down: down - rest.downBytes,
          parts: flow.wifilogger.part,
        },
      });
      if (known === undefined && !isNew(flow)) before.set(id, { up, down });
    }
    for (const [id, known] of this.#flows) {
      // With more under way than are listed, one that is not may go on.
      if (!listed.has(id) && all.flows <= flows.length) known.isOver = true;
      const { up, down } = before.get(id) ?? { up: 0, down: 0 };
      known.upRate = seconds === 0 ? 0 : Math.max(0, known.up - up) / seconds;
      known.downRate = seconds === 0 ? 0 : Math.max(0, known.down - down) / seconds;
    }
    this.#forgetOldest();
    this.#atMs = nowMs;
    this.#live = all.flows;
    if (seconds > 0) {
      this.history.push(this.#sum(({ upRate, downRate }) => upRate + downRate));
      if (this.history.length > MAX_LOOKS) this.history.shift();
    }
  }

  /** Rows of the flows that are wanted, sorted. */
  rows(
    group: Group,
    sort: Sort,
    isWanted: (words: Record<Group, string>, record: FlowRecord | MergedRecord) => boolean,
  ): Row[] {
    const rows = new Map<string, Row>();
    for (const [id, { record, words, upRate, downRate, up, down, isOver }] of this.#flows) {
      // A flow that is over has its last row in the look in which it ended.
      if (!isWanted(words, record) || (group === "flow" && isOver && upRate + downRate === 0)) {
        continue;
      }
      const label = group === "flow" ? words.device : words[group];
      const key = group === "flow" ? id : label;
      const row = rows.get(key);
      rows.set(key, {
        label,
        flow: group === "flow" ? record : undefined,
        flows: (row?.flows ?? 0) + (isOver ? 0 : 1),
        upRate: (row?.upRate ?? 0) + upRate,
        downRate: (row?.downRate ?? 0) + downRate,
        up: (row?.up ?? 0) + up,
        down: (row?.down ?? 0) + down,
        isOver: isOver && (row?.isOver ?? true),
      });
    }
    const keyOf: Record<Sort, (row: Row) => number> = {
      rate: ({ upRate, downRate }) => upRate + downRate,
      total: ({ up, down }) => up + down,
      up: ({ upRate }) => upRate,
      down: ({ downRate }) => downRate,
      name: () => 0,
    };
    return [...rows.values()].sort((a, b) =>
      keyOf[sort](b) - keyOf[sort](a) ||
      (sort === "name" ? 0 : b.up + b.down - a.up - a.down) || (a.label < b.label ? -1 : 1)
    );
  }

  #takeRecord(record: FlowRecord): void {
    const { flow_id: id, part, end_reason } = record.wifilogger;
    const { upBytes, downBytes } = flowView(record);
    let known = this.#flows.get(id);
    if (known === undefined) {
      if (part > 0 || this.#atMs === undefined) return;
      const written = { up: 0, down: 0, parts: 0 };
      const nothing = { up: 0, down: 0, upRate: 0, downRate: 0, isOver: false, written };
      known = { record, words: wordsOf(record), ...nothing };
      this.#flows.set(id, known);
    }
    if (part < known.written.parts) return;
    known.written = {
      up: known.written.up + upBytes,
      down: known.written.down + downBytes,
      parts: part + 1,
    };
    known.up = Math.max(known.up, known.written.up);
    known.down = Math.max(known.down, known.written.down);
    if (end_reason !== "active") known.isOver = true;
  }

  #sum(of: (known: Known) => number): number {
    return [...this.#flows.values()].reduce((sum, known) => sum + of(known), 0);
  }

  #forgetOldest(): void {
    let over = [...this.#flows.values()].filter(({ isOver }) => isOver).length;
    for (const [id, { isOver }] of this.#flows) {
      if (over <= MAX_OVER) return;
      if (!isOver) continue;
      this.#flows.delete(id);
      over--;
    }
  }
}

/** The ends with what no record tells of yet. */
function restOf({ source, destination, unwritten }: LiveFlows["flows"][number]) {
  return {
    source: { ...source, ...unwritten.source },
    destination: { ...destination, ...unwritten.destination },
  };
}

function wordsOf(record: FlowRecord | MergedRecord): Record<Group, string> {
  const { device, name, isInbound } = flowView(record);
  const { geo, as } = remoteEnd(record);
  const domain = isInbound ? "unknown" : record.destination.domain;
  return {
    flow: `${device} ${name}`,
    device,
    name: isInbound ? record.source.ip ?? "unknown" : name,
    site: siteOf(domain),
    country: geo?.country_name ?? geo?.country_iso_code ?? "unknown",
    owner: as?.organization?.name ?? "unknown",
  };
}
