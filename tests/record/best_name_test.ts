import fc from "fast-check";
import type { FlowEvidence } from "../../capture/flow_names.ts";
import { bestName } from "../../record/best_name.ts";
import type { NameSource } from "../../record/log_record.ts";
import { assertEquals } from "../assert.ts";

/** All that can be known of a flow. */
type Known = FlowEvidence & { readonly ptr?: string };

const EVERYTHING = {
  tlsServerName: "tls.example",
  quicServerName: "quic.example",
  httpHost: "http.example",
  dnsQueryName: "dns.example",
  ptr: "ptr.example",
} as const satisfies Known;

type Evidence = keyof typeof EVERYTHING;

const SOURCES: Readonly<Record<Evidence, NameSource>> = {
  tlsServerName: "tls_sni",
  quicServerName: "quic_sni",
  httpHost: "http_host",
  dnsQueryName: "dns",
  ptr: "ptr",
};

function best({ ptr, ...evidence }: Known) {
  return bestName(evidence, ptr);
}

/** Asserts which evidence wins when these are there, in whatever order, with what else is known. */
function assertWins(
  winner: Evidence | "none",
  there: readonly Evidence[],
  also: Partial<Known> = {},
): void {
  const known = Object.fromEntries(there.map((evidence) => [evidence, EVERYTHING[evidence]]));
  const expected = winner === "none"
    ? { name: "unknown", source: "none" as const }
    : { name: EVERYTHING[winner], source: SOURCES[winner] };
  assertEquals(best({ ...known, ...also }), expected);
}

Deno.test("bestName() takes TLS over QUIC over HTTP over DNS over reverse DNS over `unknown`", () => {
  assertWins("tlsServerName", [
    "tlsServerName",
    "quicServerName",
    "httpHost",
    "dnsQueryName",
    "ptr",
  ]);
  assertWins("quicServerName", ["quicServerName", "httpHost", "dnsQueryName", "ptr"]);
  assertWins("httpHost", ["httpHost", "dnsQueryName", "ptr"]);
  assertWins("dnsQueryName", ["dnsQueryName", "ptr"]);
  assertWins("ptr", ["ptr"]);
  assertWins("none", []);
});

Deno.test("bestName() keeps that order whatever else is missing", () => {
  const order = Object.keys(EVERYTHING) as Evidence[];
  fc.assert(fc.property(fc.subarray(order), (there) => {
    assertWins(there[0] ?? "none", there);
  }));
});

Deno.test("bestName() takes DNS over the outer name of an encrypted hello, and that over reverse DNS", () => {
  const isOuter = { isEchOuterName: true };
  for (const serverName of ["tlsServerName", "quicServerName"] as const) {
    assertWins("dnsQueryName", [serverName, "dnsQueryName", "ptr"], isOuter);
    assertWins(serverName, [serverName, "ptr"], isOuter);
    assertWins(serverName, [serverName, "dnsQueryName", "ptr"], { isEchOuterName: false });
  }
});

Deno.test("bestName() takes no bare address for a name", () => {
  for (const address of ["192.0.2.1", "2001:db8::1"]) {
    const addresses = {
      tlsServerName: address,
      quicServerName: address,
      httpHost: address,
      dnsQueryName: address,
    };
    assertWins("ptr", ["ptr"], addresses);
    assertWins("none", [], { ...addresses, ptr: address });
  }
});
