/**
 * No record has a wrong name: each must be one that tshark saw in packets of its own flow, or that DNS was asked for.
 */

import { basename } from "@std/path";
import type { FlowRecord } from "../../record/log_record.ts";
import { assertEquals, assertGreater } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { inParallel } from "../in_parallel.ts";
import { lacks, testWhen } from "../skip.ts";
import { namesByTshark, type NamesSeen } from "./names_by_tshark.ts";
import { canonicalAddress, endsOfRecord, flowRecordsOf } from "./names_in_records.ts";

testWhen(
  lacksCaptures() ?? lacks({ commands: ["tshark"] }),
  "`read` gives no flow a name that tshark does not see for it",
  async () => {
    const wrong: string[] = [];
    let names = 0;
    await inParallel(capturePaths(), async (path) => {
      const [records, seen] = await Promise.all([flowRecordsOf(path), namesByTshark(path)]);
      for (const record of records) {
        assertEquals(record.destination.domain, nameBySource(record));
        for (const { name, isTrue } of namesIn(record, seen)) {
          names++;
          if (!isTrue) wrong.push(`${basename(path)}: ${name} in ${JSON.stringify(record)}`);
        }
      }
    });
    console.log(`${names} names in records, ${wrong.length} of them not seen by tshark`);
    assertEquals(wrong, []);
    assertGreater(names, 0);
  },
);

/** The name that a record's evidence gives it, by what it says of the source. */
function nameBySource({ wifilogger, tls, url, dns }: FlowRecord): string | undefined {
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
function namesIn(record: FlowRecord, seen: NamesSeen): { name: string; isTrue: boolean }[] {
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
