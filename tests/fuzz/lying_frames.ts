/** Frames whose headers lie about lengths, versions and what comes next, as fast-check builds them. */

import fc from "fast-check";
import {
  bsdNull,
  cookedV1,
  cookedV2,
  ethernet,
  type Frame,
  loop,
  pppoeLink,
  raw,
} from "../capture/frame_builder.ts";
import { PARSERS } from "./parsers.ts";

const V4 = fc.record({
  source: fc.constantFrom("192.168.1.20", "93.184.216.34", "0.0.0.0", "255.255.255.255"),
  destination: fc.constantFrom("192.168.1.20", "93.184.216.34", "224.0.0.251"),
  version: fc.option(fc.nat(15), { freq: 8, nil: undefined }),
  headerLength: fc.option(fc.nat(15), { freq: 4, nil: undefined }),
  totalLength: fc.option(fc.nat(0xffff), { freq: 4, nil: undefined }),
  protocol: fc.option(fc.nat(255), { freq: 6, nil: undefined }),
  fragmentOffset: fc.option(fc.nat(0x1fff).map((units) => units * 8), { freq: 4, nil: undefined }),
  moreFragments: fc.boolean(),
});
const V6 = fc.record({
  source: fc.constantFrom("2001:db8::20", "fe80::1", "::", "ff02::fb"),
  destination: fc.constantFrom("2606:2800:220:1::1946", "ff02::1:2"),
  payloadLength: fc.option(fc.nat(0xffff), { freq: 4, nil: undefined }),
  nextHeader: fc.option(fc.nat(255), { freq: 6, nil: undefined }),
});
const lengthField = fc.option(fc.nat(255), { freq: 3, nil: undefined });

const link: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    vlan: fc.array(fc.nat(4095), { maxLength: 4 }),
    etherType: fc.option(fc.nat(0xffff), { freq: 8, nil: undefined }),
  }).map((options) => ethernet(options)),
  fc.constantFrom(cookedV1(), cookedV2(), raw(), bsdNull(), loop(), pppoeLink()),
);
const extensions: fc.Arbitrary<(frame: Frame) => Frame> = fc.array(
  fc.tuple(fc.constantFrom("hopByHop", "routing", "destinationOptions"), lengthField),
  { maxLength: 4 },
).map((list) => (frame) =>
  list.reduce((frame, [kind, lengthField]) => frame[kind as "routing"]({ lengthField }), frame)
);
const ip: fc.Arbitrary<(frame: Frame) => Frame> = fc.oneof(
  V4.map((options) => (frame: Frame) => frame.ipv4(options)),
  fc.tuple(V6, extensions).map(([options, extend]) => (frame: Frame) =>
    extend(frame.ipv6(options))
  ),
  fc.tuple(V6, fc.nat(0x1fff), fc.boolean()).map(([options, units, more]) => (frame: Frame) =>
    frame.ipv6(options).fragment({ offset: units * 8, more })
  ),
);
const PORTS = fc.constantFrom(53, 67, 68, 80, 137, 443, 546, 547, 5353, 5355, 40_000);
const transport: fc.Arbitrary<(frame: Frame) => Frame> = fc.oneof(
  fc.record({
    sourcePort: PORTS,
    destinationPort: PORTS,
    flags: fc.constantFrom("S", "SA", "A", "PA", "FA", "R", "FSRPAUEC"),
    sequence: fc.nat(0xffffffff),
    headerLength: fc.option(fc.nat(15), { freq: 4, nil: undefined }),
  }).map((options) => (frame: Frame) => frame.tcp(options)),
  fc.record({
    sourcePort: PORTS,
    destinationPort: PORTS,
    length: fc.option(fc.nat(0xffff), { freq: 4, nil: undefined }),
  }).map((options) => (frame: Frame) => frame.udp(options)),
  fc.record({ type: fc.nat(255), code: fc.nat(255) })
    .map((options) => (frame: Frame) => frame.icmp(options)),
  fc.nat(255).map((number) => (frame: Frame) => frame.protocol(number)),
);
const payload = fc.oneof(
  fc.constantFrom(...PARSERS.flatMap(({ wholes }) => wholes)),
  fc.uint8Array({ maxLength: 64 }),
);

/** All kinds of them. */
export const lyingFrames: fc.Arbitrary<Frame> = fc.tuple(link, ip, transport, payload)
  .map(([link, ip, transport, payload]) => transport(ip(link)).payload(payload));
