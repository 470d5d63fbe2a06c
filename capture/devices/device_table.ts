/**
 * What is remembered of local devices: their names, the addresses that DHCP gave them, and which of them forward.
 *
 * A MAC address stands for a device, unless it forwards for others. An IP address is a device's for a time: a name said
 * from it holds while packets from it keep that MAC address, until DHCP leases it to another device. So a name is
 * looked up by IP address and by MAC address; by the lease's MAC address where the packets' own is a forwarder's.
 *
 * A name is believed for 7 days after a DHCP message, for a day after any other (`ranked_names.ts`); a lease for its
 * time, but at least a day (`dhcp_leases.ts`); and that a device forwards for a day (`link_forwarders.ts`).
 */

import { LRUCache } from "lru-cache";
import { type AddressWords, isIpv4 } from "../address/address.ts";
import { addressKey, macKey } from "../address/address_key.ts";
import type { Endpoint } from "../address/endpoint.ts";
import { DhcpLeases, type Grant } from "./dhcp_leases.ts";
import { LinkForwarders } from "./link_forwarders.ts";
import { isSameMac, type Mac } from "../address/mac.ts";
import { type NameSource, RankedNames, type SaidName } from "./ranked_names.ts";

/** MAC addresses, and addresses, whose names are remembered; more push out the longest unused. Full: 4 MB in all. */
const MAX_MACS = 1024;
const MAX_ADDRESSES = 2048;

/** The names, at least one, that a host gave itself from its own address, at a time in microseconds since 1970. */
export interface HostNames {
  readonly source: NameSource;
  readonly names: readonly string[];
  readonly saidUs: number;
}

/** What was said from a MAC address. */
interface MacNames {
  readonly names: RankedNames;
  /** The IP address that each source's latest name was said from, for each version of IP. */
  readonly saidFrom: Map<string, string>;
}

/** What was said from an address. */
interface AddressNames {
  readonly names: RankedNames;
  readonly mac: Mac | undefined;
}

/** Devices and their names. */
export class DeviceTable {
  readonly #byMac = new LRUCache<string, MacNames>({ max: MAX_MACS });
  readonly #byAddress = new LRUCache<string, AddressNames>({ max: MAX_ADDRESSES });
  readonly #leases = new DhcpLeases();
  readonly #forwarders = new LinkForwarders();

  /** MAC addresses and addresses that have names, leases and forwarders, remembered now. */
  get size(): number {
    return this.#byMac.size + this.#byAddress.size + this.#leases.size + this.#forwarders.size;
  }

  /** Whether a device has said a name. */
  hasNames(mac: Mac): boolean {
    return this.#byMac.has(macKey(mac));
  }

  /** The name of the device at an end, at a time in microseconds; `undefined` when it has said none. */
  nameOf({ address, mac }: Endpoint, nowUs: number): string | undefined {
    const here = this.#byAddress.get(addressKey(address));
    const isSameDevice = mac === undefined || here?.mac === undefined || isSameMac(here.mac, mac);
    const byAddress = isSameDevice ? here?.names.best(nowUs) : undefined;

    const device = this.ownMac(mac, nowUs) ?? this.#leases.holder(address, nowUs);
    const byMac = device && this.#byMac.get(macKey(device))?.names.best(nowUs);

    if (byAddress === undefined || byMac === undefined) return (byAddress ?? byMac)?.name;
    return byMac.source < byAddress.source ? byMac.name : byAddress.name;
  }

  /** A MAC address that packets come from, unless it is known to be a forwarder's. */
  ownMac(mac: Mac | undefined, nowUs: number): Mac | undefined {
    return mac !== undefined && this.#forwarders.has(mac, nowUs) ? undefined : mac;
  }

  /** Who has an address by DHCP. */
  leaseHolder(address: AddressWords, nowUs: number): Mac | undefined {
    return this.#leases.holder(address, nowUs);
  }

  /** A device said its name, whatever address it has. */
  nameDevice(mac: Mac, said: SaidName): void {
    this.#namesOfMac(mac).names.set(said);
  }

  /** A host said its names from its own address. One of several is kept: the one it has already, if that is among them. */
  nameHost({ address, mac }: Endpoint, { source, names, saidUs }: HostNames): void {
    const here = this.#namesOfAddress({ address, mac });
    const name = oneOf(names, here.get(source, saidUs)?.name);
    here.set({ source, name, saidUs });

    if (mac === undefined || this.ownMac(mac, saidUs) === undefined) return;
    const ofMac = this.#namesOfMac(mac);
    const version = `${source} ${isIpv4(address)}`;
    const from = addressKey(address);
    const earlier = ofMac.names.get(source, saidUs)?.name;
    const earlierFrom = ofMac.saidFrom.get(version);
    // Devices change their name, and their address, but hardly both from one time to the next.
    const isAnother = earlier !== undefined && !names.includes(earlier) &&
      earlierFrom !== undefined && earlierFrom !== from;
    if (isAnother) return this.addForwarder(mac, saidUs);
    ofMac.names.set({ source, name, saidUs });
    ofMac.saidFrom.set(version, from);
  }

  /** A packet of somebody else's came from a MAC address. */
  addForwarder(mac: Mac, nowUs: number): void {
    this.#forwarders.add(mac, nowUs);
    // DHCP messages state the MAC address that they name; other names may be anybody's behind it.
    this.#byMac.get(macKey(mac))?.names.keepDhcpOnly();
  }

  /** An address is a device's from now on; the names of the device that had it before go. */
  grant(grant: Grant): void {
    const { address, holder, grantedUs } = grant;
    const key = addressKey(address);
    const said = this.#byAddress.get(key);
    const earlierHolder = this.#leases.holder(address, grantedUs) ??
      this.ownMac(said?.mac, grantedUs);
    if (earlierHolder !== undefined && !isSameMac(earlierHolder, holder)) {
      this.#byAddress.delete(key);
    }
    this.#leases.grant(grant);
  }

  /** A device gives an address back, or finds that it may not use it. */
  release(address: AddressWords, holder: Mac): void {
    this.#leases.release(address, holder);
  }

  #namesOfMac(mac: Mac): MacNames {
    const key = macKey(mac);
    let entry = this.#byMac.get(key);
    if (entry === undefined) {
      entry = { names: new RankedNames(), saidFrom: new Map() };
      this.#byMac.set(key, entry);
    }
    return entry;
  }

  /** Names that were said from the address before by another MAC address are given up. */
  #namesOfAddress({ address, mac }: Endpoint): RankedNames {
    const key = addressKey(address);
    let entry = this.#byAddress.get(key);
    if (entry === undefined || !isSameMac(entry.mac, mac)) {
      entry = { names: new RankedNames(), mac };
      this.#byAddress.set(key, entry);
    }
    return entry.names;
  }
}

/** The preferred one if it is among them, otherwise the first. */
function oneOf(names: readonly string[], preferred: string | undefined): string {
  return preferred !== undefined && names.includes(preferred) ? preferred : names[0];
}
