/**
 * Names of local devices, as they say them themselves on the wire.
 *
 *     DHCP, from a client --> its name, by MAC address         DHCP, from a server --> lease: address to MAC address
 *     mDNS, LLMNR, NetBIOS: what a host answers about its own address --> its name, by both
 *     name of an end of a flow <-- what is remembered of its address and its MAC address, the most trusted first
 *
 * A device is believed about itself only. What a server calls a client, and what one host says of another (a reflector
 * between networks, a proxy for those asleep), is ignored; so is what comes from beyond a router, because it would
 * name the router's MAC address.
 */

import { Allowance } from "../pressure/allowance.ts";
import { Shares } from "../pressure/shares.ts";
import { type AddressWords, destinationOf, sourceOf } from "../address/address.ts";
import { addressKey } from "../address/address_key.ts";
import type { Endpoint } from "../address/endpoint.ts";
import { DeviceTable } from "./device_table.ts";
import { type DhcpMessage, DhcpType, parseDhcp } from "./dhcp.ts";
import { type Dhcpv6Message, parseDhcpv6 } from "./dhcpv6.ts";
import { isSameMac, type Mac } from "../address/mac.ts";
import { llmnrHosts, mdnsHosts } from "./mdns.ts";
import { netbiosHosts } from "./netbios.ts";
import type { Packet } from "../decode/packet.ts";
import { NameSource } from "./ranked_names.ts";

/** UDP ports. */
const DHCP_SERVER = 67;
const DHCP_CLIENT = 68;
const NETBIOS_NAMES = 137;
const DHCPV6_CLIENT = 546;
const DHCPV6_SERVER = 547;
const MULTICAST_DNS = 5353;
const LLMNR = 5355;

/** Figures of the naming of devices. */
export interface DeviceNameCounters {
  /** Packets on the ports on which names are said. */
  messages: number;
  /** Of those: damaged, cut by the snapshot length, or of another protocol. */
  unreadable: number;
  /** Answers that named others' addresses alone, or came from beyond the link, and were not believed. */
  notBelieved: number;
  /** Not read because there were too many. */
  leftOut: number;
}

/** Settings of the naming of devices. */
export interface DeviceNamesOptions {
  /** Whether an address is on the link itself, so that its packets come from its own MAC address. */
  readonly isOnLink: (address: AddressWords) => boolean;
  /** Messages are read so often a second only, as a live capture must. @default false */
  readonly isLimited?: boolean;
}

/** Messages of one sender. */
const OF_SENDER = { perSecond: 5, burst: 200 } as const;
/** Messages of devices that have no name yet: so few that a flood of made-up ones takes minutes to push a device out. */
const OF_NEWCOMERS = { perSecond: 2, burst: 1_000 } as const;

/** What a message says that a host is called. */
interface HostStatement {
  readonly name: string;
  /** `undefined` when it is the sender that is meant. */
  readonly address: AddressWords | undefined;
}

/** What devices are called. */
export class DeviceNames {
  readonly #isOnLink: DeviceNamesOptions["isOnLink"];
  readonly #devices = new DeviceTable();
  readonly #ofSender: Shares | undefined;
  readonly #ofNewcomers: Allowance | undefined;
  readonly counters: DeviceNameCounters = {
    messages: 0,
    unreadable: 0,
    notBelieved: 0,
    leftOut: 0,
  };

  constructor({ isOnLink, isLimited = false }: DeviceNamesOptions) {
    this.#isOnLink = isOnLink;
    this.#ofSender = isLimited ? new Shares(OF_SENDER) : undefined;
    this.#ofNewcomers = isLimited ? new Allowance(OF_NEWCOMERS) : undefined;
  }

  /** So many seconds have passed, for what is limited by the second. */
  fill(seconds: number): void {
    this.#ofSender?.fill(seconds);
    this.#ofNewcomers?.fill(seconds);
  }

  /** Entries remembered now: MAC addresses and addresses that have names, leases, and devices that forward. */
  get size(): number {
    return this.#devices.size;
  }

  /** The name of the device at an end, at a time in microseconds since 1970; `undefined` when it has said none. */
  nameOf({ address, mac }: Endpoint, nowUs: number): string | undefined {
    return this.#devices.nameOf({ address, mac: this.#isOnLink(address) ? mac : undefined }, nowUs);
  }

  /** Learns from a UDP packet that is no later fragment. One on other ports is left at once. */
  learn(packet: Packet): void {
    switch (packet.sourcePort) {
      case MULTICAST_DNS:
        return this.#learnHosts(packet, NameSource.MulticastDns, mdnsHosts);
      case LLMNR:
        return this.#learnHosts(packet, NameSource.Llmnr, llmnrHosts);
      case NETBIOS_NAMES:
        return this.#learnHosts(packet, NameSource.Netbios, netbiosHosts);
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

  /** Counts a message, and reads it if it is whole. */
  #read<T>(packet: Packet, parse: (message: Uint8Array) => T | undefined): T | undefined {
    const { bytes, ipOffset, ipLength, payloadOffset, ipEnd } = packet;
    this.counters.messages++;
    if (!this.#mayRead(packet)) {
      this.counters.leftOut++;
      return undefined;
    }
    // A message that was cut may hide the rest of a name.
    const isWhole = ipOffset + ipLength === ipEnd && !packet.moreFragments;
    const message = isWhole ? parse(bytes.subarray(payloadOffset, ipEnd)) : undefined;
    if (message === undefined) this.counters.unreadable++;
    return message;
  }

  #mayRead({ hasMac, macHigh, macLow, source0, source1, source2, source3 }: Packet): boolean {
    if (this.#ofSender === undefined) return true;
    const isInShare = hasMac
      ? this.#ofSender.take(0, 0, macHigh, macLow)
      : this.#ofSender.take(source0, source1, source2, source3);
    if (!isInShare) return false;
    return (hasMac && this.#devices.hasNames([macHigh, macLow])) || this.#ofNewcomers!.take();
  }

  #learnHosts(
    packet: Packet,
    source: NameSource,
    parse: (message: Uint8Array) => readonly HostStatement[] | undefined,
  ): void {
    const statements = this.#read(packet, parse) ?? [];
    if (statements.length === 0) return;
    const sender = senderOf(packet);
    const own = this.#isOnLink(sender.address)
      ? statements.filter(({ address }) => this.#isOf(address, sender, packet.timeUs))
      : [];
    const names = own.map(({ name }) => name);
    if (names.length === 0) this.counters.notBelieved++;
    else this.#devices.nameHost(sender, { source, names, saidUs: packet.timeUs });
  }

  /** Whether an address is the sender's: the one it sends from, or one that DHCP gave to its MAC address. */
  #isOf(address: HostStatement["address"], sender: Endpoint, nowUs: number): boolean {
    if (address === undefined || addressKey(address) === addressKey(sender.address)) return true;
    const mac = this.#devices.ownMac(sender.mac, nowUs);
    return mac !== undefined && isSameMac(this.#devices.leaseHolder(address, nowUs), mac);
  }

  #learnDhcp(packet: Packet): void {
    const message = this.#read(packet, parseDhcp);
    if (message?.clientMac === undefined) return;
    if (message.isFromClient) this.#hearDhcpClient(packet, message, message.clientMac);
    else this.#hearDhcpServer(packet, message, message.clientMac);
  }

  #hearDhcpClient(packet: Packet, message: DhcpMessage, client: Mac): void {
    const { timeUs } = packet;
    const { mac } = senderOf(packet);
    if (mac !== undefined && !isSameMac(mac, client)) this.#devices.addForwarder(mac, timeUs);
    const name = message.fqdn ?? message.hostName;
    if (name !== undefined) {
      this.#devices.nameDevice(client, { source: NameSource.Dhcp, name, saidUs: timeUs });
    }
    this.#hearDhcpClaim(message, client, timeUs);
  }

  /** RFC 2131, 4.3.2: by its kind, a request says more or less surely that the client has the address. */
  #hearDhcpClaim(message: DhcpMessage, client: Mac, nowUs: number): void {
    const { type, requestedAddress, clientAddress, hasServerId } = message;
    const address = requestedAddress ?? clientAddress;
    if (address === undefined) return;
    if (type === DhcpType.Request || type === DhcpType.Inform) {
      // The client has the address, or takes a server's offer of it; otherwise it only hopes to get it again.
      const isSure = clientAddress !== undefined || hasServerId;
      if (!isSure && this.#devices.leaseHolder(address, nowUs) !== undefined) return;
      this.#devices.grant({ address, holder: client, grantedUs: nowUs });
    } else if (type === DhcpType.Decline || type === DhcpType.Release) {
      this.#devices.release(address, client);
    }
  }

  #hearDhcpServer({ timeUs }: Packet, message: DhcpMessage, client: Mac): void {
    const address = message.yourAddress ?? message.clientAddress;
    if (message.type !== DhcpType.Ack || address === undefined) return;
    const { leaseSeconds } = message;
    this.#devices.grant({ address, holder: client, grantedUs: timeUs, leaseSeconds });
  }

  #learnDhcpv6(packet: Packet): void {
    const message = this.#read(packet, parseDhcpv6);
    if (message === undefined) return;
    if (message.isFromClient) this.#hearDhcpv6Client(packet, message);
    else if (message.isReply) this.#hearDhcpv6Server(packet, message);
  }

  #hearDhcpv6Client(packet: Packet, { relayedPeer, clientMac, fqdn }: Dhcpv6Message): void {
    const { timeUs } = packet;
    const sender = senderOf(packet);
    const isDirect = relayedPeer === undefined;
    const holder = (isDirect ? this.#devices.ownMac(sender.mac, timeUs) : undefined) ?? clientMac;
    if (holder === undefined) return;
    if (fqdn !== undefined) {
      this.#devices.nameDevice(holder, { source: NameSource.Dhcp, name: fqdn, saidUs: timeUs });
    }
    // The server answers to this address: the grant tells then whose it is.
    const address = relayedPeer ?? sender.address;
    this.#devices.grant({ address, holder, grantedUs: timeUs });
  }

  #hearDhcpv6Server(packet: Packet, message: Dhcpv6Message): void {
    const { timeUs } = packet;
    const client = message.relayedPeer ?? destinationOf(packet);
    const holder = this.#devices.leaseHolder(client, timeUs) ?? message.clientMac;
    if (holder === undefined) return;
    for (const { address, validSeconds: leaseSeconds } of message.addresses) {
      this.#devices.grant({ address, holder, grantedUs: timeUs, leaseSeconds });
    }
  }
}

function senderOf(packet: Packet): Endpoint {
  const { hasMac, macHigh, macLow } = packet;
  return { address: sourceOf(packet), mac: hasMac ? [macHigh, macLow] : undefined };
}
