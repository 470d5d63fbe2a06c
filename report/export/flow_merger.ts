/**
 * From the lines of a log, of which a long flow has one a minute, to flows. Only so many flows are held at once: the one
 * that was quiet for longest is given as it stands when there are more, so that every byte is given, and given once.
 */

import { type FlowRecord, isMerged, type MergedRecord } from "../../record/log_record.ts";
import { intervalUs } from "./flow_time.ts";

/** Flows that are held at most: 2 kB each. */
const MAX_OPEN_FLOWS = 16_384;

/** What is known of a flow. */
export interface MergedFlow {
  /** The newest record that has a name; without one, the newest. */
  record: FlowRecord | MergedRecord;
  /** Of the newest record; `active`: the flow goes on behind it. */
  endReason: string;
  /** Microseconds since 1970. */
  startUs: number;
  endUs: number;
  sourceBytes: number;
  sourcePackets: number;
  destinationBytes: number;
  destinationPackets: number;
  /** Whether its first record is among those that were added up, and its last. */
  isWhole: boolean;
}

/** What could not be put together. */
export interface MergeCounts {
  /** Flows whose first record was not among the records. */
  begunBefore: number;
  /** Flows whose last record was not. */
  goingOn: number;
  /** Times that a flow was given before its last record, because too many were held. */
  pushedOut: number;
}

/** Adds records up by their flow. */
export class FlowMerger {
  readonly counts: MergeCounts = { begunBefore: 0, goingOn: 0, pushedOut: 0 };
  /** By flow id, the one that was quiet for longest first. */
  readonly #open = new Map<string, MergedFlow>();
  readonly #give: (flow: MergedFlow) => void;
  readonly #maxOpen: number;

  /** `give()` gets each flow when its last record was added, or at the end. */
  constructor(give: (flow: MergedFlow) => void, maxOpen = MAX_OPEN_FLOWS) {
    this.#give = give;
    this.#maxOpen = maxOpen;
  }

  add(record: FlowRecord | MergedRecord): void {
    const { flow_id: flowId, end_reason: endReason } = record.wifilogger;
    const flow = this.#sum(this.#open.get(flowId), record);
    this.#open.delete(flowId);
    if (endReason !== "active" || isMerged(record)) this.#give(flow);
    else {
      this.#open.set(flowId, flow);
      if (this.#open.size > this.#maxOpen) this.#pushOut();
    }
  }

  /** Gives the flows that go on. */
  finish(): void {
    for (const flow of this.#open.values()) {
      this.counts.goingOn++;
      this.#give({ ...flow, isWhole: false });
    }
    this.#open.clear();
  }

  #sum(flow: MergedFlow | undefined, record: FlowRecord | MergedRecord): MergedFlow {
    const { source, destination, wifilogger } = record;
    const { startUs, endUs } = intervalUs(record);
    if (flow === undefined) {
      const isWhole = wifilogger.part === 0;
      if (!isWhole) this.counts.begunBefore++;
      return {
        record,
        endReason: wifilogger.end_reason,
        startUs,
        endUs,
        sourceBytes: source.bytes,
        sourcePackets: source.packets ?? 0,
        destinationBytes: destination.bytes,
        destinationPackets: destination.packets ?? 0,
        isWhole,
      };
    }
    const hasName = wifilogger.name_source !== "none";
    if (hasName || flow.record.wifilogger.name_source === "none") flow.record = record;
    flow.endReason = wifilogger.end_reason;
    flow.startUs = Math.min(flow.startUs, startUs);
    flow.endUs = Math.max(flow.endUs, endUs);
    flow.sourceBytes += source.bytes;
    flow.sourcePackets += source.packets ?? 0;
    flow.destinationBytes += destination.bytes;
    flow.destinationPackets += destination.packets ?? 0;
    return flow;
  }

  #pushOut(): void {
    for (const [flowId, flow] of this.#open) {
      this.#open.delete(flowId);
      this.counts.pushedOut++;
      this.#give({ ...flow, isWhole: false });
      return;
    }
  }
}
