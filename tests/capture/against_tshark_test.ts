/** The decoders and the Community ID against tshark, on captures of real and hostile traffic. */

import { assertEquals, assertGreater } from "../assert.ts";
import { capturePaths, lacksCaptures } from "../captures.ts";
import { mergedCaptures } from "../merged_captures.ts";
import { lacks, testWhen } from "../skip.ts";
import { type AddressWords, formatAddress } from "../../capture/address/address.ts";
import { communityId } from "../../capture/flow/community_id.ts";
import { Decoded } from "../../capture/decode/decode.ts";
import type { Packet } from "../../capture/decode/packet.ts";
import { icmpHasCounterpart } from "../../capture/decode/transport.ts";
import { lacksLibpcap } from "./source/lacks_libpcap.ts";
import { readPackets } from "./source/read_packets.ts";
import { tsharkFields } from "./tshark.ts";

const MISSING = lacksLibpcap() ?? lacksCaptures() ?? lacks({ commands: ["tshark", "mergecap"] });
const FIELDS = [
  "frame.protocols",
  "ip.src",
  "ip.dst",
  "ip.len",
  "ipv6.src",
  "ipv6.dst",
  "ipv6.plen",
  "tcp.srcport",
  "tcp.dstport",
  "udp.srcport",
  "udp.dstport",
  "communityid",
] as const;
/** What tshark says of a frame; "" for what it does not have. */
type Said = Record<typeof FIELDS[number], string>;

/** Link headers that tshark reads and this program does not: Cisco FabricPath. */
const NOT_READ = "cfp";

/** Calls `compare` with each frame, as an IP packet if it is one, and what tshark says of it. */
async function compareAll(
  compare: (packet: Packet | undefined, said: Said, what: string) => void,
): Promise<void> {
  using merged = mergedCaptures(capturePaths());
  const rows = await tsharkFields(merged.path, {
    fields: FIELDS,
    args: [
      ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"],
      ...["--enable-protocol", "communityid"],
    ],
  });
  let frames = 0;
  for (const path of capturePaths()) {
    let numberInFile = 0;
    readPackets(path, (packet, decoded) => {
      const row = rows[frames++];
      const said = Object.fromEntries(FIELDS.map((field, i) => [field, row[i]])) as Said;
      const what = `${path}, frame ${++numberInFile}, ${said["frame.protocols"]}`;
      compare(decoded === Decoded.Ip ? packet : undefined, said, what);
    });
  }
  assertEquals(frames, rows.length);
}

function source(packet: Packet): AddressWords {
  return [packet.source0, packet.source1, packet.source2, packet.source3];
}

function destination(packet: Packet): AddressWords {
  return [
    packet.destination0,
    packet.destination1,
    packet.destination2,
    packet.destination3,
  ];
}

function isIpLayer(name: string): boolean {
  return name === "ip" || name === "ipv6";
}

testWhen(MISSING, "`decode()` reads every IP header and port as tshark does", async () => {
  await compareAll((packet, said, what) => {
    const protocols = said["frame.protocols"].split(":");
    const outerIp = protocols.findIndex(isIpLayer);
    const isReadable = outerIp >= 0 && !protocols.includes(NOT_READ);
    assertEquals(packet !== undefined, isReadable, what);
    if (packet === undefined) return;

    const isIpv4 = protocols[outerIp] === "ip";
    const length = isIpv4 ? Number(said["ip.len"]) : 40 + Number(said["ipv6.plen"]);
    assertEquals(packet.ipLength, length, what);
    assertEquals(formatAddress(source(packet)), said[isIpv4 ? "ip.src" : "ipv6.src"], what);
    assertEquals(formatAddress(destination(packet)), said[isIpv4 ? "ip.dst" : "ipv6.dst"], what);

    const transport = protocols.slice(outerIp + 1).find((name) => !name.startsWith("ipv6."));
    if (transport !== "tcp" && transport !== "udp") return;
    assertEquals(packet.sourcePort, Number(said[`${transport}.srcport`]), what);
    assertEquals(packet.destinationPort, Number(said[`${transport}.dstport`]), what);
  });
});

testWhen(MISSING, "`communityId()` gives each packet the text that tshark gives", async () => {
  let compared = 0;
  await compareAll((packet, said, what) => {
    // tshark names a tunnel by what is inside, and some packets without ports not at all.
    const isTunnel = said["frame.protocols"].split(":").filter(isIpLayer).length > 1;
    if (packet === undefined || isTunnel || said.communityid === "") return;
    compared++;

    const { protocol, hasTransport, sourcePort, destinationPort } = packet;
    const isIcmp = protocol === 1 || protocol === 58;
    const id = communityId({
      protocol,
      source: source(packet),
      destination: destination(packet),
      sourcePort: hasTransport ? sourcePort : undefined,
      destinationPort: hasTransport ? destinationPort : undefined,
      oneWay: hasTransport && isIcmp && !icmpHasCounterpart(protocol, sourcePort),
    });
    assertEquals(id, said.communityid, what);
  });
  assertGreater(compared, 40_000);
});
