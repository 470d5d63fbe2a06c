/** What a record says to questions: which words, and how much. */

import {
  type FlowRecord,
  type GapRecord,
  isGap,
  isMerged,
  type LogRecord,
} from "../../record/log_record.ts";
import { remoteEnd } from "../../record/record_filter.ts";
import { hourStart } from "./hour_start.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** One record, or the sum of several that say the same words. Words are ids of a `Vocabulary`. */
export interface Fact {
  /** The first instant of the local hour that the record's `@timestamp` lies in, milliseconds since 1970. */
  hourMs: number;
  device: number;
  name: number;
  country: number;
  owner: number;
  service: number;
  direction: number;
  evidence: number;
  /** Bytes that the device sent. */
  upBytes: number;
  /** Bytes that it received. */
  downBytes: number;
  packets: number;
  /** Flows that began with this record. */
  flows: number;
}

/** Bytes both ways. */
export function bytesOf({ upBytes, downBytes }: Pick<Fact, "upBytes" | "downBytes">): number {
  return upBytes + downBytes;
}

/** A fact that says nothing yet, to be filled again and again. */
export function emptyFact(): Fact {
  return {
    hourMs: 0,
    device: 0,
    name: 0,
    country: 0,
    owner: 0,
    service: 0,
    direction: 0,
    evidence: 0,
    upBytes: 0,
    downBytes: 0,
    packets: 0,
    flows: 0,
  };
}

/** Takes what is read of a log. A fact is valid until `fact()` returns. */
export interface FactSink {
  fact(fact: Fact): void;
  gap(gap: GapFact): void;
  /** So many lines that this logger did not write. */
  foreign(lines: number): void;
}

/** What was not seen, or lost. */
export interface GapFact {
  readonly hourMs: number;
  readonly reason: string;
  /** Gap records. */
  readonly records: number;
  /** Packets or records that are missing, where that is known. */
  readonly count: number;
}

/** Hands what a record says to the sink; `fact` is filled on the way. */
export function takeRecord(
  record: LogRecord,
  vocabulary: Vocabulary,
  fact: Fact,
  sink: FactSink,
): void {
  const hourMs = hourStart(Date.parse(record["@timestamp"]));
  if (isGap(record)) return sink.gap(gapFact(record, hourMs));
  const { source, destination, network, wifilogger } = record;
  const isInbound = network.direction === "inbound";
  const initiator: Partial<FlowRecord["source"]> = source;
  const remote = remoteEnd(record);
  fact.hourMs = hourMs;
  fact.device = isInbound
    ? vocabulary.device(undefined, undefined, destination.ip)
    : vocabulary.device(initiator.mac, initiator.domain, initiator.ip);
  fact.name = vocabulary.name(destination.domain);
  fact.country = vocabulary.country(remote.geo?.country_iso_code, remote.geo?.country_name);
  fact.owner = vocabulary.owner(remote.as?.number, remote.as?.organization?.name);
  const protocol = (network as FlowRecord["network"]).protocol;
  fact.service = vocabulary.service(network.transport, protocol, destination.port);
  fact.direction = vocabulary.direction(network.direction);
  fact.evidence = vocabulary.evidence(wifilogger.name_source);
  fact.upBytes = isInbound ? destination.bytes : source.bytes;
  fact.downBytes = isInbound ? source.bytes : destination.bytes;
  fact.packets = network.packets;
  fact.flows = isMerged(record) ? record.wifilogger.merged_flows : wifilogger.part === 0 ? 1 : 0;
  sink.fact(fact);
}

function gapFact({ wifilogger: { gap } }: GapRecord, hourMs: number): GapFact {
  return { hourMs, reason: String(gap.reason), records: 1, count: gap.count ?? 0 };
}
