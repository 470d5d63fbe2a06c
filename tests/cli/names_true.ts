/** Whether the names in a record are true: each must be one that tshark saw in packets of its own flow, or that DNS was asked for. */

import type { FlowRecord } from "../../record/log_record.ts";
import { canonicalAddress, endsOfRecord } from "./flow_ends.ts";
import type { NamesSeen } from "./names_by_tshark.ts";

/** The name that a record's evidence gives it, by what it says of the source. */
export function nameBySource({ wifilogger, tls, url, dns }: FlowRecord): string | undefined {
  switch (wifilogger.name_source) {
    case "tls_sni":
    case "quic_sni":
      return tls?.client.server_name;
    case "http_host":
      return url?.domain;
    case "dns":
      return dns?.question.name;
    case "ptr":
      return wifilogger.ptr;
    case "none":
      return "unknown";
  }
}

/** Everything in a record that says a name, whether it won or not, and whether tshark saw it. */
export function namesIn(record: FlowRecord, seen: NamesSeen): { name: string; isTrue: boolean }[] {
  const said = seen.said.get(endsOfRecord(record));
  const names: [string | undefined, (name: string) => boolean | undefined][] = [
    [record.tls?.client.server_name, (name) => said?.serverNames.has(name)],
    [record.url?.domain, (name) => said?.hosts.has(name)],
    [record.dns?.question.name, (name) => wasAnswered(name, record, seen)],
  ];
  return names.flatMap(([name, wasSeen]) =>
    name === undefined ? [] : { name, isTrue: wasSeen(name) === true }
  );
}

/** Somebody had asked for the name, and the record's responder was among the answers, before the record's end. */
function wasAnswered(name: string, { event, destination }: FlowRecord, { answers }: NamesSeen) {
  // Of the end's microseconds, `Date` keeps the milliseconds.
  const end = Date.parse(event.end) / 1e3 + 0.001;
  return answers.some(({ time, questions, addresses }) =>
    time <= end && questions.includes(name) &&
    addresses.map(canonicalAddress).includes(destination.ip)
  );
}
