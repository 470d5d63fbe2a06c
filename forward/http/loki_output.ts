/**
 * Records into Grafana Loki by its push API: the line is the record, the labels are the site and the host alone, and what
 * is worth searching for is structured metadata, which costs no stream.
 */

import type { OutputUrl } from "../../service/settings/output_url.ts";
import {
  type OutgoingRecord,
  type Output,
  SendFailure,
  type SentRecord,
} from "../outputs/output.ts";
import { HttpClient } from "./http_client.ts";

/** What Loki says of entries that it will never take. */
const NEVER_TAKEN = /timestamp too old|entry too far behind|max entry size|line too long/;

/** Opens an output to Loki; nothing is asked before the first batch. `host` is this machine's name. */
export function lokiOutput(url: OutputUrl, host: string): Output {
  const client = new HttpClient(url, "application/json");
  return {
    name: url.name,
    batchRecords: 1000,
    batchChars: 1_000_000,
    async send(batch, stop) {
      try {
        await client.post(JSON.stringify(pushOf(batch, host)), stop);
      } catch (error) {
        const isNever = error instanceof SendFailure && error.kind === "refused" &&
          NEVER_TAKEN.test(error.message);
        throw isNever ? new SendFailure("refused_for_good", error.message) : error;
      }
    },
    close: () => Promise.resolve(client.close()),
  };
}

/** The body of a push: entries are [nanoseconds, line, structured metadata], all of them text. */
function pushOf(batch: readonly OutgoingRecord[], host: string) {
  return {
    streams: [{
      stream: { site: batch[0].record.observer.name, host },
      values: batch.map(({ line, record }) => [
        `${Date.parse(record["@timestamp"])}000000`,
        line,
        metadataOf(record),
      ]),
    }],
  };
}

function metadataOf(record: SentRecord): Record<string, string> {
  const { flow_id, part } = record.wifilogger;
  const identity = { flow_id, part: String(part) };
  if ("action" in record.event) {
    const { reason } = (record as { wifilogger: { gap: { reason: string } } }).wifilogger.gap;
    return { ...identity, gap: reason };
  }
  const { source, destination, network } = record as Exclude<
    SentRecord,
    { event: { action: "gap" } }
  >;
  return Object.fromEntries(
    Object.entries({
      ...identity,
      direction: network.direction,
      protocol: "protocol" in network ? network.protocol : network.transport,
      source_ip: source.ip,
      destination_ip: destination.ip,
      destination_domain: destination.domain,
      country: (network.direction === "inbound" ? source : destination).geo?.country_iso_code,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
