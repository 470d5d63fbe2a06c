/**
 * What is remembered of local devices: their names, the addresses that DHCP gave them, and which of them forward.
 *
 * A link address is a device, unless it forwards for others. An address is a device's for a time: what was said from it
 * counts for whoever uses it from the same link address, until DHCP gives it to another. So a name is looked for by
 * both, and by the link address that a lease tells where the packets' own tells nothing.
 *
 * A name is believed for 7 days after DHCP said it and for a day after the others did (`ranked_names.ts`), a lease for
 * its time, but at least a day (`dhcp_leases.ts`), and that a device forwards for a day (`link_forwarders.ts`).
 */

import { LRUCache } from "lru-cache";
import { type AddressWords, isIpv4 } from "./address.ts";
import { addressKey, macKey } from "./address_key.ts";
import { DhcpLeases } from "./dhcp_leases.ts";
import { LinkForwarders } from "./link_forwarders.ts";
import { isSameMac, type Mac } from "./mac.ts";
import { type RankedName, RankedNames } from "./ranked_names.ts";

/** Link addresses, and addresses, whose names are remembered; more push out the longest unused. */
const MAX_MACS = 2048;
const MAX_ADDRESSES = 4096;

/** An end of a conversation, as far as it is known. */
export interface DeviceEnd {
  readonly address: AddressWords;
  /** The link address that its packets come from, where the link has them. */
  readonly mac: Mac | undefined;
}

/** What was said from a link address. */
interface MacNames {
  readonly names: RankedNames;
  /** Where each source's latest was said from, for each version of IP. */
  readonly saidFrom: Map<string, AddressWords>;
}

/** What was said from an address. */
interface AddressNames {
  readonly names: RankedNames;
  readonly mac: Mac | undefined;
}

/** Devices and their names. Times are in microseconds since 1970. */
export class DeviceTable {
  readonly #byMac = new LRUCache<string, MacNames>({ max: MAX_MACS });
  readonly #byAddress = new LRUCache<string, AddressNames>({ max: MAX_ADDRESSES });
  readonly #leases = new DhcpLeases();
  readonly #forwarders = new LinkForwarders();

  /** Link addresses and addresses that have names, leases and forwarders, remembered now. */
  get size(): number {
    return this.#byMac.size + this.#byAddress.size + this.#leases.size + this.#forwarders.size;
  }

  /** The name of the device at an end; `undefined` when it has said none. */
  nameOf({ address, mac }: DeviceEnd, nowUs: number): string | undefined {
    const said = this.#byAddress.get(addressKey(address));
    const isSameDevice = mac === undefined || said?.mac === undefined || isSameMac(said.mac, mac);
    const byAddress = isSameDevice ? said?.names.best(nowUs) : undefined;

    const device = this.#isOwn(mac, nowUs) ? mac : this.#leases.holder(address, nowUs);
    const byMac = device && this.#byMac.get(macKey(device))?.names.best(nowUs);

    if (byAddress === undefined || byMac === undefined) return (byAddress ?? byMac)?.name;
    return byMac.source < byAddress.source ? byMac.name : byAddress.name;
  }

  /** A device said its name, whatever address it has. */
  nameDevice(mac: Mac, ranked: RankedName, nowUs: number): void {
    this.#namesOfMac(mac).names.set(ranked, nowUs);
  }

  /** A host said its name from its address. */
  nameHost({ address, mac }: DeviceEnd, ranked: RankedName, nowUs: number): void {
    this.#namesOfAddress({ address, mac }).set(ranked, nowUs);
    if (!this.#isOwn(mac, nowUs)) return;
    const { names, saidFrom } = this.#namesOfMac(mac);
    const from = `${ranked.source} ${isIpv4(address)}`;
    const earlierName = names.get(ranked.source, nowUs);
    const earlierFrom = saidFrom.get(from);
    const isSameHost = earlierName === undefined || earlierName === ranked.name ||
      earlierFrom === undefined || addressKey(earlierFrom) === addressKey(address);
    if (!isSameHost) return this.addForwarder(mac, nowUs);
    names.set(ranked, nowUs);
    saidFrom.set(from, address);
  }

  /** What a source last called the device at an end, as far as that is told by its address. */
  nameSaidFrom(
    { address, mac }: DeviceEnd,
    source: RankedName["source"],
    nowUs: number,
  ): string | undefined {
    return this.#namesOfAddress({ address, mac }).get(source, nowUs);
  }
}
