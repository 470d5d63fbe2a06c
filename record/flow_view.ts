/** A flow as a person asks for it. */

import type { FlowRecord, MergedRecord } from "./log_record.ts";

const UNKNOWN = "unknown";

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
export function flowView(record: FlowRecord | MergedRecord): FlowView {
  const { source, destination, network } = record;
  const isInbound = network.direction === "inbound";
  if (isInbound) {
    const port = destination.port === undefined ? "" : ` to :${destination.port}`;
    return {
      device: destination.ip ?? UNKNOWN,
      name: `${source.ip ?? UNKNOWN}${port}`,
      isInbound,
      upBytes: destination.bytes,
      downBytes: source.bytes,
    };
  }
  const isNamed = destination.domain !== UNKNOWN;
  const device = "device" in record ? record.device : undefined;
  const maker = device === undefined ? "" : ` ${device.manufacturer}`;
  return {
    device: source.domain ?? (source.ip ?? UNKNOWN) + maker,
    name: isNamed ? destination.domain : destination.ip ?? UNKNOWN,
    isInbound,
    upBytes: source.bytes,
    downBytes: destination.bytes,
  };
}
