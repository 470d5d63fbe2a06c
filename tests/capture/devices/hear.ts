/** Devices that speak, and what they are then called. */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/dns-packet@5.6.5"
import { type Answer, encode } from "dns-packet";
import { parseAddress } from "../../../capture/address/address.ts";
import { DeviceNames } from "../../../capture/devices/device_names.ts";
import { packetOf } from "../decode_frame.ts";
import { ethernet, type Frame, raw } from "../frame_builder.ts";
import { START_US } from "../pcap_records.ts";
import { macWords } from "./build_mac.ts";

/** Who speaks, to all of the link. */
export interface Speaker {
  readonly address: string;
  /** The MAC address of the frame; none where the link has no such addresses. */
  readonly mac?: string;
}

/** A UDP message to everybody, from a port to the same one. */
export function multicast({ address, mac }: Speaker, port: number, message: Uint8Array): Frame {
  const link = mac === undefined ? raw() : ethernet({ source: mac });
  const ip = address.includes(":")
    ? link.ipv6({ source: address, destination: "ff02::fb" })
    : link.ipv4({ source: address, destination: "224.0.0.251" });
  return ip.udp({ sourcePort: port, destinationPort: port }).payload(message);
}

/** A multicast DNS answer; `hosts` are pairs of name and address. */
export function mdns(speaker: Speaker, ...hosts: readonly [string, string][]): Frame {
  return multicast(speaker, 5353, hostAnswer(hosts));
}

export function llmnr(speaker: Speaker, ...hosts: readonly [string, string][]): Frame {
  return multicast(speaker, 5355, hostAnswer(hosts));
}

/** A response that says of each host, by name, which address it has. */
export function hostAnswer(hosts: readonly (readonly [string, string])[]): Buffer {
  const answers = hosts.map(([name, data]): Answer => ({
    type: data.includes(":") ? "AAAA" : "A",
    name,
    data,
    ttl: 120,
  }));
  return encode({ type: "response", answers });
}

export const HOUR_US = 3600e6;
export const DAY_US = 24 * HOUR_US;

/** Devices on one link. */
export class Link {
  readonly names: DeviceNames;
  #nowUs = START_US;

  /** `offLink` are the addresses beyond a router. */
  constructor({ offLink = [] as readonly string[] } = {}) {
    const beyond = offLink.map((address) => String(parseAddress(address)));
    this.names = new DeviceNames({ isOnLink: (address) => !beyond.includes(String(address)) });
  }

  /** The next frames come so much later. */
  wait(us: number): this {
    this.#nowUs += us;
    return this;
  }

  hear(...frames: readonly Frame[]): this {
    for (const frame of frames) this.names.learn(packetOf(frame, this.#nowUs));
    return this;
  }

  nameOf(address: string, mac?: string): string | undefined {
    const end = { address: parseAddress(address)!, mac: mac && macWords(mac) || undefined };
    return this.names.nameOf(end, this.#nowUs);
  }
}
