/**
 * Frames that read like the packet, from the link inwards:
 *
 *     ethernet({ vlan: [7] }).ipv4({ source: "10.0.0.1", destination: "9.9.9.9" }).tcp({ flags: "S" }).payload("x")
 *
 * Lengths, checksums and "what comes next" are true unless they are overridden. A `Frame` never changes: each call
 * gives a new one, so that one beginning serves many frames.
 */

import ipaddr from "ipaddr.js";

/** `DLT_*` values, https://www.tcpdump.org/linktypes.html */
export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  pppSerial: 50,
  raw: 12,
  pppoe: 51,
  loop: 108,
  cookedV1: 113,
  cookedV2: 276,
} as const;

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, pppoe: 0x8864 } as const;

/** What the header below calls a layer: its EtherType, and its IANA protocol number. */
interface LayerNames {
  readonly etherType: number;
  readonly protocol: number;
}

interface Layer {
  readonly names: LayerNames;
  /** The layer's header and what it carries; `next` names what that begins with. */
  wrap(inside: Uint8Array, next: LayerNames): Uint8Array;
}

/** A pseudo header (RFC 9293, 3.1; RFC 8200, 8.1) for what an IP header carries. */
type PseudoHeader = (protocol: number, length: number) => Uint8Array;

/** Protocol 59 is IPv6's "no next header"; a payload has no other number. */
const PAYLOAD_NAMES: LayerNames = { etherType: 0, protocol: 59 };

export interface LinkOptions {
  /** The sender's MAC address. @default "02:00:00:00:00:01" */
  readonly source?: string;
  /** @default "02:00:00:00:00:02" */
  readonly destination?: string;
  /** VLAN identifiers, the outer one first. */
  readonly vlan?: readonly number[];
  /** EtherTypes of the VLAN tags, from the outer one. @default 0x8100 for each */
  readonly vlanTypes?: readonly number[];
  /** @default what follows */
  readonly etherType?: number;
  /** Bytes behind the packet, as Ethernet fills frames up to 60 bytes. */
  readonly padding?: Uint8Array;
}

export interface Ipv4Options {
  readonly source: string;
  readonly destination: string;
  /** @default what follows */
  readonly protocol?: number;
  /** @default 1 */
  readonly identification?: number;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
  /** @default 4 */
  readonly version?: number;
  /** In 4-byte units. @default as it is */
  readonly headerLength?: number;
  /** @default as it is */
  readonly totalLength?: number;
}

export interface Ipv6Options {
  readonly source: string;
  readonly destination: string;
  /** @default what follows */
  readonly nextHeader?: number;
  /** @default 6 */
  readonly version?: number;
  /** @default as it is */
  readonly payloadLength?: number;
}

export interface ExtensionOptions {
  /** Bytes of the header, a multiple of 8. @default 8 */
  readonly length?: number;
  /** @default what follows */
  readonly nextHeader?: number;
  /** The length field, in 8-byte units without the first. @default as it is */
  readonly lengthField?: number;
}

export interface FragmentOptions {
  /** In bytes, a multiple of 8. */
  readonly offset?: number;
  readonly more?: boolean;
  readonly identification?: number;
  /** @default what follows */
  readonly nextHeader?: number;
}

export interface TcpOptions {
  /** @default 40000 */
  readonly sourcePort?: number;
  /** @default 443 */
  readonly destinationPort?: number;
  /** Letters of FSRPAUEC. @default "A" */
  readonly flags?: string;
  /** @default 1 */
  readonly sequence?: number;
  /** @default 1 */
  readonly acknowledgment?: number;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
  /** In 4-byte units. @default as it is */
  readonly headerLength?: number;
}

export interface UdpOptions {
  /** @default 40000 */
  readonly sourcePort?: number;
  /** @default 443 */
  readonly destinationPort?: number;
  /** @default as it is */
  readonly length?: number;
}

export interface IcmpOptions {
  readonly type: number;
  readonly code?: number;
}

/** A frame, as far as it has been built. */
export class Frame {
  readonly linkType: number;
  readonly #layers: readonly Layer[];
  readonly #pseudoHeader: PseudoHeader;

  constructor(
    linkType: number,
    layers: readonly Layer[] = [],
    pseudoHeader: PseudoHeader = () => new Uint8Array(0),
  ) {
    this.linkType = linkType;
    this.#layers = layers;
    this.#pseudoHeader = pseudoHeader;
  }

  /** The frame's bytes, a new array each time. */
  get bytes(): Uint8Array<ArrayBuffer> {
    let inside: Uint8Array = new Uint8Array(0);
    let next = PAYLOAD_NAMES;
    for (const layer of this.#layers.toReversed()) {
      inside = layer.wrap(inside, next);
      next = layer.names;
    }
    return Uint8Array.from(inside);
  }

  ipv4(options: Ipv4Options): Frame {
    const source = addressBytes(options.source);
    const destination = addressBytes(options.destination);
    const layer: Layer = {
      names: { etherType: ETHERTYPE.ipv4, protocol: 4 },
      wrap: (inside, next) => {
        const more = options.options ?? new Uint8Array(0);
        const length = 20 + more.length;
        const flags = options.moreFragments ? 0x2000 : 0;
        const header = concat([
          [(options.version ?? 4) << 4 | (options.headerLength ?? length / 4), 0],
          uint16(options.totalLength ?? length + inside.length),
          uint16(options.identification ?? 1),
          uint16(flags | (options.fragmentOffset ?? 0) / 8),
          [64, options.protocol ?? next.protocol],
          uint16(0),
          source,
          destination,
          more,
        ]);
        header.set(uint16(checksum(header)), 10);
        return concat([header, inside]);
      },
    };
    return this.#with(
      layer,
      (protocol, size) => concat([source, destination, [0, protocol], uint16(size)]),
    );
  }

  ipv6(options: Ipv6Options): Frame {
    const source = addressBytes(options.source);
    const destination = addressBytes(options.destination);
    const layer: Layer = {
      names: { etherType: ETHERTYPE.ipv6, protocol: 41 },
      wrap: (inside, next) =>
        concat([
          [(options.version ?? 6) << 4, 0, 0, 0],
          uint16(options.payloadLength ?? inside.length),
          [options.nextHeader ?? next.protocol, 64],
          source,
          destination,
          inside,
        ]),
    };
    return this.#with(
      layer,
      (protocol, size) => concat([source, destination, uint32(size), [0, 0, 0, protocol]]),
    );
  }

  /** RFC 8200, 4.3 */
  hopByHop(options: ExtensionOptions = {}): Frame {
    return this.#with(extensionHeader(0, options));
  }

  /** RFC 8200, 4.4 */
  routing(options: ExtensionOptions = {}): Frame {
    return this.#with(extensionHeader(43, options));
  }

  /** RFC 8200, 4.6 */
  destinationOptions(options: ExtensionOptions = {}): Frame {
    return this.#with(extensionHeader(60, options));
  }

  /** RFC 8200, 4.5 */
  fragment(options: FragmentOptions = {}): Frame {
    return this.#with({
      names: { etherType: 0, protocol: 44 },
      wrap: (inside, next) =>
        concat([
          [options.nextHeader ?? next.protocol, 0],
          uint16((options.offset ?? 0) | (options.more ? 1 : 0)),
          uint32(options.identification ?? 1),
          inside,
        ]),
    });
  }

  /** RFC 4302, 2, with an integrity check value of 12 bytes */
  authentication(): Frame {
    return this.#with({
      names: { etherType: 0, protocol: 51 },
      wrap: (inside, next) => concat([[next.protocol, 4, 0, 0], new Uint8Array(20), inside]),
    });
  }

  tcp(options: TcpOptions = {}): Frame {
    const more = options.options ?? new Uint8Array(0);
    return this.#checked({ protocol: 6, checksumOffset: 16 }, (inside) =>
      concat([
        uint16(options.sourcePort ?? 40000),
        uint16(options.destinationPort ?? 443),
        uint32(options.sequence ?? 1),
        uint32(options.acknowledgment ?? 1),
        [(options.headerLength ?? 5 + more.length / 4) << 4, tcpFlags(options.flags ?? "A")],
        uint16(65535),
        uint16(0),
        uint16(0),
        more,
        inside,
      ]));
  }

  udp(options: UdpOptions = {}): Frame {
    return this.#checked({ protocol: 17, checksumOffset: 6 }, (inside) =>
      concat([
        uint16(options.sourcePort ?? 40000),
        uint16(options.destinationPort ?? 443),
        uint16(options.length ?? 8 + inside.length),
        uint16(0),
        inside,
      ]));
  }

  icmp({ type, code = 0 }: IcmpOptions): Frame {
    return this.#with({
      names: { etherType: 0, protocol: 1 },
      wrap: (inside) => {
        const message = concat([[type, code, 0, 0, 0, 1, 0, 1], inside]);
        message.set(uint16(checksum(message)), 2);
        return message;
      },
    });
  }

  icmpv6({ type, code = 0 }: IcmpOptions): Frame {
    return this.#checked(
      { protocol: 58, checksumOffset: 2 },
      (inside) => concat([[type, code, 0, 0, 0, 1, 0, 1], inside]),
    );
  }

  /** The header of any other protocol: its first bytes. */
  protocol(number: number, header: Uint8Array = new Uint8Array(0)): Frame {
    return this.#with({
      names: { etherType: 0, protocol: number },
      wrap: (inside) => concat([header, inside]),
    });
  }

  /** A PPPoE session header (RFC 2516, 4) and the PPP protocol field. */
  pppoe(options: { readonly code?: number; readonly pppProtocol?: number } = {}): Frame {
    return this.#with({
      names: { etherType: ETHERTYPE.pppoe, protocol: 0 },
      wrap: (inside, next) =>
        concat([
          [0x11, options.code ?? 0],
          uint16(1),
          uint16(2 + inside.length),
          uint16(options.pppProtocol ?? (next.etherType === ETHERTYPE.ipv6 ? 0x0057 : 0x0021)),
          inside,
        ]),
    });
  }

  /** What the innermost header carries; text as UTF-8. */
  payload(bytes: Uint8Array | string): Frame {
    const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    return this.#with({ names: PAYLOAD_NAMES, wrap: (inside) => concat([content, inside]) });
  }

  #with(layer: Layer, pseudoHeader = this.#pseudoHeader): Frame {
    return new Frame(this.linkType, [...this.#layers, layer], pseudoHeader);
  }

  /** A layer whose checksum covers the pseudo header, itself with the checksum 0, and what it carries. */
  #checked(
    { protocol, checksumOffset }: { protocol: number; checksumOffset: number },
    build: (inside: Uint8Array) => Uint8Array,
  ): Frame {
    return this.#with({
      names: { etherType: 0, protocol },
      wrap: (inside) => {
        const segment = build(inside);
        const sum = checksum(concat([this.#pseudoHeader(protocol, segment.length), segment]));
        segment.set(uint16(sum), checksumOffset);
        return segment;
      },
    });
  }
}

export function ethernet(options: LinkOptions = {}): Frame {
  const { vlan = [], vlanTypes = [] } = options;
  return linkFrame(LINK_TYPE.ethernet, (inside, next) => {
    const tags = vlan.map((id, i) => [...uint16(vlanTypes[i] ?? 0x8100), ...uint16(id)]);
    return concat([
      macBytes(options.destination ?? "02:00:00:00:00:02"),
      macBytes(options.source ?? "02:00:00:00:00:01"),
      tags.flat(),
      uint16(options.etherType ?? next.etherType),
      inside,
      options.padding ?? [],
    ]);
  });
}

/** The Linux cooked header; `addressLength` is that of the sender's address. */
export function cookedV1(options: LinkOptions & { readonly addressLength?: number } = {}): Frame {
  return linkFrame(LINK_TYPE.cookedV1, (inside, next) =>
    concat([
      uint16(0),
      uint16(1),
      uint16(options.addressLength ?? 6),
      macBytes(options.source ?? "02:00:00:00:00:01"),
      uint16(0),
      uint16(options.etherType ?? next.etherType),
      inside,
    ]));
}

/** The Linux cooked header, version 2. */
export function cookedV2(options: LinkOptions & { readonly addressLength?: number } = {}): Frame {
  return linkFrame(LINK_TYPE.cookedV2, (inside, next) =>
    concat([
      uint16(options.etherType ?? next.etherType),
      uint16(0),
      uint32(3),
      uint16(1),
      [0, options.addressLength ?? 6],
      macBytes(options.source ?? "02:00:00:00:00:01"),
      uint16(0),
      inside,
    ]));
}

/** No link header. */
export function raw(): Frame {
  return new Frame(LINK_TYPE.raw);
}

/** BSD null: the address family in the byte order of the machine that captured. `ipv6Family` is 10, 24, 28 or 30. */
export function bsdNull(
  { littleEndian = true, ipv6Family = 30 }: { littleEndian?: boolean; ipv6Family?: number } = {},
): Frame {
  return linkFrame(LINK_TYPE.null, (inside, next) => {
    const family = uint32(next.etherType === ETHERTYPE.ipv6 ? ipv6Family : 2);
    return concat([littleEndian ? family.toReversed() : family, inside]);
  });
}

/** OpenBSD loop: as null, always in network byte order. */
export function loop(): Frame {
  return linkFrame(
    LINK_TYPE.loop,
    (inside, next) => concat([uint32(next.etherType === ETHERTYPE.ipv6 ? 24 : 2), inside]),
  );
}

/** PPP: with address and control or without, and its protocol in two bytes or in one. */
export function ppp({ isShort = false, hasAddress = true } = {}): Frame {
  return linkFrame(LINK_TYPE.ppp, (inside, next) => {
    const protocol = uint16(next.etherType === ETHERTYPE.ipv6 ? 0x0057 : 0x0021);
    const address = hasAddress ? [0xff, 0x03] : [];
    return concat([address, isShort ? protocol.slice(1) : protocol, inside]);
  });
}

/** A link on which frames begin with the PPPoE header. */
export function pppoeLink(): Frame {
  return new Frame(LINK_TYPE.pppoe).pppoe();
}

function linkFrame(linkType: number, wrap: Layer["wrap"]): Frame {
  return new Frame(linkType, [{ names: PAYLOAD_NAMES, wrap }]);
}

function extensionHeader(protocol: number, options: ExtensionOptions): Layer {
  const { length = 8, lengthField = length / 8 - 1 } = options;
  // PadN (RFC 8200, 4.2) in options; in a routing header the same bytes are a type without segments left.
  const content = new Uint8Array(length - 2);
  content.set(protocol === 43 ? [253, 0] : [1, length - 4]);
  return {
    names: { etherType: 0, protocol },
    wrap: (inside, next) =>
      concat([[options.nextHeader ?? next.protocol, lengthField], content, inside]),
  };
}

function tcpFlags(letters: string): number {
  return [...letters].reduce((bits, letter) => bits | 1 << "FSRPAUEC".indexOf(letter), 0);
}

function addressBytes(text: string): number[] {
  return ipaddr.parse(text).toByteArray();
}

function macBytes(text: string): number[] {
  return text.split(":").map((byte) => parseInt(byte, 16));
}

function uint16(value: number): number[] {
  return [value >> 8 & 0xff, value & 0xff];
}

function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value)];
}

/** The ones' complement sum of RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i] << 8 | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function concat(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
