import { assertEquals } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import { pcapFile } from "./pcap_records.ts";
import { SAMPLE_FRAMES } from "./sample_frames.ts";
import { tsharkFields } from "./tshark.ts";

const CHECKSUM_FIELDS = [
  "ip.checksum.status",
  "tcp.checksum.status",
  "udp.checksum.status",
  "icmp.checksum.status",
  "icmpv6.checksum.status",
];
const BAD = "0";
const CHECK_ALL = ["ip.check_checksum", "tcp.check_checksum", "udp.check_checksum"]
  .flatMap((setting) => ["-o", `${setting}:TRUE`]);
/** A datagram in fragments that do not all come is cut short for tshark: that is no fault of theirs. */
const NO_REASSEMBLY = ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"];

testWhen(
  lacks({ commands: ["tshark"] }),
  "`Frame` gives frames in which tshark finds no fault",
  async () => {
    for (const linkType of new Set(SAMPLE_FRAMES.map(([, frame]) => frame.linkType))) {
      const samples = SAMPLE_FRAMES.filter(([, frame]) => frame.linkType === linkType);
      using file = pcapFile(samples.map(([, frame]) => ({ frame })), { linkType });
      const rows = await tsharkFields(file.path, {
        fields: ["_ws.malformed", "frame.protocols", ...CHECKSUM_FIELDS],
        args: [...CHECK_ALL, ...NO_REASSEMBLY],
      });
      samples.forEach(([name], i) => {
        const [malformed, protocols, ...checksums] = rows[i];
        assertEquals(malformed, "", `${name}: ${protocols}`);
        assertEquals(checksums.includes(BAD), false, `${name}: ${protocols} ${checksums}`);
      });
    }
  },
);
