/** Small packets of made-up flows: between devices of a household and addresses spread over the Internet. */

import { isPublicAddress } from "../../enrich/public_address.ts";
import { ethernet, type Frame } from "../../tests/capture/frame_builder.ts";
import { addressSpread } from "../../tests/enrich/address_spread.ts";
import { FLOODS } from "./floods.ts";

const DEVICES = 200;

/** A made-up flow. */
export interface MadeUpFlow {
  readonly client: string;
  readonly clientMac: string;
  readonly clientPort: number;
  readonly server: string;
}

/** So many flows, each to a server of its own; the same ones every time. */
export function madeUpFlows(count: number): MadeUpFlow[] {
  // A few of them are private.
  const servers = addressSpread(Math.ceil(count * 1.1) + 10).filter(isPublicAddress);
  return Array.from({ length: count }, (_, i) => ({
    client: `192.168.1.${2 + i % DEVICES}`,
    clientMac: `02:00:00:00:01:${(2 + i % DEVICES).toString(16).padStart(2, "0")}`,
    clientPort: 1024 + Math.floor(i / DEVICES),
    server: servers[i],
  }));
}

/** A packet of each flow, from its client: every other one UDP with 22 bytes, the rest TCP with none. */
export function flowFrames(flows: readonly MadeUpFlow[]): Frame[] {
  return flows.map(({ client, clientMac, clientPort, server }, i) => {
    const ip = ethernet({ source: clientMac }).ipv4({ source: client, destination: server });
    return i % 2 === 0
      ? ip.udp({ sourcePort: clientPort, destinationPort: 4500 }).payload("x".repeat(22))
      : ip.tcp({ sourcePort: clientPort, destinationPort: 443 });
  });
}

/** The frames, with one behind every nine of them that is of a new flow each time: a device scans. */
export function withScan(frames: readonly Frame[]): Frame[] {
  return frames.flatMap((frame, i) => i % 9 === 8 ? [frame, FLOODS.scan.frame] : [frame]);
}
