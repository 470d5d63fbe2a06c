/** What it costs to get packets out of a file and into memory. */

import { PcapHandle } from "../../../capture/source/libpcap.ts";
import { ethernet } from "../frame_builder.ts";
import { pcapFile } from "../pcap_records.ts";

const PACKETS = 100_000;
const frame = ethernet()
  .ipv4({ source: "192.168.1.20", destination: "93.184.216.34" })
  .udp().payload("x".repeat(200));
const file = pcapFile(new Array(PACKETS).fill({ frame: frame.bytes }));
globalThis.addEventListener("unload", () => file[Symbol.dispose]());

Deno.bench("100,000 packets of 242 bytes from a file, batch by batch", () => {
  using handle = PcapHandle.openFile(file.path);
  while (handle.readBatch().then === "more");
});
