/** The rarer records: of flows that were merged under pressure, and of gaps. Those of single flows: `flow_line.ts`. */

import { type AddressWords, formatAddress } from "../capture/address/address.ts";
import type { MergedFlows } from "../capture/flow/overflow.ts";
import type { EndFields, GapReason, GapRecord, MergedRecord } from "./log_record.ts";
import { asFields, geoFields } from "./place_fields.ts";
import type { RecordSources } from "./record_sources.ts";
import { clockWord, direction, transportName } from "./record_words.ts";
import { timestampMs, timestampUs } from "./timestamp.ts";

/** The record of flows that were merged under pressure. */
export function mergedRecord(merged: MergedFlows, sources: RecordSources): MergedRecord {
  const { up, down, initiatorAddress, responderAddress } = merged;
  return {
    "@timestamp": timestampMs(merged.endUs),
    event: interval(merged.startUs, merged.endUs),
    network: {
      type: merged.ipVersion === 4 ? "ipv4" : "ipv6",
      transport: transportName(merged.protocol),
      direction: direction(merged),
      bytes: up.bytes + down.bytes,
      packets: up.packets + down.packets,
    },
    source: {
      ...(initiatorAddress && addressFields(initiatorAddress, merged.initiatorIsLocal, sources)),
      ...up,
    },
    destination: {
      ...(responderAddress && addressFields(responderAddress, merged.responderIsLocal, sources)),
      domain: "unknown",
      ...down,
    },
    observer: observer(sources, merged.interfaceIndex),
    wifilogger: {
      v: 1,
      flow_id: merged.flowId,
      part: 0,
      end_reason: merged.endReason,
      name_source: "none",
      merged_flows: merged.flows,
      clock: clockWord(sources.clockIsSynced?.()),
    },
  };
}

/** What was missed, from when to when (microseconds since 1970), and how much where that is known. */
export interface Gap {
  readonly reason: GapReason;
  readonly startUs: number;
  readonly endUs: number;
  readonly count?: number;
  /** Where it was missed, when only there. */
  readonly interfaceIndex?: number;
}

/** The record of a gap. */
export function gapRecord(gap: Gap, sources: Partial<RecordSources>): GapRecord {
  return {
    "@timestamp": timestampMs(gap.endUs),
    event: { action: "gap", ...interval(gap.startUs, gap.endUs) },
    observer: gap.interfaceIndex === undefined ? undefined : observer(sources, gap.interfaceIndex),
    wifilogger: {
      v: 1,
      gap: { reason: gap.reason, count: gap.count },
      clock: clockWord(sources.clockIsSynced?.()),
    },
  };
}

/** A record as its line of the log, the line's end included. */
export function recordLine(record: MergedRecord | GapRecord): string {
  return JSON.stringify(record) + "\n";
}

/** From the first to the last packet, microseconds since 1970. */
export function interval(startUs: number, endUs: number): MergedRecord["event"] {
  return {
    start: timestampUs(startUs),
    end: timestampUs(endUs),
    duration: (endUs - startUs) * 1e3,
  };
}

function observer(
  sources: Partial<RecordSources>,
  interfaceIndex: number,
): MergedRecord["observer"] {
  const name = sources.interfaceName?.(interfaceIndex);
  return name === undefined ? undefined : { ingress: { interface: { name } } };
}

function addressFields(
  address: AddressWords,
  isLocal: boolean,
  sources: RecordSources,
): Pick<EndFields, "ip" | "geo" | "as"> {
  const ip = formatAddress(address);
  const place = isLocal ? undefined : sources.place(ip);
  return {
    ip,
    geo: place && geoFields(place),
    as: place && asFields(place),
  };
}
