/** `read -` from a pipe whose writer takes its time. */

import { ethernet } from "../capture/frame_builder.ts";
import { lacksLibpcap } from "../capture/source/lacks_libpcap.ts";
import { pcapFile, START_US } from "../capture/pcap_records.ts";
import { assertEquals } from "../assert.ts";
import { PROGRAM } from "../program.ts";
import { testWhen } from "../skip.ts";

const MINUTES_US = 60e6;
const PACKETS = 200;

testWhen(
  lacksLibpcap(),
  "`read -` gives the records that are due while its writer pauses, however many packets came at once",
  async () => {
    // Each ends the flow before it.
    using file = pcapFile(Array.from({ length: PACKETS }, (_, i) => ({
      frame: ethernet().ipv4({ source: "192.168.1.20", destination: "9.9.9.9" })
        .udp({ sourcePort: 1024 + i, destinationPort: 9 }),
      timeUs: START_US + i * 2 * MINUTES_US,
    })));
    const [program, ...args] = PROGRAM;
    const child = new Deno.Command(program, {
      args: [...args, "read", "-"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const limit = setTimeout(() => child.kill(), 10_000);
    const writer = child.stdin.getWriter();
    await writer.write(await Deno.readFile(file.path));
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    let records = "";
    for await (const text of lines.values({ preventCancel: true })) {
      records += text;
      if (lineCount(records) >= PACKETS - 1) break;
    }
    clearTimeout(limit);
    assertEquals(lineCount(records), PACKETS - 1, "what was due did not come");
    await writer.close();
    for await (const text of lines) records += text;
    assertEquals(lineCount(records), PACKETS);
    assertEquals((await child.status).code, 0);
  },
);

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}
