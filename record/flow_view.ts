/** A flow as a person asks for it. */

import type { FlowRecord } from "./log_record.ts";

/** The device is the local end, whoever began. */
export interface FlowView {
  readonly device: string;
  readonly name: string;
  readonly isInbound: boolean;
  /** Sent by the device, and to it. */
  readonly upBytes: number;
  readonly downBytes: number;
}

/** The device's view of a flow. Of what comes in, the name is the other end's address, and the port that it came to. */
export function flowView({ source, destination, network, device }: FlowRecord): FlowView {
  const isInbound = network.direction === "inbound";
  if (isInbound) {
    const port = destination.port === undefined ? "" : ` to :${destination.port}`;
    return {
      device: destination.ip,
      name: `${source.ip}${port}`,
      isInbound,
      upBytes: destination.bytes,
      downBytes: source.bytes,
    };
  }
  const isNamed = destination.domain !== "unknown";
  const maker = device === undefined ? "" : ` ${device.manufacturer}`;
  return {
    device: source.domain ?? source.ip + maker,
    name: isNamed ? destination.domain : destination.ip,
    isInbound,
    upBytes: source.bytes,
    downBytes: destination.bytes,
  };
}
