/** Formats that have one line for a flow, and no place for gaps. */

import { isGap, type LogRecord } from "../../record/log_record.ts";
import type { Exporter } from "./exporter.ts";
import { FlowMerger, type MergedFlow } from "./flow_merger.ts";
import { TextSink, type Write } from "./text_sink.ts";

/** How such a format is written. */
export interface FlowFormat {
  /** What stands before the lines, its end included. @default nothing */
  readonly head?: string;
  /** A flow's line, without its end. */
  lineOf(flow: MergedFlow): string;
}

/** Writes a line for each flow; gaps are left out and counted. */
export class FlowExport implements Exporter {
  readonly #sink: TextSink;
  readonly #merger: FlowMerger;
  #gaps = 0;

  /** @param maxOpenFlows flows that are held at most */
  constructor(write: Write, { head, lineOf }: FlowFormat, maxOpenFlows?: number) {
    this.#sink = new TextSink(write);
    this.#merger = new FlowMerger((flow) => this.#sink.add(lineOf(flow) + "\n"), maxOpenFlows);
    if (head !== undefined) this.#sink.add(head);
  }

  get gapsLeftOut(): number {
    return this.#gaps;
  }

  get mergeCounts() {
    return this.#merger.counts;
  }

  add(record: LogRecord): void {
    if (isGap(record)) this.#gaps++;
    else this.#merger.add(record);
  }

  finish(): void {
    this.#merger.finish();
    this.#sink.flush();
  }
}
