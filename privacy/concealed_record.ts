/**
 * What a level of privacy leaves of a record. A record is made anew of the fields that are kept, so that a field which
 * is not named here does not slip through.
 *
 * - `sites`: the name of the other end shrinks to the domain that somebody has registered, its address to its network
 *   (`network_of.ts`), and the evidence goes. So does the Community ID: it is a hash of both addresses, of which one is
 *   soon found by trying.
 * - `devices`: besides, local devices have pseudonyms (`pseudonyms.ts`), and no maker.
 * - `totals`: nothing is left of the other end, nor of what was spoken; `minute_sums.ts` sums the flows.
 */

import type { EndFields, FlowRecord, MergedRecord } from "../record/log_record.ts";
import { networkOf } from "./network_of.ts";
import type { HidingLevel } from "../record/privacy_level.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { registrableDomain } from "./registrable_domain.ts";

const UNKNOWN = "unknown";

/** How much is hidden. */
export interface ConcealerOptions {
  readonly level: HidingLevel;
  readonly pseudonyms: Pseudonyms;
}

type End = Partial<EndFields> & Pick<EndFields, "bytes" | "packets">;

/** Hides what a level hides. The fields keep the order that they have in whole records. */
export class Concealer {
  readonly level: HidingLevel;
  readonly #pseudonyms: Pseudonyms;
  readonly #hidesDevices: boolean;

  constructor({ level, pseudonyms }: ConcealerOptions) {
    this.level = level;
    this.#pseudonyms = pseudonyms;
    this.#hidesDevices = level !== "sites";
  }

  /** Of a single flow; what `totals` leaves of it has the form of a merged one. */
  flow(record: FlowRecord): FlowRecord | MergedRecord {
    if (this.level === "totals") return this.#total(record, { merged_flows: 1 });
    const { event, network, source, destination, device, observer, wifilogger } = record;
    const { type, transport, protocol, direction, bytes, packets } = network;
    const isLocal = localEnds(direction);
    const domain = this.#siteOf(destination.domain, isLocal.responder);
    const { v, flow_id, part, end_reason, ech, clock } = wifilogger;
    return {
      "@timestamp": record["@timestamp"],
      event,
      network: { type, transport, protocol, direction, bytes, packets },
      source: {
        ...this.#end(source, isLocal.initiator),
        ip: this.#address(source.ip, isLocal.initiator),
        ...this.#names(source),
      },
      destination: {
        ...this.#end(destination, isLocal.responder),
        ip: this.#address(destination.ip, isLocal.responder),
        domain: domain ?? UNKNOWN,
      },
      device: this.#hidesDevices ? undefined : device,
      observer,
      wifilogger: {
        v,
        flow_id,
        part,
        end_reason,
        name_source: domain === undefined ? "none" : wifilogger.name_source,
        ech,
        clock,
        privacy: this.level,
      },
    };
  }

  /** Of flows that were merged under pressure. */
  merged(record: MergedRecord): MergedRecord {
    const { merged_flows } = record.wifilogger;
    if (this.level === "totals") return this.#total(record, { merged_flows });
    const { event, network, source, destination, observer, wifilogger } = record;
    const { type, transport, direction, bytes, packets } = network;
    const isLocal = localEnds(direction);
    return {
      "@timestamp": record["@timestamp"],
      event,
      network: { type, transport, direction, bytes, packets },
      source: this.#end(source, isLocal.initiator),
      destination: { ...this.#end(destination, isLocal.responder), domain: UNKNOWN },
      observer,
      wifilogger: this.#nameless(wifilogger, merged_flows),
    };
  }

  /** What the logger adds to a record that names no place. */
  #nameless(
    { v, flow_id, part, end_reason, clock }: (FlowRecord | MergedRecord)["wifilogger"],
    merged_flows: number,
  ): MergedRecord["wifilogger"] {
    return {
      v,
      flow_id,
      part,
      end_reason,
      name_source: "none",
      merged_flows,
      clock,
      privacy: this.level,
    };
  }

  /** The device, which way, and how much. */
  #total(
    { event, network, source, destination, wifilogger, ...record }: FlowRecord | MergedRecord,
    { merged_flows }: { merged_flows: number },
  ): MergedRecord {
    const { direction, bytes, packets } = network;
    const isLocal = localEnds(direction);
    const bare = (end: End, isShown: boolean): End => ({
      ip: isShown && end.ip !== undefined ? this.#pseudonyms.address(end.ip) : undefined,
      bytes: end.bytes,
      packets: end.packets,
    });
    return {
      "@timestamp": record["@timestamp"],
      event,
      network: { direction, bytes, packets },
      source: {
        ...bare(source, isLocal.initiator),
        ...(isLocal.initiator && this.#names(source)),
      },
      destination: { ...bare(destination, isLocal.responder), domain: UNKNOWN },
      observer: record.observer,
      wifilogger: this.#nameless(wifilogger, merged_flows),
    };
  }

  #end({ ip, geo, as, port, bytes, packets }: End, isLocal: boolean): End {
    const shown = ip === undefined ? undefined : this.#address(ip, isLocal);
    return { ip: shown, geo, as, port, bytes, packets };
  }

  #address(ip: string, isLocal: boolean): string {
    if (!isLocal) return networkOf(ip);
    return this.#hidesDevices ? this.#pseudonyms.address(ip) : ip;
  }

  #names({ mac, domain }: { readonly mac?: string; readonly domain?: string }) {
    if (!this.#hidesDevices) return { mac, domain };
    return {
      mac: mac === undefined ? undefined : this.#pseudonyms.mac(mac),
      domain: domain === undefined ? undefined : this.#pseudonyms.name(domain),
    };
  }

  /** Whom a local responder is called by is a device's name. */
  #siteOf(name: string, isLocal: boolean): string | undefined {
    if (name === UNKNOWN || (isLocal && this.#hidesDevices)) return undefined;
    return registrableDomain(name);
  }
}

function localEnds(direction: FlowRecord["network"]["direction"]) {
  return {
    initiator: direction === "outbound" || direction === "internal",
    responder: direction === "inbound" || direction === "internal",
  };
}
