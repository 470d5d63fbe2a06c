/**
 * The names of flows by nDPI's own regression results.
 *
 * `expected_names.tsv` beside the captures has a row for each flow of TLS, QUIC and HTTP: capture, protocol, initiator
 * and port, responder and port, server name.
 */

import { dirname, join } from "@std/path";
import ipaddr from "ipaddr.js";
import type { FlowRecord } from "../../record/log_record.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { endsOf } from "./flow_ends.ts";

/** A row of the table: a flow and its name. */
export interface ExpectedName {
  /** Of the capture. */
  readonly path: string;
  /** The row as it stands in the table, without what follows the name. */
  readonly text: string;
  /** By `endsOf()`. */
  readonly ends: string;
  readonly name: string;
}

/** Why a flow cannot have the name of its row: what its packets show. By a beginning of the row. */
const KNOWN_REASONS: Readonly<Record<string, string>> = {
  "4in6tunnel.pcap\t":
    "the flow is inside an IPv4-in-IPv6 tunnel, which counts by its outer header",
};

const [firstCapture = ""] = capturePaths();
const TABLE = join(dirname(firstCapture), "..", "expected_names.tsv");

/** The reason to skip a test that reads the table, `null` when it is there. */
export function lacksExpectedNames(): string | null {
  const missing = lacksCaptures();
  if (missing !== null) return missing;
  try {
    Deno.statSync(TABLE);
    return null;
  } catch {
    return `the table of names is not at ${TABLE}`;
  }
}

/** The rows of the table. */
export function expectedNames(): ExpectedName[] {
  const lines = Deno.readTextFileSync(TABLE).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseRow);
}

function parseRow(line: string): ExpectedName {
  const columns = line.split("\t").slice(0, 7);
  const [capture, protocol, initiator, initiatorPort, responder, responderPort, name] = columns;
  return {
    path: join(dirname(firstCapture), capture),
    text: columns.join("\t"),
    ends: endsOf(protocol, [initiator, initiatorPort], [repaired(responder), responderPort]),
    name: name.toLowerCase(),
  };
}

/** nDPI shortens every run of zeros, as in `2600:1901::7a0b::`. Those but the last are of one group each. */
function repaired(address: string): string {
  return address.replace(/::(?=.*::)/g, ":0:");
}

/** Whether a flow's records have the name of its row: a line may have been due before it was said; none may say another. */
export function isNamedAsExpected(
  { name }: ExpectedName,
  records: readonly FlowRecord[],
): boolean {
  const names = new Set(records.map((record) => nameOf(record, name)));
  names.delete("unknown");
  return names.size === 1 && names.has(name);
}

/** An address is no name, but where it was said in the place of one it is kept as evidence. */
function nameOf({ destination, url, tls }: FlowRecord, expected: string): string {
  const isKept = url?.domain === expected || tls?.client.server_name === expected;
  return isKept && ipaddr.isValid(expected) ? expected : destination.domain;
}

/** Why a flow cannot have the name of its row; undefined where nothing is known. */
export function reasonFor({ text }: ExpectedName): string | undefined {
  return Object.entries(KNOWN_REASONS).find(([beginning]) => text.startsWith(beginning))?.[1];
}
