/**
 * Which local devices were heard, and of which the traffic passes here: a machine that hears many and sees the traffic
 * of none but itself stands at a place from which a network cannot be logged.
 */

import { type AddressWords, formatAddress } from "../address/address.ts";
import type { Mac } from "../address/mac.ts";
import type { Endpoint } from "../address/endpoint.ts";
import { PROTOCOL_TCP } from "../decode/packet.ts";

/** Devices that are remembered of either kind: more tell nothing more. */
const MAX_DEVICES = 1024;
/** TCP packets of a line that must have had an answer; unanswered attempts to connect have fewer. */
const TCP_PACKETS_ANSWERED = 10;

/** A device by its MAC address, or by its address in text where the link has none or a router stands between. */
export type DeviceKey = number | string;

/** Devices that were seen, and how whole. */
export class SeenDevices {
  /** Those that spoke to all: by ARP, DHCP, mDNS and their like. */
  readonly heard = new Set<DeviceKey>();
  /** Those with lines of their own in the log. */
  readonly passing = new Set<DeviceKey>();
  /** Lines of TCP with packets enough to have had an answer. */
  tcpLines = 0;
  /** And those of them in which one end's packets alone were seen. */
  oneSidedLines = 0;

  /** Notes who sent a message to all. */
  hear(macHigh: number, macLow: number): void {
    if (this.heard.size < MAX_DEVICES) this.heard.add(macNumber(macHigh, macLow));
  }

  /** Notes the local end of a line. `isOnLink` says that its MAC address is its own. */
  pass({ address, mac }: Endpoint, isOnLink: boolean): void {
    if (this.passing.size >= MAX_DEVICES) return;
    const hasOwnMac = isOnLink && mac !== undefined;
    this.passing.add(hasOwnMac ? macNumber(...mac) : addressText(address));
  }

  /** Notes whether a line of TCP has packets of both ends. */
  judge(protocol: number, initiatorPackets: number, responderPackets: number): void {
    if (protocol !== PROTOCOL_TCP) return;
    if (initiatorPackets + responderPackets < TCP_PACKETS_ANSWERED) return;
    this.tcpLines++;
    if (initiatorPackets === 0 || responderPackets === 0) this.oneSidedLines++;
  }
}

/** The key of a MAC address in text, `b8:27:eb:01:02:03`. */
export function deviceKeyOf(macText: string): DeviceKey {
  return parseInt(macText.replaceAll(":", ""), 16);
}

function macNumber(...[high, low]: Mac): number {
  return high * 2 ** 32 + (low >>> 0);
}

function addressText(address: AddressWords): string {
  return formatAddress(address);
}
