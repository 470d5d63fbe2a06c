/**
 * IP fragments: only the first one of a packet has the ports, so they are remembered for the others.
 *
 * A fragment whose first one was not seen (lost, or arriving later) counts in a flow without ports. Nothing is
 * reassembled here, and each fragment counts as a packet, with its own IP length, as libpcap counts.
 */

import { LRUCache } from "lru-cache";
import { destinationOf, sourceOf } from "../address/address.ts";
import type { Packet } from "../decode/packet.ts";

/** What a first fragment says of the others. */
interface FirstFragment {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Packets whose fragments are under way at once; more push out the longest unused. */
const MAX_PACKETS = 1024;
/** RFC 791, 3.2 and RFC 8200, 4.5 give up reassembly after 15 and 60 seconds. */
const LIFETIME_US = 60e6;

/** Fragmented packets under way. */
export class FragmentPorts {
  readonly #packets = new LRUCache<string, FirstFragment & { readonly timeUs: number }>({
    max: MAX_PACKETS,
  });

  /** Remembers the ports of a first fragment, and gives them to a later one by setting its transport fields. */
  apply(packet: Packet): void {
    const key = fragmentKey(packet);
    if (packet.fragmentOffset === 0) {
      if (!packet.hasTransport) return;
      const { protocol, sourcePort, destinationPort, timeUs } = packet;
      this.#packets.set(key, { protocol, sourcePort, destinationPort, timeUs });
      return;
    }
    const first = this.#packets.get(key);
    if (first === undefined || packet.timeUs - first.timeUs > LIFETIME_US) return;
    packet.protocol = first.protocol;
    packet.sourcePort = first.sourcePort;
    packet.destinationPort = first.destinationPort;
    packet.hasTransport = true;
  }
}

/** Addresses and identification; the protocol too in IPv4, where RFC 791 makes it part of the key. */
function fragmentKey(packet: Packet): string {
  return [
    ...sourceOf(packet),
    ...destinationOf(packet),
    packet.fragmentId,
    packet.ipVersion === 4 ? packet.protocol : -1,
  ].join();
}
