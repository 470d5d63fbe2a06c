/**
 * The flows under way, for who asks: the answer to `GET /v1/flows`.
 *
 * It is written in slices, with the capture going on in between, and each slice only when the reader has taken the one
 * before: a full table is chosen from in one step of milliseconds, and nothing of an answer is kept. Looking at flows
 * changes nothing: no name and no place is asked for.
 */

import type { ObservedFlow, ObservedFlows } from "../../capture/observer.ts";
import type { Passed } from "../../capture/flow/flow_delta.ts";
import type { FlowRecord, MergedRecord } from "../../record/log_record.ts";

/**
 * A flow under way: the one record that it would have had if it had ended now, with all bytes and packets since it
 * began, `event.start` being its first packet and `wifilogger.part` the number of records that it has had. It is no
 * record: what its records tell of is told here once more. With `WIFILOGGER_PRIVACY=totals` it has the form of merged ones.
 */
export type LiveFlowRecord = (FlowRecord | MergedRecord) & {
  /** What of it no record tells of yet; bytes of IP length. */
  readonly unwritten: { readonly source: Passed; readonly destination: Passed };
};

/** The answer. */
export interface LiveFlows {
  /** When it was asked for; RFC 3339. */
  readonly at: string;
  /** All flows under way, those that are not listed included; bytes of IP length since they began. */
  readonly all: { readonly flows: number; readonly bytes: number; readonly packets: number };
  /** Those with the most bytes since they began, without what is left out; in no order. */
  readonly flows: readonly LiveFlowRecord[];
}

/** Flows that are listed unless the query says otherwise. */
export const LISTED_FLOWS = 1000;
/** Flows of a slice: a millisecond of work (`scripts/dev.sh bench:micro tests/service/control/live_flows_bench.ts`). */
const SLICE_FLOWS = 256;

/**
 * The answer's text, slice by slice; `lineOf` makes the line of the log, its end included, that a flow would have, and
 * none of a flow that is left out.
 */
export async function* liveFlowsText(
  flows: ObservedFlows,
  { nowMs, lineOf }: { nowMs: number; lineOf(flow: ObservedFlow): string | undefined },
): AsyncGenerator<string, void> {
  const at = new Date(nowMs).toISOString();
  yield `{"at":"${at}","all":${JSON.stringify(flows.all)},"flows":[`;
  let separator = "";
  for (let first = 0; first < flows.chosen; first += SLICE_FLOWS) {
    if (first > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    let slice = "";
    for (let i = first; i < Math.min(first + SLICE_FLOWS, flows.chosen); i++) {
      const flow = flows.flow(i);
      if (flow === undefined) continue;
      const line = lineOf(flow);
      if (line === undefined) continue;
      slice += `${separator}${line.trimEnd().slice(0, -1)},"unwritten":${unwritten(flow)}}`;
      separator = ",\n";
    }
    yield slice;
  }
  yield "]}\n";
}

function unwritten({ unwritten: { initiator, responder } }: ObservedFlow): string {
  const passed = ({ bytes, packets }: Passed) => `{"bytes":${bytes},"packets":${packets}}`;
  return `{"source":${passed(initiator)},"destination":${passed(responder)}}`;
}
