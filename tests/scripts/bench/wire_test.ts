import { flowFrames, madeUpFlows, withScan } from "../../../scripts/bench/made_up_flows.ts";
import { INTERFACE, Wire } from "../../../scripts/bench/wire.ts";
import { assert, assertEquals } from "../../assert.ts";
import { lacksLibpcap } from "../../capture/source/lacks_libpcap.ts";
import { pcapFile } from "../../capture/pcap_records.ts";
import { whyNoNamespaces } from "../../namespaces_missing.ts";
import { lacks, testWhen } from "../../skip.ts";

const MISSING = lacks({ root: true, commands: ["ip", "unshare", "nsenter", "tcpdump"] }) ??
  lacksLibpcap() ?? await whyNoNamespaces(Wire.open);

testWhen(
  MISSING,
  "the sender sends what it says, and each packet of a scan is a new flow",
  async () => {
    using file = pcapFile(withScan(flowFrames(madeUpFlows(90))).map((frame) => ({ frame })));
    await using wire = await Wire.open();
    const scanner = ["host", "192.168.1.250"];
    const reader = wire.start(["tcpdump", "-lnn", "--immediate-mode", "-i", INTERFACE, ...scanner]);
    await reader.said("listening on");
    const sent = await wire.send(file.path, { perSecond: 2000, seconds: 1 });
    assert(sent.packets > 100 && sent.packets <= 2000, `${sent.packets} packets`);
    assertEquals(wire.arrived().packets, sent.packets);

    const scanned = Math.floor(sent.packets / 10);
    await reader.until("the scan", () => reader.stdout.length === scanned);
    const flows = reader.stdout.map((line) => / IP (\S+ > \S+): Flags \[S\]/.exec(line)![1]);
    assertEquals(new Set(flows).size, scanned);
  },
);
