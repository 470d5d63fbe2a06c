/** The words that records have for numbers. */

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
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 58:
      return "ipv6-icmp";
    default:
      return String(protocol);
  }
}

/** What is said of the clock that stamped the packets. */
export function clockWord(isSynced: boolean | undefined): "synced" | "unsynced" | undefined {
  return isSynced === undefined ? undefined : isSynced ? "synced" : "unsynced";
}
