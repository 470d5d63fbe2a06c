/** Devices and sites that are left out of the log. */

import { type AddressWords, formatAddress, formatMac } from "../capture/address/address.ts";
import type { FlowEnd } from "../capture/flow/flow_delta.ts";
import type { ObservedDelta } from "../capture/observer.ts";
import { bestName } from "../record/best_name.ts";
import type { MergedRecord } from "../record/log_record.ts";
import { isNameWithin, plain } from "../record/record_filter.ts";
import { timestampMs } from "../record/timestamp.ts";
import { interval } from "../record/record_builder.ts";

/** What is left out. */
export interface LeftOutOptions {
  /** MAC addresses, addresses, names of devices, and domains; a word without a dot is no domain. */
  readonly words: readonly string[];
  /** Whether a local address is on the link itself, so that the MAC address of its packets is its own. */
  readonly isOnLink: (address: AddressWords) => boolean;
  /** The name that reverse DNS gave a remote address. */
  readonly ptr: (address: string) => string | undefined;
}

/** The name that a local end has said. */
export type NameOf = (end: FlowEnd) => string | undefined;

/** Tells what is left out. */
export class LeftOut {
  readonly #words: ReadonlySet<string>;
  readonly #domains: readonly string[];
  readonly #options: LeftOutOptions;

  constructor(options: LeftOutOptions) {
    this.#options = options;
    this.#words = new Set(options.words.map(plain));
    this.#domains = [...this.#words].filter((word) => word.includes("."));
  }

  /** Whether an end, at which there is a local device, is that of one that is left out. */
  isDevice(end: FlowEnd, nameOf: NameOf): boolean {
    const { address, mac } = end;
    if (this.#words.has(formatAddress(address))) return true;
    if (mac !== undefined && this.#options.isOnLink(address)) {
      if (this.#words.has(formatMac(mac))) return true;
    }
    const name = nameOf(end);
    return name !== undefined && this.#words.has(plain(name));
  }

  /** Whether a flow is: of such a device, or with such a site by any evidence. */
  isFlow(delta: ObservedDelta, nameOf: NameOf): boolean {
    const { initiator, responder, initiatorIsLocal, responderIsLocal, evidence } = delta;
    if (initiatorIsLocal && this.isDevice(initiator, nameOf)) return true;
    if (responderIsLocal && this.isDevice(responder, nameOf)) return true;
    const remote = [
      ...(initiatorIsLocal ? [] : [formatAddress(initiator.address)]),
      ...(responderIsLocal ? [] : [formatAddress(responder.address)]),
    ];
    if (remote.some((ip) => this.#words.has(ip))) return true;
    if (this.#domains.length === 0) return false;
    const ptr = responderIsLocal ? undefined : this.#options.ptr(formatAddress(responder.address));
    const { tlsServerName, quicServerName, httpHost, dnsQueryName } = evidence;
    const names = [tlsServerName, quicServerName, httpHost, dnsQueryName, bestName({}, ptr).name];
    return names.some((name) =>
      name !== undefined && this.#domains.some((domain) => isNameWithin(name, domain))
    );
  }
}

/**
 * All that is kept of a flow that is left out: how much the household sent and received. Its direction is `outbound`
 * whoever began, so that one line has all of a minute.
 */
export function leftOutRecord(delta: ObservedDelta): MergedRecord {
  const { initiator, responder, startUs, endUs, part, flowId, endReason } = delta;
  const isInbound = delta.responderIsLocal && !delta.initiatorIsLocal;
  const [up, down] = isInbound ? [responder, initiator] : [initiator, responder];
  return {
    "@timestamp": timestampMs(endUs),
    event: interval(startUs, endUs),
    network: {
      direction: "outbound",
      bytes: up.bytes + down.bytes,
      packets: up.packets + down.packets,
    },
    source: { bytes: up.bytes, packets: up.packets },
    destination: { domain: "unknown", bytes: down.bytes, packets: down.packets },
    wifilogger: {
      v: 1,
      flow_id: flowId,
      part,
      end_reason: endReason,
      name_source: "none",
      merged_flows: 1,
      left_out: true,
    },
  };
}

/**
 * Merged flows without their ends. A flood's packets are summed before anybody looks at what is left out, and by address
 * alone: as long as something is left out, their sums name nobody.
 */
export function withoutEnds(record: MergedRecord): MergedRecord {
  const { source, destination } = record;
  return {
    ...record,
    source: { bytes: source.bytes, packets: source.packets },
    destination: {
      domain: destination.domain,
      bytes: destination.bytes,
      packets: destination.packets,
    },
  };
}
