/** A frame to a decoded packet: link header, IP header, transport header, one after the other. */

import { decodeIp } from "./ip.ts";
import type { LinkDecoder } from "./link_layer.ts";
import type { Packet } from "./packet.ts";
import { decodeTransport } from "./transport.ts";
import { enterTunnel } from "./tunnel.ts";

/** What a frame turned out to be. */
export const enum Decoded {
  /** An IP packet: every field of `Packet` up to the layer that was captured is valid. */
  Ip,
  /** ARP, EAPOL, spanning tree...: no IP packet. */
  NotIp,
  /** Said to be IP, but without a whole and true IP header to count it under. */
  BadIp,
}

/**
 * Decodes the frame from `packet.frameOffset` to `packet.end`, which the caller has set with `bytes`, `timeUs` and
 * `wireLength`. With `looksIntoTunnels` the packet is the innermost one. Never throws and never reads past `packet.end`.
 */
export function decode(
  packet: Packet,
  decodeLink: LinkDecoder,
  looksIntoTunnels = false,
): Decoded {
  packet.hasMac = packet.isTunneled = false;
  if (!decodeLink(packet, packet.frameOffset)) return Decoded.NotIp;
  if (!decodeIp(packet)) return Decoded.BadIp;
  decodeTransport(packet);
  if (looksIntoTunnels) decodeInside(packet);
  return Decoded.Ip;
}

/** Tunnels in tunnels are followed so far. */
const MAX_TUNNELS = 4;

function decodeInside(packet: Packet): void {
  for (let depth = 0; depth < MAX_TUNNELS && enterTunnel(packet); depth++) {
    packet.isTunneled = true;
    decodeIp(packet);
    decodeTransport(packet);
  }
}
