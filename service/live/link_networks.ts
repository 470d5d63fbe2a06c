/** What the machine's own addresses say of others: which are local, which on the link, and which are its own. */

import type { AddressWords } from "../../capture/address/address.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { NetworkSet } from "../../capture/address/network_set.ts";
import { interfaceNetworks, ownAddresses } from "../../system/network_interfaces.ts";

/** Networks by the addresses that the interfaces have, which change: IPv6 prefixes above all. */
export class LinkNetworks {
  /** What counts as local: the fixed ranges, those that are set, and the networks of the interfaces listened on. */
  readonly local = new LocalNetworks();
  readonly #onLink = new NetworkSet();
  readonly #own = new NetworkSet();
  #interfaces: readonly string[];
  readonly #extra: readonly string[];
  /** What was taken last. */
  #taken = "";

  /** `extra` in CIDR notation. @throws {NetworkSyntaxError} */
  constructor(interfaces: readonly string[], extra: readonly string[]) {
    this.#interfaces = interfaces;
    this.#extra = extra;
    this.#take(Deno.networkInterfaces());
  }

  /** Other interfaces are listened on from now on. */
  follow(interfaces: readonly string[]): void {
    this.#interfaces = interfaces;
    this.refresh();
  }

  /**
   * Takes the addresses that the interfaces have now; where they cannot be had, those of before serve on. Where they are
   * what they were, asking takes 0.05 ms, and no more.
   */
  refresh(): void {
    let addresses: Deno.NetworkInterfaceInfo[];
    try {
      addresses = Deno.networkInterfaces();
    } catch {
      return; // no file descriptor is left
    }
    this.#take(addresses);
  }

  #take(addresses: readonly Deno.NetworkInterfaceInfo[]): void {
    const networks = interfaceNetworks(this.#interfaces, addresses);
    const taken = [...networks, "", ...ownAddresses(addresses)].join();
    if (taken === this.#taken) return;
    this.#taken = taken;
    this.local.replaceExtra([...this.#extra, ...networks]);
    this.#onLink.replace(networks);
    this.#own.replace(ownAddresses(addresses));
  }

  /** Whether an address is in a network of the interfaces that are listened on. */
  isOnLink(address: AddressWords): boolean {
    return this.#onLink.has(...address);
  }

  /** Whether an address is this machine's, on whichever interface. */
  isOwn(address: AddressWords): boolean {
    return this.#own.has(...address);
  }
}
