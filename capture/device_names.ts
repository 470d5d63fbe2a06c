/**
 * Names of local devices, as they say them themselves.
 *
 *     DHCP: client's message --> its name by link address; server's --> lease, from address to link address
 *     mDNS, LLMNR, NetBIOS: answers about the sender itself --> name by its address and by its link address
 *     name of an end of a flow <-- by its address, and by its link address or its lease's: the most trusted
 *
 * A link address is a device, unless it forwards for others: one that sends another's DHCP request does, and one from
 * which two hosts speak. An address is a device's for a time: what was said from it counts for whoever uses it from
 * the same link address, until DHCP gives it to another.
 *
 * A name is believed for 7 days after DHCP said it and for a day after the others did (`ranked_names.ts`), a lease for
 * its time, but at least a day (`dhcp_leases.ts`).
 */

import { LRUCache } from "lru-cache";
import { type AddressWords, isIpv4 } from "./address.ts";
import { addressKey, macKey } from "./address_key.ts";
import { type DhcpMessage, DhcpType, parseDhcp } from "./dhcp.ts";
import { DhcpLeases } from "./dhcp_leases.ts";
import { type Dhcpv6Message, parseDhcpv6 } from "./dhcpv6.ts";
import { LinkForwarders } from "./link_forwarders.ts";
import { isSameMac, type Mac } from "./mac.ts";
import { llmnrHosts, mdnsHosts } from "./mdns.ts";
import { netbiosHosts } from "./netbios.ts";
import type { Packet } from "./packet.ts";
import { NameSource, RankedNames } from "./ranked_names.ts";

/** UDP ports. */
const DHCP_SERVER = 67;
const DHCP_CLIENT = 68;
const NETBIOS_NAMES = 137;
const DHCPV6_CLIENT = 546;
const DHCPV6_SERVER = 547;
const MULTICAST_DNS = 5353;
const LLMNR = 5355;

/** Link addresses, and addresses, whose names are remembered; more push out the longest unused. */
const MAX_MACS = 2048;
const MAX_ADDRESSES = 4096;

/** An end of a conversation, as far as it is known. */
export interface DeviceEnd {
  readonly address: AddressWords;
  /** The link address that its packets come from, where the link has them. */
  readonly mac: Mac | undefined;
}

/** Figures of the naming of devices. */
export interface DeviceNameCounters {
  /** Packets on the ports on which names are said. */
  messages: number;
  /** Of those: damaged, cut by the snapshot length, or of another protocol. */
  unreadable: number;
  /** Answers that named others' addresses alone, and were not believed. */
  aboutOthers: number;
}

/** What a message says that a host is called. */
interface HostStatement {
  readonly name: string;
  /** `undefined` when it is the sender that is meant. */
  readonly address: AddressWords | undefined;
}

/** What was said from a link address. */
interface MacNames {
  readonly names: RankedNames;
  /** Where the latest of each source was said from, for each version of IP. */
  readonly saidFrom: Map<string, AddressWords>;
}

/** What was said from an address. */
interface AddressNames {
  readonly names: RankedNames;
  readonly mac: Mac | undefined;
}

/** What devices are called. */
export class DeviceNames {
  readonly #byMac = new LRUCache<string, MacNames>({ max: MAX_MACS });
  readonly #byAddress = new LRUCache<string, AddressNames>({ max: MAX_ADDRESSES });
  readonly #leases = new DhcpLeases();
  readonly #forwarders = new LinkForwarders();
  readonly counters: DeviceNameCounters = { messages: 0, unreadable: 0, aboutOthers: 0 };

  /** Link addresses and addresses with names, leases and forwarders, remembered now. */
  get size(): number {
    return this.#byMac.size + this.#byAddress.size + this.#leases.size + this.#forwarders.size;
  }

  /** Learns from a UDP packet that is no later fragment. One on other ports is left at once. */
  learn(packet: Packet): void {
    switch (packet.sourcePort) {
      case MULTICAST_DNS:
        return this.#learnHosts(packet, mdnsHosts, NameSource.MulticastDns);
      case LLMNR:
        return this.#learnHosts(packet, llmnrHosts, NameSource.Llmnr);
      case NETBIOS_NAMES:
        return this.#learnHosts(packet, netbiosHosts, NameSource.Netbios);
    }
    switch (packet.destinationPort) {
      case DHCP_SERVER:
      case DHCP_CLIENT:
        return this.#learnDhcp(packet);
      case DHCPV6_SERVER:
      case DHCPV6_CLIENT:
        return this.#learnDhcpv6(packet);
    }
  }

  /** The name of the device at an end, at a time in microseconds since 1970; `undefined` when it has said none. */
  nameOf({ address, mac }: DeviceEnd, nowUs: number): string | undefined {
    const saidHere = this.#byAddress.get(addressKey(address));
    const isHere = mac === undefined || saidHere?.mac === undefined || isSameMac(saidHere.mac, mac);
    const byAddress = isHere ? saidHere?.names.best(nowUs) : undefined;

    const isOwnMac = mac !== undefined && !this.#forwarders.has(mac, nowUs);
    const device = isOwnMac ? mac : this.#leases.holder(address, nowUs);
    const byMac = device && this.#byMac.get(macKey(device))?.names.best(nowUs);

    if (byAddress === undefined || byMac === undefined) return (byAddress ?? byMac)?.name;
    return byMac.source < byAddress.source ? byMac.name : byAddress.name;
  }

  #learnDhcp(packet: Packet): void {
    const message = this.#read(packet, parseDhcp);
    if (message?.clientMac === undefined) return;
    if (message.isFromClient) this.#hearDhcpClient(packet, message, message.clientMac);
    else this.#hearDhcpServer(packet, message, message.clientMac);
  }

  #hearDhcpClient({ timeUs, ...packet }: Packet, message: DhcpMessage, client: Mac): void {
  }
}
