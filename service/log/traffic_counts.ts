/** Counts of what the lines of the log tell: bytes by direction and way, gaps by reason. */

import { DIRECTIONS, type GapReason } from "../../record/log_record.ts";
import { direction } from "../../record/record_words.ts";

/** Bytes of IP length up and down, as a report counts them: in what came in, up is what the responder sent. */
export interface WayBytes {
  up: number;
  down: number;
}

/** Who began, of a flow or of several. */
type Ends = Parameters<typeof direction>[0];

/** A few numbers, which hold nothing of what they count. */
export class TrafficCounts {
  readonly bytes: Readonly<Record<(typeof DIRECTIONS)[number], WayBytes>> = {
    outbound: { up: 0, down: 0 },
    inbound: { up: 0, down: 0 },
    internal: { up: 0, down: 0 },
    external: { up: 0, down: 0 },
  };
  /** Gap records; those for want of room are not among them. */
  readonly gaps: Record<Exclude<GapReason, "ram_full">, number> = {
    kernel_drop: 0,
    interface_down: 0,
    restart: 0,
    undecodable: 0,
  };

  /** Counts what a line tells: bytes that the initiator and the responder sent. */
  add(ends: Ends, initiatorBytes: number, responderBytes: number): void {
    const word = direction(ends);
    const sum = this.bytes[word];
    sum.up += word === "inbound" ? responderBytes : initiatorBytes;
    sum.down += word === "inbound" ? initiatorBytes : responderBytes;
  }

  /** Counts a gap record. */
  addGap(reason: GapReason): void {
    if (reason !== "ram_full") this.gaps[reason]++;
  }
}
