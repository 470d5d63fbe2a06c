/** Which flows under way are worth a line before their first record comes. */

import type { LiveFlowRecord, LiveFlows } from "../../service/control/live_flows.ts";
import { isWanted, type RecordFilter } from "../../record/record_filter.ts";

/** A flow matters when it has moved so much, */
const MATTERS_BYTES = 50_000;
/** or is named and has gone on for so long. */
const MATTERS_MS = 5_000;
/** Flows whose line was given; the oldest are forgotten. */
const MAX_SHOWN = 10_000;

/** Gives each flow once, when it begins to matter and has no record yet. */
export class LiveLines {
  readonly #shown = new Set<string>();
  readonly #filter: RecordFilter;

  constructor(filter: RecordFilter = {}) {
    this.#filter = filter;
  }

  /** Those of the flows that are to be shown now. */
  take({ flows, at }: LiveFlows): LiveFlowRecord[] {
    const found = flows.filter((flow) => {
      const { flow_id, part, name_source } = flow.wifilogger;
      if (part > 0 || this.#shown.has(flow_id) || !isWanted(flow, this.#filter)) return false;
      const isLong = Date.parse(at) - Date.parse(flow.event.start) >= MATTERS_MS;
      return flow.network.bytes >= MATTERS_BYTES || (name_source !== "none" && isLong);
    });
    for (const { wifilogger } of found) this.#shown.add(wifilogger.flow_id);
    for (const id of this.#shown) {
      if (this.#shown.size <= MAX_SHOWN) break;
      this.#shown.delete(id);
    }
    return found.sort((a, b) => a["@timestamp"] < b["@timestamp"] ? -1 : 1);
  }
}
