/**
 * `read` names the flows of real captures as nDPI's own regression results do.
 *
 * `expected_names.tsv` beside the captures has a row for each flow of TLS, QUIC and HTTP: capture, protocol, initiator
 * and port, responder and port, server name. A flow that is named otherwise is an error, unless the packets say why.
 */

import { dirname, join } from "@std/path";
import ipaddr from "ipaddr.js";
import type { FlowRecord } from "../../record/log_record.ts";
import { assertEquals, assertGreaterOrEqual } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { inParallel } from "../in_parallel.ts";
import { testWhen } from "../skip.ts";
import { endsOf, endsOfRecord, flowRecordsOf } from "./names_in_records.ts";

interface Row {
  readonly path: string;
  /** The row as it stands in the table, without what follows the name. */
  readonly text: string;
  readonly ends: string;
  readonly name: string;
}

/** Why a flow cannot have the name of its row: what its packets show. By a beginning of the row. */
const KNOWN_REASONS: Readonly<Record<string, string>> = {
  "4in6tunnel.pcap\t":
    "the flow is inside an IPv4-in-IPv6 tunnel, which counts by its outer header",
};

const LEAST_SHARE_NAMED = 0.98;

const paths = capturePaths();
const tablePath = join(dirname(paths[0] ?? ""), "..", "expected_names.tsv");
const rows = lacksTable() === null ? readTable() : [];

testWhen(lacksTable(), "`read` names flows as nDPI does, or the packets say why not", async () => {
  const recordsByEnds = await recordsOfRows();
  const isNamed = (row: Row) => isNamedAsExpected(row, recordsByEnds.get(keyOf(row)) ?? []);
  const otherwise = rows.filter((row) => !isNamed(row));
  for (const row of otherwise) console.log(`${row.text}: ${reasonFor(row) ?? "why?"}`);
  assertEquals(otherwise.filter((row) => reasonFor(row) === undefined).map(({ text }) => text), []);

  // Most rows have an address where others have a name: they must not hide how many names are missing.
  const withName = rows.filter(({ name }) => !ipaddr.isValid(name));
  for (const some of [rows, withName]) {
    const share = some.filter(isNamed).length / some.length;
    console.log(`${(share * 100).toFixed(2)} % of ${some.length} flows are named as expected`);
    assertGreaterOrEqual(share, LEAST_SHARE_NAMED);
  }
});

function lacksTable(): string | null {
  const missing = lacksCaptures();
  if (missing !== null) return missing;
  try {
    Deno.statSync(tablePath);
    return null;
  } catch {
    return `the table of names is not at ${tablePath}`;
  }
}

function readTable(): Row[] {
  const lines = Deno.readTextFileSync(tablePath).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseRow);
}

function parseRow(line: string): Row {
  const columns = line.split("\t").slice(0, 7);
  const [capture, protocol, initiator, initiatorPort, responder, responderPort, name] = columns;
  return {
    path: join(dirname(paths[0]), capture),
    text: columns.join("\t"),
    ends: endsOf(protocol, [initiator, initiatorPort], [repaired(responder), responderPort]),
    name: name.toLowerCase(),
  };
}

/** nDPI shortens every run of zeros, as in `2600:1901::7a0b::`. Those but the last are of one group each. */
function repaired(address: string): string {
  return address.replace(/::(?=.*::)/g, ":0:");
}

function keyOf({ path, ends }: Row): string {
  return `${path} ${ends}`;
}

async function recordsOfRows(): Promise<Map<string, FlowRecord[]>> {
  const wanted = new Map<string, FlowRecord[]>(rows.map((row) => [keyOf(row), []]));
  const wantedPaths = new Set(rows.map(({ path }) => path));
  await inParallel([...wantedPaths], async (path) => {
    for (const record of await flowRecordsOf(path)) {
      wanted.get(`${path} ${endsOfRecord(record)}`)?.push(record);
    }
  });
  return wanted;
}

/** A line may have been due before the name was said; none may say another. */
function isNamedAsExpected({ name }: Row, records: readonly FlowRecord[]): boolean {
  const names = new Set(records.map((record) => nameOf(record, name)));
  names.delete("unknown");
  return names.size === 1 && names.has(name);
}

/** An address is no name, but where it was said in the place of one it is kept as evidence. */
function nameOf({ destination, url, tls }: FlowRecord, expected: string): string {
  const isKept = url?.domain === expected || tls?.client.server_name === expected;
  return isKept && ipaddr.isValid(expected) ? expected : destination.domain;
}

function reasonFor({ text }: Row): string | undefined {
  return Object.entries(KNOWN_REASONS).find(([beginning]) => text.startsWith(beginning))?.[1];
}
