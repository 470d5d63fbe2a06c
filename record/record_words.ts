/** The words that records have for numbers. */

import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from "../capture/decode/packet.ts";
import type { ObservedDelta } from "../capture/observer.ts";
import type { FlowRecord } from "./log_record.ts";

/** Whose conversation it is. */
export function direction(
  { initiatorIsLocal, responderIsLocal }: Pick<
    ObservedDelta,
    "initiatorIsLocal" | "responderIsLocal"
  >,
): FlowRecord["network"]["direction"] {
  if (initiatorIsLocal) return responderIsLocal ? "internal" : "outbound";
  return responderIsLocal ? "inbound" : "external";
}

/** The name of an IP protocol, or its number. */
export function transportName(protocol: number): string {
  switch (protocol) {
    case PROTOCOL_ICMP:
      return "icmp";
    case PROTOCOL_TCP:
      return "tcp";
    case PROTOCOL_UDP:
      return "udp";
    case PROTOCOL_ICMPV6:
      return "ipv6-icmp";
    default:
      return String(protocol);
  }
}

/** What is said of the clock that stamped the packets. */
export function clockWord(isSynced: boolean | undefined): "synced" | "unsynced" | undefined {
  return isSynced === undefined ? undefined : isSynced ? "synced" : "unsynced";
}
