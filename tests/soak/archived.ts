/** What the archive has of the soak. */

import {
  type FlowRecord,
  type GapRecord,
  isGap,
  isMerged,
  type LogRecord,
  type MergedRecord,
} from "../../record/log_record.ts";
import { archiveLines } from "../storage/archive/archive_lines.ts";
import { DEVICE_NETWORK } from "./conversations.ts";
import { entryOf } from "./entry.ts";
import { flowKey } from "./ledger_line.ts";

/** What some lines say of packets and bytes, each way. */
export interface Counts {
  upPackets: number;
  downPackets: number;
  upBytes: number;
  downBytes: number;
}

/** What the lines of a flow say together. */
export interface LoggedFlow extends Counts {
  readonly names: Set<string>;
  /** The intervals of its lines, milliseconds since 1970. */
  readonly intervals: [startMs: number, endMs: number][];
}

/** A line of flows that many devices began: its interval, milliseconds since 1970, and its packets. */
export interface SharedLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly packets: number;
}

/** All that is compared. */
export interface Archived {
  readonly flows: ReadonlyMap<string, LoggedFlow>;
  readonly gaps: readonly GapRecord[];
  /** Packets of devices of the household that are summed in lines for several flows, by transport and device. */
  readonly merged: ReadonlyMap<string, number>;
  /** Lines that flows of many devices share, because a flood has used up all others. */
  readonly shared: readonly SharedLine[];
  /** Packets of others than the household, those in shared lines included. */
  readonly others: number;
  /** All records, in order. */
  readonly entries: readonly string[];
}

/** Reads all of it. */
export async function readArchived(archiveDir: string): Promise<Archived> {
  const flows = new Map<string, LoggedFlow>();
  const gaps: GapRecord[] = [];
  const merged = new Map<string, number>();
  const shared: SharedLine[] = [];
  let others = 0;
  const entries: string[] = [];
  const decoder = new TextDecoder();
  for await (const line of archiveLines(archiveDir)) {
    const record: LogRecord = JSON.parse(decoder.decode(line));
    entries.push(entryOf(record));
    if (isGap(record)) {
      gaps.push(record);
      continue;
    }
    const { network } = record;
    const { initiator, responder } = endsOf(record);
    const { ip: device = "" } = initiator;
    if (!isOfHousehold(device)) {
      others += network.packets;
      if (isMerged(record) && device === "") {
        const [startMs, endMs] = [record.event.start, record.event.end].map((at) => Date.parse(at));
        shared.push({ startMs, endMs, packets: network.packets });
      }
    } else if (isMerged(record)) {
      const key = `${network.transport} ${device}`;
      merged.set(key, (merged.get(key) ?? 0) + network.packets);
    } else {
      const { ip = "", port = 0 } = responder;
      const key = flowKey(network.transport!, device, initiator.port!, ip, port);
      const flow = flows.get(key) ?? noFlow();
      flows.set(key, flow);
      flow.upPackets += initiator.packets;
      flow.downPackets += responder.packets;
      flow.upBytes += initiator.bytes;
      flow.downBytes += responder.bytes;
      flow.names.add(record.destination.domain!);
      flow.intervals.push([Date.parse(record.event.start), Date.parse(record.event.end)]);
    }
  }
  return { flows, gaps, merged, shared, others, entries };
}

/** A flow of which nothing is logged. */
export function noFlow(): LoggedFlow {
  return {
    upPackets: 0,
    downPackets: 0,
    upBytes: 0,
    downBytes: 0,
    names: new Set(),
    intervals: [],
  };
}

/** After a gap the log may take the other end for the initiator, of a flow between two ports that are not well known. */
function endsOf({ source, destination }: FlowRecord | MergedRecord) {
  return isOfHousehold(destination.ip ?? "")
    ? { initiator: destination, responder: source }
    : { initiator: source, responder: destination };
}

function isOfHousehold(address: string): boolean {
  return address.startsWith(DEVICE_NETWORK) || address.startsWith("fd77:");
}
