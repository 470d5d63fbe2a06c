/**
 * Floods: frames of which each is another one when it is sent. A frame's source MAC address says which flood it is of, and
 * that what changes in it. Checksums of frames that change are not true; nobody asks for them on this cable.
 */

import { hostAnswer } from "../../tests/capture/devices/hear.ts";
import { dhcpMessage, hostName, requestedAddress } from "../../tests/capture/devices/build_dhcp.ts";
import { answerBytes } from "../../tests/capture/dns/dns_message.ts";
import { ethernet, type Frame } from "../../tests/capture/frame_builder.ts";
import { cryptoFrame, initialPacket } from "../../tests/capture/quic/build_quic.ts";
import { clientHello, tlsRecords } from "../../tests/capture/tls/build_client_hello.ts";

/** Makes of the frame that begins at `frame` in `bytes` number `n` of its flood, all of the rest being as it was. */
export type Renew = (bytes: Uint8Array, frame: number, n: number) => void;

/** A frame of a flood, and what makes it another. */
interface Flood {
  readonly frame: Frame;
  readonly renew: Renew;
}

/** Who floods; its MAC address ends with the flood's number. */
const FLOODER = "192.168.1.250";
const MAC_HEAD = [0x02, 0x00, 0x00, 0x00, 0xff];
/** Five-tuples that `tuples` goes round. */
const TUPLES = 320_000;

/** Offsets in Ethernet frames without tags, IPv4 without options. */
const SOURCE_MAC = 6;
const IPV4_ID = 14 + 4;
const IPV4_SOURCE = 14 + 12;
const IPV4_DESTINATION = 14 + 16;
const IPV6_SOURCE = 14 + 8;
const IPV6_DESTINATION = 14 + 24;
const PORTS = 14 + 20;
const PAYLOAD_OF_UDP = 14 + 20 + 8;

/** Digits that stand where a name is counted on. */
const DIGITS = "00000000";
const QUIC_CONNECTION_ID = PAYLOAD_OF_UDP + 6;
const DHCP_CLIENT_MAC = PAYLOAD_OF_UDP + 28;

let numbered = 0;

/** All of them, the number of each being its place in the list. */
export const FLOODS = {
  /** A device that tries ports of ever new addresses. */
  scan: flood(
    (mac) => ipv4(mac).tcp({ sourcePort: 40_000, destinationPort: 0x8000, flags: "S" }),
    (bytes, frame, n) => {
      bytes[frame + IPV4_DESTINATION] = 20 + n % 60; // none of these networks is private
      put(bytes, frame + IPV4_DESTINATION + 1, n >>> 6, 3);
      put(bytes, frame + PORTS + 2, 0x8000 | n & 0x3fff, 2);
    },
  ),
  /** One device and 320,000 five-tuples, again and again. */
  tuples: flood((mac) => ipv4(mac).udp({ destinationPort: 0x8000 }), (bytes, frame, n) => {
    put(bytes, frame + IPV4_DESTINATION + 1, n % TUPLES >>> 6, 3);
    put(bytes, frame + PORTS + 2, 0x8000 | n & 63, 2);
  }),
  /** SYNs with invented sources, to one server. */
  sources: flood((mac) => ipv4(mac).tcp({ flags: "S" }), (bytes, frame, n) => {
    put(bytes, frame + IPV4_SOURCE, mixed(n), 4);
    put(bytes, frame + PORTS, 1024 + n % 60_000, 2);
  }),
  /** Datagrams of invented devices: MAC addresses, and addresses of the network. */
  macs: flood((mac) => ipv4(mac).udp({ destinationPort: 0x8000 }), (bytes, frame, n) => {
    put(bytes, frame + SOURCE_MAC + 2, mixed(n), 4);
    put(bytes, frame + IPV4_SOURCE, 0x0a000000 | n & 0xffffff, 4);
    put(bytes, frame + PORTS, 1024 + n % 60_000, 2);
  }),
  /** The same in IPv6, to invented addresses too. */
  ipv6: flood(
    (mac) =>
      ethernet({ source: mac }).ipv6({ source: "2001:db8::1", destination: "2a00:1450::1" })
        .tcp({ flags: "S" }),
    (bytes, frame, n) => {
      put(bytes, frame + IPV6_SOURCE + 8, mixed(n), 4);
      put(bytes, frame + IPV6_SOURCE + 12, n, 4);
      put(bytes, frame + IPV6_DESTINATION + 12, mixed(~n), 4);
    },
  ),
  /** Answers of DNS that nobody asked for, of ever new names and addresses. */
  dns: flood(
    (mac) =>
      ipv4(mac, "9.9.9.8", "192.168.1.249").udp({ sourcePort: 53 }).payload(answerBytes({
        queriedName: `${DIGITS}.example.net`,
        answers: [{ type: "A", name: `${DIGITS}.example.net`, data: "20.0.0.1" }],
      })),
    (bytes, frame, n, digits) => {
      putDigits(bytes, frame, n, digits);
      put(bytes, frame + PORTS + 2, 1024 + n % 60_000, 2);
    },
  ),
  /** First halves of ClientHellos, each of a connection of its own. */
  hellos: flood(
    (mac) =>
      ipv4(mac).tcp({ flags: "PA" }).payload(
        tlsRecords(clientHello({ serverName: "half.example.net", length: 600 })).subarray(0, 300),
      ),
    (bytes, frame, n) => {
      put(bytes, frame + IPV4_DESTINATION + 1, n >>> 8, 3);
      put(bytes, frame + PORTS, 0x8000 | n & 0xff, 2);
    },
  ),
  /** QUIC Initials, each of a connection of its own: whoever opens one derives its keys first. */
  initials: flood(
    (mac) =>
      ipv4(mac).udp().payload(
        initialPacket({ frames: cryptoFrame(0, clientHello({ serverName: "q.example.net" })) }),
      ),
    (bytes, frame, n) => {
      put(bytes, frame + QUIC_CONNECTION_ID, n, 4);
      put(bytes, frame + IPV4_DESTINATION + 1, n >>> 8, 3);
      put(bytes, frame + PORTS, 0x8000 | n & 0xff, 2);
    },
  ),
  /** First fragments of packets whose others never come. */
  fragments: flood(
    (mac) =>
      ethernet({ source: mac }).ipv4({
        source: FLOODER,
        destination: "20.0.0.1",
        moreFragments: true,
      }).udp().payload("x".repeat(24)),
    (bytes, frame, n) => {
      put(bytes, frame + IPV4_ID, n, 2);
      put(bytes, frame + IPV4_DESTINATION + 1, n >>> 16, 3);
    },
  ),
  /** Requests of DHCP by ever new devices, each with a name. */
  dhcp: flood(
    (mac) =>
      ipv4(mac, "0.0.0.0", "255.255.255.255").udp({ sourcePort: 68, destinationPort: 67 })
        .payload(dhcpMessage({
          type: 3,
          options: [requestedAddress("192.168.1.99"), hostName(`d-${DIGITS}`)],
        })),
    (bytes, frame, n, digits) => {
      putDigits(bytes, frame, n, digits);
      put(bytes, frame + SOURCE_MAC + 2, n, 4);
      put(bytes, frame + DHCP_CLIENT_MAC + 2, n, 4);
    },
  ),
  /** Answers of mDNS by ever new devices about themselves. */
  mdns: flood(
    (mac) =>
      ipv4(mac, "192.168.1.99", "224.0.0.251").udp({ sourcePort: 5353, destinationPort: 5353 })
        .payload(hostAnswer([[`m-${DIGITS}.local`, "192.168.1.99"]])),
    (bytes, frame, n, digits) => {
      putDigits(bytes, frame, n, digits);
      put(bytes, frame + SOURCE_MAC + 2, n, 4);
      put(bytes, frame + IPV4_SOURCE + 2, n, 2);
    },
  ),
} as const satisfies Record<string, Flood>;

/** What makes a frame another; `undefined` when it is of no flood. */
export function renewalOf(frame: Uint8Array): Renew | undefined {
  if (!MAC_HEAD.every((byte, i) => frame[SOURCE_MAC + i] === byte)) return undefined;
  return Object.values<Flood>(FLOODS)[frame[SOURCE_MAC + 5] - 1]?.renew;
}

function flood(
  build: (mac: string) => Frame,
  renew: (bytes: Uint8Array, frame: number, n: number, digits: readonly number[]) => void,
): Flood {
  const frame = build(`02:00:00:00:ff:${(++numbered).toString(16).padStart(2, "0")}`);
  const digits = digitsIn(frame.bytes);
  return { frame, renew: (bytes, at, n) => renew(bytes, at, n, digits) };
}

function ipv4(mac: string, source = FLOODER, destination = "20.0.0.1"): Frame {
  return ethernet({ source: mac }).ipv4({ source, destination });
}

/** In network byte order. */
function put(bytes: Uint8Array, at: number, value: number, length: number): void {
  for (let i = at + length - 1; i >= at; i--) {
    bytes[i] = value;
    value >>>= 8;
  }
}

/** In hex, wherever the frame was built with `DIGITS`. */
function putDigits(bytes: Uint8Array, frame: number, n: number, digits: readonly number[]): void {
  for (const at of digits) {
    for (let i = 0; i < DIGITS.length; i++) {
      bytes[frame + at + i] = "0123456789abcdef".charCodeAt(n >>> 28 - 4 * i & 15);
    }
  }
}

function digitsIn(frame: Uint8Array): number[] {
  const zero = DIGITS.charCodeAt(0);
  const isAt = (at: number) => frame.subarray(at, at + DIGITS.length).every((b) => b === zero);
  return Array.from({ length: Math.max(0, frame.length - DIGITS.length) }, (_, at) => at)
    .filter((at) => at >= PAYLOAD_OF_UDP && isAt(at));
}

/** A number that looks like none before: the finalizer of MurmurHash3, which gives each 32-bit number another. */
function mixed(n: number): number {
  n = Math.imul(n ^ n >>> 16, 0x85ebca6b);
  n = Math.imul(n ^ n >>> 13, 0xc2b2ae35);
  return n ^ n >>> 16;
}
