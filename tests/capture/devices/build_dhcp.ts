/** DHCP messages (RFC 2131) that read like the message, and the frames that carry them. */

import { parseAddress } from "../../../capture/address/address.ts";
import { ethernet, type Frame } from "../frame_builder.ts";
import { concat, text, uint16, uint32, uint8, vector8 } from "../wire/build_bytes.ts";
import { macBytes } from "./build_mac.ts";

export const CLIENT = "02:00:00:00:00:20";
export const SERVER = "02:00:00:00:00:01";

/** RFC 2132, 9.6. */
export const DHCP = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export interface DhcpOptions {
  readonly type: number;
  /** @default a request, but for the types that servers send */
  readonly op?: number;
  /** @default CLIENT */
  readonly client?: string;
  /** @default 1 */
  readonly hardwareType?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  /** Contents of the fields of the server's and the boot file's name. */
  readonly sname?: Uint8Array;
  readonly file?: Uint8Array;
  /** Options behind the message type. */
  readonly options?: readonly Uint8Array[];
  /** @default the option END */
  readonly end?: Uint8Array;
}

export function option(code: number, ...value: readonly Uint8Array[]): Uint8Array {
  return concat(uint8(code), vector8(...value));
}

export function hostName(name: string): Uint8Array {
  return option(12, text(name));
}

export function requestedAddress(address: string): Uint8Array {
  return option(50, ipv4(address));
}

export function leaseSeconds(seconds: number): Uint8Array {
  return option(51, uint32(seconds));
}

export function serverId(address: string): Uint8Array {
  return option(54, ipv4(address));
}

/** RFC 4702, 2: flags, two result codes, and the name as it is. */
export function clientFqdn(flags: number, name: Uint8Array): Uint8Array {
  return option(81, uint8(flags), uint16(0), name);
}

/** A name in the wire form of DNS, with the root label if it ends with a dot. */
export function wireForm(name: string): Uint8Array {
  return concat(...name.split(".").map((label) => vector8(text(label))));
}

export const END = uint8(255);

export function dhcpMessage(of: DhcpOptions): Uint8Array {
  const fromServer = ([DHCP.offer, DHCP.ack, DHCP.nak] as number[]).includes(of.type);
  return concat(
    Uint8Array.of(of.op ?? (fromServer ? 2 : 1), of.hardwareType ?? 1, 6, 0),
    uint32(0x12345678), // transaction
    uint32(0), // seconds, flags
    ipv4(of.ciaddr ?? "0.0.0.0"),
    ipv4(of.yiaddr ?? "0.0.0.0"),
    uint32(0), // next server
    uint32(0), // relay
    padded(macBytes(of.client ?? CLIENT), 16),
    padded(of.sname, 64),
    padded(of.file, 128),
    uint32(0x63825363),
    option(53, uint8(of.type)),
    ...of.options ?? [],
    of.end ?? END,
  );
}

/** A client's message as it passes: to all, or from `ciaddr` to its server. */
export function fromDhcpClient(of: DhcpOptions, linkSource = of.client ?? CLIENT): Frame {
  return ethernet({ source: linkSource })
    .ipv4({ source: of.ciaddr ?? "0.0.0.0", destination: "255.255.255.255" })
    .udp({ sourcePort: 68, destinationPort: 67 }).payload(dhcpMessage(of));
}

export function fromDhcpServer(of: DhcpOptions): Frame {
  return ethernet({ source: SERVER })
    .ipv4({ source: "192.168.1.1", destination: "255.255.255.255" })
    .udp({ sourcePort: 67, destinationPort: 68 }).payload(dhcpMessage(of));
}

function ipv4(address: string): Uint8Array {
  return uint32(parseAddress(address)![3]);
}

function padded(content: Uint8Array | undefined, length: number): Uint8Array {
  const field = new Uint8Array(length);
  if (content !== undefined) field.set(content);
  return field;
}
