/** Which piece of evidence gives a record its name. */

import { isHostName } from "../capture/address/address.ts";
import type { FlowEvidence } from "../capture/flow_names.ts";
import type { NameSource } from "./log_record.ts";

/** A name and where it comes from. */
export interface BestName {
  readonly name: string;
  readonly source: NameSource;
}

/**
 * TLS server name over QUIC server name over HTTP host over DNS query over reverse DNS over `unknown`; but the outer
 * name of an encrypted hello, which is that of the whole provider, only where DNS was not asked for a better one. A bare
 * address in the place of a name is none.
 */
export function bestName(evidence: FlowEvidence, ptr: string | undefined): BestName {
  const { tlsServerName, quicServerName, httpHost, dnsQueryName, isEchOuterName } = evidence;
  const isServerNameTrue = !isEchOuterName || dnsQueryName === undefined;
  if (isServerNameTrue && isHostName(tlsServerName)) {
    return { name: tlsServerName, source: "tls_sni" };
  }
  if (isServerNameTrue && isHostName(quicServerName)) {
    return { name: quicServerName, source: "quic_sni" };
  }
  if (isHostName(httpHost)) return { name: httpHost, source: "http_host" };
  if (isHostName(dnsQueryName)) return { name: dnsQueryName, source: "dns" };
  if (isHostName(ptr)) return { name: ptr, source: "ptr" };
  return { name: "unknown", source: "none" };
}
