/**
 * No record has a wrong name: each must be one that tshark saw in packets of its own flow, or that DNS was asked for.
 */

import { basename } from "@std/path";
import type { FlowRecord } from "../../service/log_record.ts";
import { assertEquals, assertGreater } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { inParallel } from "../in_parallel.ts";
import { lacks, testWhen } from "../skip.ts";
import { namesByTshark, type NamesSeen } from "./names_by_tshark.ts";
import { canonicalAddress, endsOfRecord, flowRecordsOf } from "./names_in_records.ts";

/** A name in a record, and what must have been seen for it to be true. */
interface Claim {
  readonly name: string;
  readonly isTrue: (seen: NamesSeen, record: FlowRecord) => boolean;
}

/** Names that tshark does not see, by capture and name, and how else they are known to be true. */
const KNOWN_OTHERWISE: Readonly<Record<string, string>> = {};

testWhen(
  lacksCaptures() ?? lacks({ commands: ["tshark"] }),
  "`read` gives no flow a name that tshark does not see for it",
  async () => {
    const wrong: string[] = [];
    let claims = 0;
    await inParallel(capturePaths(), async (path) => {
      const [records, seen] = await Promise.all([flowRecordsOf(path), namesByTshark(path)]);
      for (const record of records) {
        assertEquals(record.destination.domain, nameBySource(record));
        for (const claim of claimsOf(record)) {
          claims++;
          const where = `${basename(path)} ${claim.name}`;
          if (claim.isTrue(seen, record) || where in KNOWN_OTHERWISE) continue;
          wrong.push(`${where}: ${endsOfRecord(record)}, ${JSON.stringify(record.event)}`);
        }
      }
    });
    console.log(`${claims} names in records, ${wrong.length} of them not seen by tshark`);
    assertEquals(wrong, []);
    assertGreater(claims, 0);
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

/** Everything in a record that says a name, whether it won or not. */
function claimsOf({ tls, url, dns }: FlowRecord): Claim[] {
  const claims: Claim[] = [];
  if (tls !== undefined) {
    const name = tls.client.server_name;
    claims.push({ name, isTrue: (seen, record) => saidIn(seen, record).serverNames.has(name) });
  }
  if (url !== undefined) {
    const name = url.domain;
    claims.push({ name, isTrue: (seen, record) => saidIn(seen, record).hosts.has(name) });
  }
  if (dns !== undefined) {
    const { name } = dns.question;
    claims.push({ name, isTrue: (seen, record) => wasAnswered(name, seen, record) });
  }
  return claims;
}

function saidIn({ said }: NamesSeen, record: FlowRecord) {
  return said.get(endsOfRecord(record)) ?? { serverNames: new Set(), hosts: new Set() };
}

/** Somebody had asked for the name, and the record's responder was among the answers, before the record's end. */
function wasAnswered(name: string, { answers }: NamesSeen, { event, destination }: FlowRecord) {
  // Of the end's microseconds, `Date` keeps the milliseconds.
  const end = Date.parse(event.end) / 1e3 + 0.001;
  return answers.some(({ time, questions, addresses }) =>
    time <= end && questions.includes(name) &&
    addresses.map(canonicalAddress).includes(destination.ip)
  );
}
