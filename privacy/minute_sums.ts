/** Flows summed to one record a minute for each device and direction, or for all that is left out. */

import { interval } from "../record/record_builder.ts";
import type { MergedRecord } from "../record/log_record.ts";
import { clockWord } from "../record/record_words.ts";
import { timestampMs } from "../record/timestamp.ts";

/** What is added: a merged record's worth, and when it was. */
export interface Summand {
  /** Its ends, direction, counts and marks are taken. Records that differ in more than counts and times are summed apart. */
  readonly record: MergedRecord;
  /** First and last packet, microseconds since 1970. */
  readonly startUs: number;
  readonly endUs: number;
}

interface Sum {
  readonly first: MergedRecord;
  startUs: number;
  endUs: number;
  flows: number;
  readonly up: { bytes: number; packets: number };
  readonly down: { bytes: number; packets: number };
}

/** Sums since the last call of `take()`. */
export class MinuteSums {
  readonly #sums = new Map<string, Sum>();
  #serial = 0;

  add({ record, startUs, endUs }: Summand): void {
    const { source, destination, wifilogger } = record;
    const key = keyOf(record);
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      const nothing = () => ({ bytes: 0, packets: 0 });
      sum = { first: record, startUs, endUs, flows: 0, up: nothing(), down: nothing() };
      this.#sums.set(key, sum);
    }
    sum.startUs = Math.min(sum.startUs, startUs);
    sum.endUs = Math.max(sum.endUs, endUs);
    // A flow counts where it begins, as in records of single flows.
    if (wifilogger.part === 0) sum.flows += wifilogger.merged_flows;
    sum.up.bytes += source.bytes;
    sum.up.packets += source.packets;
    sum.down.bytes += destination.bytes;
    sum.down.packets += destination.packets;
  }

  /** The sums as records, which begin anew. */
  take({ isLast, clockIsSynced }: { isLast: boolean; clockIsSynced: boolean }): MergedRecord[] {
    const records = [...this.#sums.values()].map((sum) => this.#record(sum, isLast, clockIsSynced));
    this.#sums.clear();
    return records;
  }

  #record({ first, startUs, endUs, flows, up, down }: Sum, isLast: boolean, isSynced: boolean) {
    const { wifilogger, network } = first;
    return {
      ...first,
      "@timestamp": timestampMs(endUs),
      event: interval(startUs, endUs),
      network: {
        ...network,
        bytes: up.bytes + down.bytes,
        packets: up.packets + down.packets,
      },
      source: { ...first.source, ...up },
      destination: { ...first.destination, ...down },
      wifilogger: {
        ...wifilogger,
        // No other id has a 0 there: flows' numbers begin with another digit.
        flow_id: `${startUs.toString(36)}-m0${(this.#serial++).toString(36)}`,
        part: 0,
        end_reason: isLast ? "shutdown" : "active",
        merged_flows: flows,
        clock: clockWord(isSynced),
      },
    };
  }
}

function keyOf({ network, source, destination, observer, wifilogger }: MergedRecord): string {
  return JSON.stringify([
    network.direction,
    source.ip,
    source.mac,
    source.domain,
    destination.ip,
    observer?.ingress.interface.name,
    wifilogger.left_out,
  ]);
}
